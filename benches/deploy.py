#!/usr/bin/env python3
"""deploy.py DIR [--banyan target/quick/banyan] [--beside aws|rclone]: what a deploy costs, beside `aws s3 sync` on the same tree.

Makes the demonstration platform of 377 sites in DIR/platform (unless it is there), builds it, starts a SeaweedFS S3 server on
loopback (tests/tools.sh installs it), and measures: a first deploy, one with nothing changed and one after the title of an
article changed, with the objects each read and wrote; and the same three steps of `aws s3 sync` (PyPI awscli) or `rclone sync` (Debian) on the output
folder of the same builds. Prints seconds and ratios, and ends where more objects were touched than the change is worth.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent.parent
CLOCK = ["--clock", "2026-11-30T08:00:00+08:00"]
KEYS = {"AWS_ACCESS_KEY_ID": "benchid", "AWS_SECRET_ACCESS_KEY": "benchsecret", "AWS_DEFAULT_REGION": "us-east-1"}


def free():
    while True:
        with socket.socket() as a:
            a.bind(("127.0.0.1", 0))
            port = 20_000 + a.getsockname()[1] % 25_000
        try:
            for p in (port, port + 10_000):
                with socket.socket() as b:
                    b.bind(("127.0.0.1", p))
            return port
        except OSError:
            pass


def server(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    identity = dict(name="t", credentials=[dict(accessKey=KEYS["AWS_ACCESS_KEY_ID"], secretKey=KEYS["AWS_SECRET_ACCESS_KEY"])],
                    actions=["Admin", "Read", "Write", "List", "Tagging"])
    config = folder / "s3.json"
    config.write_text(json.dumps(dict(identities=[identity])))
    ports = [free() for _ in range(4)]
    names = ["-master.port", "-volume.port", "-filer.port", "-s3.port"]
    command = [str(HERE / "tests/py/bin/weed"), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-filer", f"-dir={folder}",
               f"-s3.config={config}", "-master.telemetry=false", "-volume.max=0", "-master.volumeSizeLimitMB=512", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    process = subprocess.Popen(command + [f"{n}={p}" for n, p in zip(names, ports)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        time.sleep(0.2)
        try:
            for bucket in ("banyan", "sync"):
                post = urllib.request.Request(f"http://127.0.0.1:{ports[2]}/buckets/{bucket}/", method="POST")
                try:
                    urllib.request.urlopen(post, timeout=5).read()
                except urllib.error.HTTPError as e:
                    if e.code != 409:
                        raise
                # The first objects wait until there is a volume for them.
                probe = urllib.request.Request(f"http://127.0.0.1:{ports[2]}/buckets/{bucket}/.probe", data=b"x", method="PUT")
                urllib.request.urlopen(probe, timeout=5).read()
            with socket.create_connection(("127.0.0.1", ports[3]), 1):
                return process, f"http://127.0.0.1:{ports[3]}"
        except OSError:
            pass
    process.kill()
    sys.exit("the S3 server does not come up")


def timed(name, command, **more):
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | KEYS, text=True, **more)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"{name}: exit {done.returncode}\n{done.stderr[-2000:]}{done.stdout[-2000:]}")
    print(f"  {name}: {seconds:.2f} s", flush=True)
    return seconds, done.stdout


def retitle(root):
    """The newest item of the site with the most files; its title is new."""
    folders = sorted((root / "content").iterdir(), key=lambda f: -sum(1 for _ in f.rglob("*.md")))
    item = max(folders[0].rglob("2*/*.md"), key=str)
    text = item.read_text()
    item.write_text(re.sub(r"(?m)^title: .*$", f'title: "改过的标题 {time.time_ns()}"', text, count=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--banyan", default=str(HERE / "target/quick/banyan"), help="built with --features cloud")
    parser.add_argument("--generator", help="the example `guangxi`; default: beside --banyan")
    parser.add_argument("--layout", default="plain", choices=["plain", "releases"])
    parser.add_argument("--beside", default="aws", choices=["aws", "rclone"])
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    venv = HERE / "tests/py/bin" / args.beside
    other = str(venv) if venv.exists() else shutil.which(args.beside)
    if not other:
        sys.exit(f"{args.beside} is not installed: sh tests/tools.sh servers")
    root = (args.dir / "platform").resolve()
    if not root.exists():
        example = args.generator or pathlib.Path(args.banyan).resolve().parent / "examples/guangxi"
        subprocess.run([example, root], check=True, stdout=subprocess.DEVNULL)
    folder = (args.dir / "weed").resolve()
    weed, endpoint = server(folder)
    try:
        measure(args, other, root, endpoint)
    finally:
        weed.send_signal(signal.SIGTERM)
        weed.wait()
        shutil.rmtree(folder, ignore_errors=True)


def manifests(root):
    """Names of shards and bytes of the root of each site's manifest."""
    sites = {}
    for folder in (root / ".banyan/manifests").iterdir():
        text = (folder / "manifest.json").read_bytes()
        sites[folder.name] = (text, set(json.loads(text)["shards"]))
    return sites


