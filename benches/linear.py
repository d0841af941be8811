#!/usr/bin/env python3
"""linear.py [--work DIR] [--sites 377] [--articles 465000] [--banyan target/release/banyan]: does the cost of an output stay as it is?

Builds the corpus of `peers.py` in Banyan's own flat layout three times, with the same theme: as the row beside Hugo (40 sites, 20,000
articles), 40 sites with as many articles a site as the fleet has, and the fleet. The first has more outputs an article, most of them lists
of few entries; the second has what the fleet has. Prints CPU seconds for 1,000 outputs and milliseconds for an article, and their
ratios. Needs the corpus generator (BANYAN_BENCH, default ../shared/bench beside the checkout), and 20 GB below DIR. The small builds are
measured before and after the large one, for machines whose speed changes; content is read once before each, so that all find it in memory.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(here)
ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--work", default=os.path.join(root, "target", "linear"))
ap.add_argument("--sites", type=int, default=377)
ap.add_argument("--articles", type=int, default=465_000)
ap.add_argument("--banyan", default=os.path.join(root, "target", "release", "banyan"))
args = ap.parse_args()
bench = os.environ.get("BANYAN_BENCH", os.path.join(os.path.dirname(root), "shared", "bench"))
if not os.path.exists(bench + "/gen.py"):
    sys.exit(f"the corpus generator is not at {bench}: set BANYAN_BENCH")


def generate(corpus, sites, articles, peer):
    sizes = ["--sites", str(sites), "--articles", str(articles)]
    subprocess.run([sys.executable, bench + "/gen.py", *sizes, "--out", corpus, "--peer", peer, "--related", "off"], check=True)


def platform(sites, articles):
    corpus = os.path.abspath(f"{args.work}/s{sites}-n{articles}")
    if not os.path.exists(corpus + "/shared"):
        generate(corpus, sites, articles, "shared")
    # The static files of the theme come with the corpus of another tool, of which one site is enough.
    statics = os.path.abspath(args.work) + "/statics"
    if not os.path.exists(statics):
        generate(statics, 1, 10, "hugo")
    shutil.copytree(statics + "/hugo/themes", corpus + "/hugo/themes", dirs_exist_ok=True)
    subprocess.run([sys.executable, here + "/peers/make.py", corpus, corpus + "/banyan", "--flat"], check=True)
    return corpus + "/banyan"


def warm(folder):
    for at, _, names in os.walk(os.path.dirname(folder) + "/shared"):
        for name in names:
            with open(f"{at}/{name}", "rb") as file:
                file.read()


def measure(sites, articles, folder):
    for part in ("public", ".banyan"):
        if os.path.exists(f"{folder}/{part}"):
            # Files are made slowly for a while after a mass deletion: nothing is deleted here.
            os.rename(f"{folder}/{part}", f"{folder}/aside-{time.monotonic_ns()}")
    warm(folder)
    start = time.monotonic()
    process = subprocess.Popen([args.banyan, "build", "--quiet", "--root", folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    name = f"{sites} sites, {articles:,} articles"
    if status:
        sys.exit(f"{name}: exit {status >> 8}")
    wall, cpu = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    outputs = sum(site["outputs"] for site in json.load(open(f"{folder}/.banyan/report.json"))["sites"])
    per_output, per_article = cpu / outputs * 1000, cpu / articles * 1000
    print(f"| {name} | {outputs} | {cpu:.1f} | {wall:.1f} | {usage.ru_maxrss / 1024:.0f} | {per_output:.3f} | {per_article:.3f} |", flush=True)
    return per_output, per_article


sizes = [(40, 20_000), (40, round(args.articles / args.sites * 40)), (args.sites, args.articles)]
rows = [(*size, platform(*size)) for size in sizes]
small, like, large = rows
print("| flat layout | outputs | CPU s | wall s | peak MB | CPU s for 1,000 outputs | CPU ms for an article |\n|---|---|---|---|---|---|---|")
measured = [(row, measure(*row)) for row in (small, like, large, like, small)]
mean = lambda row, i: statistics.mean(m[i] for r, m in measured if r is row)
print("\n| large to | an output | an article | goal |\n|---|---|---|---|")
print(f"| as many articles a site | {mean(large, 0) / mean(like, 0):.2f} | {mean(large, 1) / mean(like, 1):.2f} | within 15 % |")
print(f"| the row beside Hugo | {mean(large, 0) / mean(small, 0):.2f} | {mean(large, 1) / mean(small, 1):.2f} | within 15 % |")
