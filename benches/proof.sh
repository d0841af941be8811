#!/bin/sh
# What takes too long for every run, by hand: crashes by the hundred on a larger platform, the pages of all 377 sites held
# against the standards, Lighthouse on a site of each tier, the fleet at 465,000 items beside the bare loop, one theme at three sizes, Banyan beside Hugo.
# Prints its figures.
# Needs 60 GB of disk below target/, and BANYAN_BENCH for the last part.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked --bin banyan --example guangxi --example floor
banyan=target/release/banyan
work=target/proof
mkdir -p "$work"
clock="--clock 2026-11-30T08:00:00+08:00"

echo "== the demonstration platform, checked page by page"
[ -d "$work/guangxi" ] || target/release/examples/guangxi "$work/guangxi"
$banyan build --root "$work/guangxi" $clock
node tests/web/validate.mjs "$work/guangxi/public"
for site in guilin beihai longsheng sanjiang gx-nynct; do set -- "$@" "$work/guangxi/public/$site"; done
node tests/web/browser.mjs "$@"

echo "== Lighthouse: home page and an article of each tier"
rm -rf "$work/starter"
mkdir "$work/starter"
cp -r sites.toml sites content themes schemas redirects.csv "$work/starter"
$banyan build -q --root "$work/starter"
(cd tests/web/lighthouse && { cmp -s package-lock.json node_modules/.installed || { npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed; }; })
node tests/web/lighthouse/lighthouse.mjs "$work/starter" yunling guhai dongpo slt

echo "== killed a hundred times at a random write of a larger platform"
cargo build --release --locked --features faults --bin banyan --target-dir target/faults
[ -d "$work/crash" ] || target/release/examples/guangxi "$work/crash" --sites 12 --items 400
target/faults/release/banyan build -q --root "$work/crash" $clock --out "$work/crash-clean"
n=0
writes=$(find "$work/crash-clean" -type f | wc -l)
while [ $n -lt 100 ]; do
  n=$((n + 1))
  point=$(( (n * 7919) % writes + 1 ))
  rm -rf "$work/crash/public" "$work/crash/.banyan"
  if BANYAN_FAULT=kill:$point target/faults/release/banyan build -q --root "$work/crash" $clock >/dev/null 2>&1; then
    echo "kill $point: the build came to its end"
    exit 1
  fi
  target/faults/release/banyan build -q --root "$work/crash" $clock
  diff -r "$work/crash/public" "$work/crash-clean" >/dev/null || { echo "kill $point: the next build is not the clean one"; exit 1; }
done
echo "100 kills, 100 right builds after them"

echo "== real servers: nginx, Caddy, BIND, octoDNS; an S3 server that checks signatures"
CI=true cargo test --locked --features faults,cloud,network --test domains --test deploy_s3 --test publishing

echo "== a deploy beside aws s3 sync; nginx with all sites beside one by hand"
cargo build --profile quick --locked --features cloud,network --bin banyan --example guangxi
python3 benches/deploy.py "$work/deploy"
python3 benches/servers.py --root "$work/deploy/platform"

echo "== random edits by the ten thousand"
BANYAN_STEPS=50000 cargo test --release --locked --features faults --test incremental

echo "== 465,000 items over 377 sites: clean, nothing changed, one title, a line of the base template"
python3 benches/incremental.py "$work/fleet-465k"

echo "== the same, and ten times as many, with the outputs thrown away: 4.65 million items take 30 GB of disk, 5 GB of memory and an hour or more"
for items in 465000 4650000; do
  python3 benches/incremental.py "$work/sink-$items" --items $items --sink --banyan target/faults/release/banyan
done

echo "== the same theme over 40 sites and over 377"
python3 benches/linear.py --work "$work/linear"

echo "== beside Hugo"
python3 benches/peers.py