def expected(before, after, outputs, layout):
    """Objects that one edit may cost: outputs, shards, roots, with releases the pointers, and the record of the fleet."""
    touched = [(before[s], after[s]) for s in after if before[s][0] != after[s][0]]
    shards = sum(len(new[1] - old[1]) for old, new in touched)
    return outputs + shards + len(touched) * (2 if layout == "releases" else 1) + 1, shards, len(touched)


def measure(args, program, root, endpoint):
    config = root / "sites.toml"
    text = config.read_text().split("\n[deploy.bench]")[0]
    config.write_text(f'{text}\n[deploy.bench]\ntarget = "s3://banyan/x?endpoint={endpoint}&region=us-east-1"\nlayout = "{args.layout}"\n')
    shutil.rmtree(root / ".banyan/deploy", ignore_errors=True)
    build = lambda: subprocess.run([args.banyan, "build", "-q", "--root", root, *CLOCK], check=True)
    deploy = [args.banyan, "deploy", "bench", "--root", str(root), "--format", "json"]
    if args.beside == "aws":
        name = "aws s3 sync"
        sync = [program, "--endpoint-url", endpoint, "s3", "sync", "--only-show-errors", "--delete", "--exclude", ".*.manifest", str(root / "public"), "s3://sync/x"]
    else:
        # As many connections as a target has; sums of the content, since times would be asked for object by object.
        name = "rclone sync"
        sync = [program, "sync", str(root / "public"), ":s3:sync/x", "--s3-provider", "Other", "--s3-env-auth", "--s3-endpoint", endpoint,
                "--s3-region", "us-east-1", "--transfers", "16", "--checkers", "16", "--checksum", "--exclude", "/.*.manifest", "--fast-list", "--s3-no-check-bucket"]
    requests = lambda out: json.loads(out)["requests"]
    puts = lambda out: sum(c["op"] == "put" for s in json.loads(out)["sites"] for c in s["changes"])
    rows = []

    def row(what, ours, theirs):
        ratio = sorted(t / o for o, t in zip(ours, theirs))[len(ours) // 2]
        median = lambda all: sorted(all)[len(all) // 2]
        rows.append(f"| {what} | {median(ours):.2f} | {median(theirs):.2f} | {ratio:.1f} |")

    build()
    files = sum(1 for p in (root / "public").glob("*/**/*") if p.is_file())
    print(f"first: {files} files")
    first, out = timed("banyan", deploy)
    print(f"    {requests(out)}")
    other, _ = timed(name, sync)
    row(f"first deploy, {files:,} files", [first], [other])
    print("nothing changed")
    ours, theirs = [], []
    for at in range(args.rounds):
        ours.append(timed("banyan", deploy + ["--quiet"])[0])
        theirs.append(timed(name, sync)[0] if at == 0 else theirs[0])
    none = requests(timed("banyan", deploy)[1])
    print(f"    {none}")
    if none["read"] != 1 or none["written"] or none["deleted"]:
        sys.exit("more than the record of the fleet was read or written")
    row("nothing changed", ours, theirs)
    print("one article")
    ours, theirs = [], []
    for _ in range(args.rounds):
        before = manifests(root)
        retitle(root)
        build()
        one, out = timed("banyan", deploy)
        wanted, shards, sites = expected(before, manifests(root), puts(out), args.layout)
        print(f"    {requests(out)}: {puts(out)} outputs, {shards} shards, {sites} roots")
        written = requests(out)["written"]
        # With releases an object that two sites show is written once.
        if written > wanted or (written < wanted and args.layout == "plain"):
            sys.exit(f"{wanted} objects were to be written")
        ours.append(one)
        theirs.append(timed(name, sync)[0])
    row("one article changed", ours, theirs)
    print(f"\n| layout `{args.layout}` | banyan deploy, s | {name}, s | ratio |\n|---|---|---|---|")
    print("\n".join(rows))


main()
