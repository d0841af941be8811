// node browser.mjs DIR   Opens one page of every kind of the sites below DIR in a browser, under a strict CSP: at two widths,
// and where the layout changes between them at a third.
// CHROMIUM names another browser; SHOTS a folder for screenshots.
import { createServer } from "node:http";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";
import { Page } from "./lib/html.mjs";

const root = process.argv[2];
if (!root) {
  console.error("usage: node browser.mjs DIR");
  process.exit(2);
}
const CSP = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self' https:; frame-ancestors 'self'";
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png", ".xml": "application/xml", ".json": "application/json", ".txt": "text/plain" };
const WIDTHS = [360, 768, 1366];
/** HTML, styles and scripts of a county's home page; and all of it. */
const HOME_BUDGET = 60 * 1024;

const isSite = (folder) => existsSync(join(folder, "index.html"));
const sites = isSite(root) ? [root] : readdirSync(root).map((n) => join(root, n)).filter(isSite);

function serve(folder) {
  const server = createServer((request, answer) => {
    let path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (path.endsWith("/")) path += "index.html";
    const file = join(folder, path);
    const found = file.startsWith(folder) && existsSync(file) && statSync(file).isFile();
    answer.writeHead(found ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": CSP });
    answer.end(found ? readFileSync(file) : "");
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/** Kinds looked at on every site, for each has its own theme; of the others one page of the whole platform is enough. */
const EVERYWHERE = /^\S+ (home|404|article (policy|news)|column 政策文件)$/;
/** What is looked at in the middle width too: layouts that change between the other two. */
const MIDDLE = /^\S+ (home|article policy|column 政策文件|topic)$/;
const seen = new Set();

/** One page of each kind and category of a site; the fullest, for it has most to go wrong. */
function samples(folder) {
  const best = new Map();
  for (const name of readdirSync(folder, { recursive: true }).filter((n) => n.endsWith(".html"))) {
    const page = new Page(join(folder, name));
    if (page.kind === "redirect") continue;
    const archived = page.withClass("state").length ? " marked" : "";
    const column = page.kind === "column" ? page.meta("ColumnType")[0]?.attr.content : "";
    const kind = `${page.lang} ${page.kind} ${page.category}${column}${archived}`.trim();
    if (!best.has(kind) || best.get(kind).size < page.html.length) best.set(kind, { size: page.html.length, url: `/${name}`.replace(/index\.html$/, "") });
  }
  const chosen = [...best].filter(([kind]) => EVERYWHERE.test(kind) || !seen.has(kind));
  chosen.forEach(([kind]) => seen.add(kind));
  return chosen.map(([kind, { url }]) => ({ kind, url }));
}

let passed = 0;
let failed = 0;
const fail = (where, text) => {
  failed++;
  console.log(`${where}: ${text}`);
};

// Chromium's own calls home are of no use to a test.
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking"] });
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

async function look(tab, where, width, rtl) {
  const before = failed;
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) fail(where, `${wide}px of horizontal scroll at ${width}px${rtl ? ", right to left" : ""}`);
  const found = await tab.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }));
  for (const v of found.violations) for (const n of v.nodes) fail(where, `${v.id} at ${width}px: ${n.target.join(" ")}: ${n.failureSummary.replace(/\s+/g, " ").slice(0, 200)}`);
  if (failed === before) passed++;
}

/** D15: a link that leaves asks first; the dialog can be closed; its button carries the real address. */
async function leaving(tab, where) {
  const link = tab.locator('main a[rel~="external"][data-leaves], footer a[data-leaves]').first();
  if (!(await link.count())) return;
  const href = await link.evaluate((a) => a.href);
  await link.click();
  const open = await tab.evaluate(() => document.getElementById("leaving").open);
  const go = await tab.locator("#leaving a").evaluate((a) => a.href);
  if (!open || go !== href) fail(where, `LNK-03 no leaving notice for ${href}`);
  else passed++;
  await tab.locator("#leaving button").click();
}

for (const folder of sites) {
  const server = await serve(folder);
  const base = `http://127.0.0.1:${server.address().port}`;
  const chosen = samples(folder);
  for (const width of WIDTHS) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, bypassCSP: false });
    const tab = await context.newPage();
    let where = "";
    let bytes = 0;
    let all = 0;
    tab.on("console", (m) => ["error", "warning"].includes(m.type()) && fail(where, `console: ${m.text()}`));
    tab.on("pageerror", (e) => fail(where, `script: ${e.message}`));
    tab.on("response", async (r) => {
      if (r.status() >= 400) fail(where, `${r.status()} ${r.url()}`);
      const size = (await r.body().catch(() => "")).length;
      all += size;
      if (/html|css|javascript/.test(r.headers()["content-type"] ?? "")) bytes += size;
    });
    for (const { kind, url } of chosen.filter((c) => width !== 768 || MIDDLE.test(c.kind))) {
      where = `${folder}${url} (${kind})`;
      bytes = all = 0;
      await tab.goto(base + url, { waitUntil: "load" });
      if (kind.endsWith("home") && bytes > HOME_BUDGET) fail(where, `PG-05 ${bytes} bytes of HTML, styles and scripts`);
      if (shots) await tab.screenshot({ path: join(shots, `${folder.split("/").pop()}-${kind.replace(/\W+/g, (s) => (s === " " ? "-" : s))}-${width}.png`.replaceAll("/", "_")), fullPage: true });
      await tab.evaluate(axe.source);
      await look(tab, where, width, false);
      if (kind.endsWith("home")) {
        await leaving(tab, where);
        await tab.evaluate(() => (document.documentElement.dir = "rtl"));
        await look(tab, where, width, true);
      }
    }
    await context.close();
  }
  server.close();
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
