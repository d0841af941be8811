#!/usr/bin/env python3
"""nginx with the exported configuration of 377 sites, beside a configuration of one site written by hand.

    python3 benches/servers.py [--banyan target/quick/banyan] [--root DIR] [--seconds 5] [--rounds 5]

Without --root the demonstration platform is generated and built in a temporary folder. Needs nginx and wrk (Debian).
Both serve the same files of the same site with the same headers, in turn; the median of the rounds is printed, and the ratio.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

BY_HAND = """
worker_processes auto;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000;
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    include /etc/nginx/mime.types;
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
        root {files};
        index index.html;
        server_tokens off;
        error_page 404 /404.html;
        charset utf-8;
        gzip_static on;
        gzip_vary on;
        add_header Cache-Control "public, max-age=300" always;
        add_header Content-Security-Policy "{csp}" always;
        add_header Referrer-Policy "strict-origin-when-cross-origin" always;
        add_header X-Content-Type-Options "nosniff" always;
    }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(folder, port):
    began = time.monotonic()
    process = subprocess.Popen(
        ["nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf"), "-g", "daemon off;"],
        stderr=subprocess.PIPE,
    )
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return process, time.monotonic() - began
        except OSError:
            if process.poll() is not None:
                sys.exit(process.stderr.read().decode())
            time.sleep(0.001)


def memory(process):
    """Proportional memory of the master and its workers, in MB."""
    own = [process.pid]
    own += [int(p) for p in subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()]
    total = 0
    for pid in own:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))
    return total / 1024


def rate(port, host, path, seconds):
    done = subprocess.run(
        ["wrk", "-t1", "-c32", f"-d{seconds}s", "-H", f"Host: {host}", f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, check=True,
    ).stdout
    if "Non-2xx" in done:
        sys.exit(done)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1))


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--banyan", default=os.path.join(ROOT, "target/quick/banyan"))
    ask.add_argument("--root")
    ask.add_argument("--seconds", type=int, default=5)
    ask.add_argument("--rounds", type=int, default=5)
    args = ask.parse_args()
    work = tempfile.TemporaryDirectory()
    root = args.root
    if not root:
        root = os.path.join(work.name, "gx")
        subprocess.run(["cargo", "run", "--quiet", "--profile", "quick", "--example", "guangxi", "--", root, "--items", "3000"], cwd=ROOT, check=True)
        subprocess.run([args.banyan, "build", "--root", root, "--quiet", "--clock", "2026-11-30T08:00:00+08:00"], check=True)
    fleet, hand = os.path.join(work.name, "fleet"), os.path.join(work.name, "hand")
    ports = [free_port(), free_port()]
    subprocess.run(
        [args.banyan, "domains", "export", "nginx", "--root", root, "--out", fleet, "--no-tls", "--listen", "127.0.0.1",
         "--http-port", str(ports[0]), "--clock", "2026-11-30T08:00:00+08:00", "--quiet"],
        check=True,
    )
    names = json.loads(subprocess.run([args.banyan, "domains", "list", "--root", root, "--format", "json"], capture_output=True, check=True).stdout)
    host = next(n["host"] for n in names if n["what"] == "main" and n["site"] == "guangxi")
    config = open(os.path.join(fleet, "banyan.conf")).read()
    csp = re.search(r'"(default-src[^"]*)"', config).group(1)
    os.makedirs(hand)
    with open(os.path.join(hand, "nginx.conf"), "w") as f:
        f.write(BY_HAND.format(port=ports[1], host=host, files=os.path.join(root, "public/guangxi"), csp=csp))
    starts = {}
    for name, folder, port in [("377 sites", fleet, ports[0]), ("one by hand", hand, ports[1])]:
        times = []
        for _ in range(args.rounds):
            process, took = start(folder, port)
            times.append(took)
            process.terminate()
            process.wait()
        starts[name] = statistics.median(times) * 1000
    running = [("377 sites", *start(fleet, ports[0])), ("one by hand", *start(hand, ports[1]))]
    print(f"{len({n['site'] for n in names if n['what'] == 'main'})} sites, {len(names)} names, {len(config) // 1024} KB of configuration\n")
    pages = {"home page": "/", "script or style": None}
    assets = [f for f in os.listdir(os.path.join(root, "public/guangxi/assets")) if f.endswith(".css")]
    pages["script or style"] = f"/assets/{sorted(assets)[0]}"
    rates = {}
    for what, path in pages.items():
        found = {"377 sites": [], "one by hand": []}
        for turn in range(args.rounds):
            order = list(zip(["377 sites", "one by hand"], ports))
            for name, port in order if turn % 2 == 0 else reversed(order):
                found[name].append(rate(port, host, path, args.seconds))
        rates[what] = found
    print("| | 377 sites | one site by hand | ratio |\n|---|---|---|---|")
    a, b = starts["377 sites"], starts["one by hand"]
    print(f"| start to first connection, ms | {a:.0f} | {b:.0f} | {a / b:.2f} |")
    a, b = memory(running[0][1]), memory(running[1][1])
    print(f"| memory of all processes (PSS), MB | {a:.1f} | {b:.1f} | {a / b:.2f} |")
    for what, found in rates.items():
        a, b = (statistics.median(found[n]) for n in ["377 sites", "one by hand"])
        ratio = statistics.median(x / y for x, y in zip(found["377 sites"], found["one by hand"]))
        print(f"| requests a second, {what} | {a:,.0f} | {b:,.0f} | {ratio:.2f} |")
    for _, process, _ in running:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
