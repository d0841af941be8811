#!/usr/bin/env python3
"""front.py BUCKET-URL HOSTS.json [--port 8080] [--seconds 5]: what stands before a bucket of releases.

An example of the function that a CDN or a server runs: host -> site -> pointer -> manifest -> object. BUCKET-URL is where the
objects of the target can be read, its prefix included; HOSTS.json is what `banyan domains list --format json` prints. A switch is seen
after --seconds at most. Objects and manifests never change under their names: whoever caches them keeps them for ever.
"""

import argparse
import http.server
import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Bucket:
    def __init__(self, url, seconds):
        self.url, self.seconds = url.rstrip("/"), seconds
        self.pointers, self.manifests = {}, {}

    def read(self, key):
        with urllib.request.urlopen(f"{self.url}/{urllib.parse.quote(key)}", timeout=20) as answer:
            return answer.read()

    def site(self, site):
        """The manifest that is shown: path -> (hash, headers)."""
        now = time.monotonic()
        at, name = self.pointers.get(site, (-self.seconds, None))
        if now - at >= self.seconds:
            name = json.loads(self.read(f"sites/{site}.json"))["manifest"]
            self.pointers[site] = (now, name)
        if self.manifests.get(site, (None,))[0] != name:
            folder = f".banyan/manifests/{site}"
            root = json.loads(self.read(f"{folder}/{name}.json"))
            rows = [row for shard in root["shards"] for row in json.loads(self.read(f"{folder}/{shard}"))]
            self.manifests[site] = (name, {path: (hash, root["headers"][at]) for path, hash, _, at in rows})
        return self.manifests[site][1]


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = (self.headers.get("host") or "").rsplit(":", 1)[0].lower()
        host = self.server.hosts.get(name)
        if host is None:
            return self.answer(421)
        if host["what"] == "alias":
            return self.answer(301, {"location": f"{self.server.mains[host['site']]}{self.path}"})
        path = urllib.parse.unquote(self.path.split("?")[0]).lstrip("/")
        files = self.server.bucket.site(host["site"])
        if path == "" or path.endswith("/"):
            path += "index.html"
        elif path not in files and f"{path}/index.html" in files:
            return self.answer(301, {"location": f"/{urllib.parse.quote(path)}/"})
        status = 200 if path in files else 404
        entry = files.get(path) or files.get("404.html")
        if entry is None:
            return self.answer(404)
        hash, headers = entry
        tag = f'"{hash[:32]}"'
        if status == 200 and self.headers.get("if-none-match") == tag:
            return self.answer(304, {"etag": tag})
        self.answer(status, headers | {"etag": tag}, self.server.bucket.read(f"objects/{hash[:2]}/{hash}"))

    do_HEAD = do_GET

    def answer(self, status, headers={}, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("bucket")
    ask.add_argument("hosts")
    ask.add_argument("--port", type=int, default=8080)
    ask.add_argument("--seconds", type=float, default=5)
    args = ask.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), Front)
    server.bucket = Bucket(args.bucket, args.seconds)
    with open(args.hosts) as file:
        # Retired hosts and paths of other sites lead elsewhere before anyone asks a bucket: `banyan domains export`.
        names = [name for name in json.load(file) if name["what"] in ("main", "host", "alias")]
    server.hosts = {name["host"]: name for name in names}
    server.mains = {name["site"]: f"https://{name['host']}" for name in names if name["what"] == "main"}
    server.serve_forever()


main()
