#!/usr/bin/env python3
"""incremental.py DIR [--items 465000] [--records N] [--sink] [--banyan target/release/banyan]: what a build costs after an edit.

Makes the demonstration platform of that size in DIR/platform (unless it is there), commits it to git, and measures in turn: a
clean build, the bare loop that writes files of the same sizes, `git status`, a build with nothing changed, a build after
the title of one item of the largest site changed that a dozen others show too (twice: the second finds everything in memory), one after a line of the base template
did, and the deletion of a whole tree, which a clean build in the place of an old one needs too. Prints seconds of CPU and wall, peak memory, what was rendered, and the ratios. Old trees are moved aside, and deleted at the end with that of the bare loop; where the disk is too small
for four trees of 10 GB, before the last row, which is the slower for it.

With --sink the outputs are made, hashed and counted, and thrown away: for more items than the disk holds. It wants a program built
with `--features faults`. There is then neither git nor bare loop; with --base, a line of the base template, in CPU seconds.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
CLOCK = ["--clock", "2026-11-30T08:00:00+08:00"]


def run(name, command, cwd=None, quiet=True):
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL if quiet else None, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status not in (0, 4 << 8):
        sys.exit(f"{name}: exit {status >> 8}")
    row = dict(wall=time.monotonic() - start, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss / 1024)
    print(f"  {name}: {row['wall']:.1f} s wall, {row['cpu']:.1f} CPU s, {row['peak']:.0f} MB", flush=True)
    return row


def build(name, banyan, root, *more):
    row = run(name, [banyan, "build", "--quiet", "--root", str(root), *CLOCK, *more])
    report = json.loads((root / ".banyan/report.json").read_text())
    sites = report["sites"]
    for d in [d for d in report["diagnostics"] if d["severity"] == "error"][:5]:
        print(f"    {d['id']}: {d.get('site')} {d.get('args')}", flush=True)
    for key in ("outputs", "rendered", "verified", "written"):
        row[key] = sum(s[key] for s in sites)
    row["asked"] = sum(1 for s in sites if s["rendered"])
    print(f"    {row['outputs']} outputs, {row['rendered']} rendered on {row['asked']} sites, {row['written']} written")
    return row


def edit_a_title(root):
    """Of the site with the most files, the newest item that is sent to the most other sites: its title is new."""
    folders = sorted((root / "content").iterdir(), key=lambda f: -sum(1 for _ in f.rglob("*.md")))
    texts = ((path, path.read_text()) for path in folders[0].rglob("2*/**/*.md"))
    sent = lambda text: len((re.search(r"(?m)^sites: \[(.*)\]$", text) or [0, ""])[1].split(","))
    item, text = max(texts, key=lambda found: (sent(found[1]), str(found[0])))
    item.write_text(re.sub(r"(?m)^title: .*$", f'title: "改过的标题 {time.time_ns()}"', text, count=1))
    return item.relative_to(root)


def edit_the_base(root):
    """The platform has the base layer from now on, with a line more in the template of all pages."""
    shutil.copytree(HERE / "themes/base", root / "themes/base")
    page = root / "themes/base/templates/page.html"
    page.write_text(page.read_text().replace("</body>", "<!-- a line more -->\n</body>"))


def delete(tree, aside):
    """Seconds that it takes to delete a tree: what a clean build in the place of an old one needs too."""
    start, cpu = time.monotonic(), time.process_time()
    shutil.rmtree(tree)
    wall, cpu = time.monotonic() - start, time.process_time() - cpu
    print(f"  deleting the tree of the bare loop: {wall:.1f} s wall, {cpu:.1f} CPU s", flush=True)
    shutil.rmtree(aside)
    return wall


def into_the_sink(args, root):
    os.environ["BANYAN_FAULT"] = "sink"
    for name in ("public", ".banyan", "themes/base"):
        shutil.rmtree(root / name, ignore_errors=True)
    time.sleep(3)
    clean = build("clean build", args.banyan, root)
    if any(f.is_file() for f in (root / "public").glob("*/*")):
        sys.exit("outputs were written: is this program built with --features faults?")
    build("the first with everything left alone", args.banyan, root)
    nothing = build("nothing changed", args.banyan, root)
    edit_a_title(root)
    build("the first title", args.banyan, root)
    print(f"  edited: {edit_a_title(root)}")
    one = build("one title changed", args.banyan, root)
    base = None
    if args.base:
        edit_the_base(root)
        base = build("a line of the base template changed", args.banyan, root)
    print(f"\n| {args.items} items, outputs thrown away | measured |\n|---|---|")
    print(f"| clean build: CPU per 1,000 items | {clean['cpu'] / args.items * 1000:.3f} s |")
    print(f"| clean build: CPU per 1,000 outputs | {clean['cpu'] / clean['outputs'] * 1000:.3f} s |")
    print(f"| clean build: peak memory | {clean['peak']:.0f} MB |")
    print(f"| nothing changed: wall, outputs rendered | {nothing['wall']:.1f} s, {nothing['rendered']} |")
    print(f"| one title: wall, CPU, peak memory | {one['wall']:.1f} s, {one['cpu']:.1f} s, {one['peak']:.0f} MB |")
    print(f"| one title: outputs rendered, on so many sites | {one['rendered']}, {one['asked']} |")
    if base:
        print(f"| base template: CPU / clean build | {base['cpu'] / clean['cpu']:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--items", type=int, default=465_000)
    parser.add_argument("--body-bytes", type=int, default=3_900)
    parser.add_argument("--records", type=int, help="how many of the items stand in JSONL files; nine of ten if nothing is said")
    parser.add_argument("--sink", action="store_true")
    parser.add_argument("--base", action="store_true", help="with --sink: a line of the base template too")
    parser.add_argument("--banyan", default=str(HERE / "target/release/banyan"))
    args = parser.parse_args()
    if args.records is None:
        args.records = args.items // 10 * 9
    root, target = args.dir / "platform", HERE / "target/release"
    args.dir.mkdir(parents=True, exist_ok=True)
    if not root.is_dir():
        sizes = ["--items", str(args.items), "--body-bytes", str(args.body_bytes), "--records", str(args.records)]
        generator = [target / "examples/guangxi", root, *sizes]
        subprocess.run(generator, check=True)
    if args.sink:
        return into_the_sink(args, root)
    aside = args.dir / f"old-{time.time_ns()}"
    aside.mkdir()
    for name in ("public", ".banyan", "themes/base"):
        if (root / name).exists():
            (root / name).rename(aside / pathlib.Path(name).name)
    (root / ".gitignore").write_text("public/\n.banyan/\n")
    git = ["git", "-c", "user.name=B", "-c", "user.email=b@example", "-c", "core.compression=0", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-C", str(root)]
    if not (root / ".git").is_dir():
        subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "content", "--allow-empty"], check=True)
    # Times are believed of files that were left alone for two seconds.
    time.sleep(3)
    clean = build("clean build", args.banyan, root)
    # It reads the sizes first, outside of what it measures.
    loop = args.dir / f"floor-{time.time_ns()}"
    floor = [target / "examples/floor", root / "public", loop, "--sizes"]
    bare = json.loads(subprocess.check_output(floor))
    print(f"  bare loop of the same sizes: {bare['wall']:.1f} s wall, {bare['cpu']:.1f} CPU s")
    run("git status", [*git, "status", "--short"])
    build("the first with everything left alone", args.banyan, root)
    nothing = build("nothing changed", args.banyan, root)
    # The bare loop wrote as much as the page cache holds: the first edit reads from the disk what the second finds in memory.
    edit_a_title(root)
    build("one title changed, content no longer in memory", args.banyan, root)
    status = run("git status", [*git, "status", "--short"])
    print(f"  edited: {edit_a_title(root)}")
    one = build("one title changed", args.banyan, root)
    edit_the_base(root)
    # Files are made slowly here for a while after a million were deleted: only where there is no room.
    roomy = shutil.disk_usage(args.dir).free > 2 * sum(s["bytes"] for s in json.loads((root / ".banyan/report.json").read_text())["sites"])
    if not roomy:
        gone = delete(loop, aside)
    os.sync()
    base = build("a line of the base template changed", args.banyan, root)
    if roomy:
        gone = delete(loop, aside)
    print(f"\n| {args.items} items | measured | goal |\n|---|---|---|")
    print(f"| clean build: wall / bare loop | {clean['wall'] / bare['wall']:.2f} | 2.5 |")
    print(f"| clean build: CPU per 1,000 outputs | {clean['cpu'] / clean['outputs'] * 1000:.3f} s | |")
    print(f"| nothing changed: wall, outputs rendered | {nothing['wall']:.1f} s, {nothing['rendered']} | |")
    print(f"| one title: wall less that of git status | {one['wall'] - status['wall']:.1f} s | 1 s |")
    print(f"| one title: outputs rendered, on so many sites | {one['rendered']}, {one['asked']} | |")
    print(f"| base template: wall / clean build | {base['wall'] / clean['wall']:.2f} | 1 |")
    print(f"| base template: wall / clean build and deletion of the old tree | {base['wall'] / (clean['wall'] + gone):.2f} | |")


main()
