// node lighthouse.mjs PLATFORM SITE…   Serves each site of a built platform with the headers of its manifest, compressed, and
// has Lighthouse look at its home page and at its longest news article, as on a telephone. Prints a table; exits with 1 when a
// figure is below WANTED. CHROMIUM names another browser.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [platform, ...sites] = process.argv.slice(2);
if (!platform || !sites.length) {
  console.error("usage: node lighthouse.mjs PLATFORM SITE…");
  process.exit(2);
}
const WANTED = { performance: 98, accessibility: 100, "best-practices": 100, seo: 100 };
/** Another program that runs at the same time makes a page look slow, never fast: so many tries for the performance. */
const TRIES = 3;

/** What a server has to send: path → headers. */
function manifest(site) {
  const folder = join(platform, ".banyan/manifests", site);
  const root = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const files = new Map();
  for (const name of readdirSync(folder).filter((n) => n !== "manifest.json" && n.endsWith(".json"))) {
    for (const [path, , , headers] of JSON.parse(readFileSync(join(folder, name), "utf8"))) files.set(path, root.headers[headers]);
  }
  return files;
}

async function serve(site) {
  const files = manifest(site);
  const server = createServer((request, answer) => {
    let path = decodeURIComponent(new URL(request.url, "http://x").pathname).slice(1);
    if (path === "" || path.endsWith("/")) path += "index.html";
    const file = join(platform, "public", site, path);
    const headers = files.get(path);
    if (!headers || !existsSync(file)) return answer.writeHead(404).end();
    const bytes = readFileSync(file);
    const text = /text|javascript|json|xml/.test(headers["content-type"]);
    answer.writeHead(200, { ...headers, vary: "accept-encoding", ...(text ? { "content-encoding": "gzip" } : {}) });
    answer.end(text ? gzipSync(bytes) : bytes);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, base: `http://127.0.0.1:${server.address().port}/`, files };
}

/** The longest article of the news: most to go wrong. */
function article(site, files) {
  let best = { size: 0 };
  for (const path of files.keys()) {
    if (!path.endsWith(".html")) continue;
    const html = readFileSync(join(platform, "public", site, path), "utf8");
    const body = html.slice(html.indexOf("<body"), html.indexOf(">", html.indexOf("<body")));
    if (/<html lang="zh-Hans"/.test(html) && /kind-article/.test(body) && /is-news/.test(body) && html.length > best.size) best = { path, size: html.length };
  }
  return best.path;
}

const chrome = await launch({ chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromeFlags: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"], logLevel: "silent" });
const rows = [];
const faults = [];
try {
  for (const site of sites) {
    const { server, base, files } = await serve(site);
    for (const path of ["", article(site, files)]) {
      const scores = {};
      let times = "";
      let audits = {};
      for (let n = 0; n < TRIES && !(scores.performance >= WANTED.performance); n++) {
        const { lhr } = await lighthouse(base + path, { port: chrome.port, output: "json", logLevel: "error", onlyCategories: Object.keys(WANTED) });
        if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
        for (const key of Object.keys(WANTED)) {
          const score = Math.round((lhr.categories[key].score ?? 0) * 100);
          // Of the performance the best try counts, of the others the worst: they do not depend on time.
          if (key === "performance" && score <= (scores[key] ?? -1)) continue;
          if (key !== "performance" && score >= (scores[key] ?? 101)) continue;
          scores[key] = score;
          if (key === "performance") times = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"].map((a) => lhr.audits[a].displayValue?.replace(/\s/g, " ")).join(", ");
          audits[key] = lhr.categories[key].auditRefs.filter((r) => r.weight > 0 && lhr.audits[r.id].score !== null && lhr.audits[r.id].score < 0.9).map((r) => {
            const audit = lhr.audits[r.id];
            const items = (audit.details?.items ?? []).slice(0, 3).map((i) => i.node?.snippet ?? i.source ?? i.url ?? i.description ?? JSON.stringify(i)).join(" | ");
            return `${r.id}: ${audit.title} ${items}`.slice(0, 400);
          });
        }
      }
      rows.push({ page: `${site}/${path}`, ...scores, times });
      for (const [key, wanted] of Object.entries(WANTED)) {
        if (scores[key] < wanted) faults.push(`${site}/${path}: ${key} ${scores[key]}, not ${wanted}`, ...audits[key].map((a) => `  ${a}`));
      }
    }
    server.close();
  }
} finally {
  await chrome.kill();
}

const heads = ["page", ...Object.keys(WANTED), "FCP, LCP, TBT, CLS"];
const lines = [heads, ...rows.map((r) => Object.values(r).map(String))];
const widths = heads.map((_, i) => Math.max(...lines.map((l) => l[i].length)));
for (const line of lines) console.log(line.map((cell, i) => (i && i < line.length - 1 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ").trimEnd());
for (const line of faults) console.log(line);
process.exit(faults.length ? 1 : 0);
