#!/usr/bin/env python3
"""pictures.py DIR [--count 300] [--size 3000x2000] [--banyan target/quick/banyan]: what pictures in several widths cost.

Makes a site in DIR with an item for each picture (noise over a gradient, JPEG of quality 88, drawn with ImageMagick), and measures a build that encodes
them all, one with one text changed, one after the output folder was lost, and one without pictures in other widths. Prints seconds of CPU and wall, peak
memory, and how many pictures were decoded.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

CLOCK = ["--clock", "2026-11-30T08:00:00+08:00"]
SITES = """
[platform]
name = "Pictures"

[pictures]
enabled = {enabled}

[tiers.t]
theme = "province"

[[site]]
id = "a"
name = "A"
tier = "t"
hosts = ["a.example"]

[[site.column]]
id = "news"
name = "News"
"""


def build(name, banyan, root):
    start = time.monotonic()
    process = subprocess.Popen([banyan, "build", "--quiet", "--root", str(root), *CLOCK], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{name}: exit {status >> 8}")
    wall, cpu = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    pictures = json.loads((root / ".banyan/report.json").read_text())["pictures"]
    print(f"{name}: {wall:.2f} s wall, {cpu:.2f} CPU s, {usage.ru_maxrss / 1024:.0f} MB, {pictures}", flush=True)
    return cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--size", default="3000x2000")
    parser.add_argument("--banyan", default="target/quick/banyan")
    args = parser.parse_args()
    root, news = args.dir, args.dir / "content/a/news/2026"
    if root.exists():
        sys.exit(f"{root} is there already")
    news.mkdir(parents=True)
    # Ten that were drawn, and copies that differ by a remark after the end of the picture.
    drawn = []
    for n in range(min(10, args.count)):
        file = root / f"drawn-{n}.jpg"
        command = ["convert", "-size", args.size, "-seed", str(n), f"plasma:fractal", "-quality", "88", str(file)]
        subprocess.run(command, check=True)
        drawn.append(file.read_bytes())
        file.unlink()
    for n in range(args.count):
        (news / f"p{n}.jpg").write_bytes(drawn[n % len(drawn)] + f"{n}".encode())
        (news / f"p{n}.md").write_text(f"---\ntitle: Picture {n}\ndate: 2026-01-01\ncover: p{n}.jpg\n---\nText. ![Picture {n}](p{n}.jpg)\n")
    print(f"{args.count} pictures of {args.size}, {sum(map(len, drawn)) / len(drawn) / 1e6:.1f} MB each")
    settings = root / "sites.toml"
    settings.write_text(SITES.format(enabled="true"))
    first = build("all of them", args.banyan, root)
    text = news / "p0.md"
    text.write_text(text.read_text() + "More.\n")
    build("one text changed", args.banyan, root)
    shutil.rmtree(root / "public")
    build("output folder lost", args.banyan, root)
    shutil.rmtree(root / "public")
    shutil.rmtree(root / ".banyan")
    settings.write_text(SITES.format(enabled="false"))
    plain = build("no other widths", args.banyan, root)
    print(f"{(first - plain) / args.count:.3f} CPU s a picture")


if __name__ == "__main__":
    main()
