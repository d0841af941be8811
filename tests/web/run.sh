#!/bin/sh
# sh tests/web/run.sh BANYAN   Builds the starter platform and thirty real documents into a temporary folder, checks every
# page of theirs, and opens one of each kind in a browser, with them three overlays of the demonstration, whose generator
# stands beside the program. The last line counts; it exits with 1 when anything failed.
set -eu
[ $# = 1 ] || { echo "usage: sh tests/web/run.sh BANYAN" >&2; exit 2; }
banyan=$(realpath "$1")
guangxi=$(dirname "$banyan")/examples/guangxi
[ -x "$guangxi" ] || { echo "$guangxi is not there: cargo build --example guangxi makes it" >&2; exit 2; }
cd "$(dirname "$0")"
root=$(realpath ../..)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

cmp -s package-lock.json node_modules/.installed || { npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed; }

passed=0
failed=0
# What a check says, and its count from its last line. One that does not come to its count has failed.
run() {
  echo "== $*"
  code=0
  "$@" >"$work/said" 2>&1 || code=$?
  cat "$work/said"
  count=$(tail -n 1 "$work/said")
  case $count in
    [0-9]*" passed, "[0-9]*" failed")
      good=${count%% *}
      bad=${count#* passed, }
      bad=${bad%% *}
      ;;
    *)
      good=0
      bad=1
      ;;
  esac
  [ "$code" = 0 ] || [ "$bad" != 0 ] || bad=1
  passed=$((passed + good))
  failed=$((failed + bad))
}

# The platform is copied: a build beside it would share its lock and its state.
mkdir "$work/starter" "$work/laws"
for part in sites.toml sites content themes schemas redirects.csv; do
  [ ! -e "$root/$part" ] || cp -r "$root/$part" "$work/starter/"
done
sed "s#CORPUS#$root/tests/corpus/laws#" "$root/tests/corpus/sites.toml" >"$work/laws/sites.toml"
for platform in starter laws; do
  "$banyan" build -q --root "$work/$platform"
done
overlays="guilin longsheng sanjiang"
"$guangxi" "$work/guangxi" >/dev/null
# shellcheck disable=SC2046
"$banyan" build -q --root "$work/guangxi" --clock 2026-11-30T08:00:00+08:00 $(printf -- '--site %s ' $overlays)

run node validate.mjs "$work/starter/public"
run node validate.mjs --plain "$work/laws/public"
run node browser.mjs "$work/starter/public" "$work/guangxi/public"
run node hostile.mjs "$banyan"
run node serve.mjs "$banyan" "$work/starter"
run node pictures.mjs "$banyan"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
