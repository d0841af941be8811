// node browser.mjs DIR…   Opens a page of every kind of every theme of the sites below DIR in a browser, under a strict CSP, at
// three widths; home pages and articles also dark, in high contrast, in large text and at 200 %; prints a document; walks by keyboard.
// CHROMIUM names another browser; SHOTS a folder for screenshots.
import { createServer } from "node:http";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { Page } from "./lib/html.mjs";

const roots = process.argv.slice(2);
if (!roots.length) {
  console.error("usage: node browser.mjs DIR…");
  process.exit(2);
}
const CSP = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self' https:; frame-ancestors 'self'";
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png", ".xml": "application/xml", ".json": "application/json", ".txt": "text/plain" };
const WIDTHS = [360, 768, 1366];
/** HTML, styles and scripts of a home page, compressed. */
const HOME_BUDGET = 60 * 1024;
/** All scripts of a page, compressed. */
const SCRIPT_BUDGET = 10 * 1024;

const isSite = (folder) => existsSync(join(folder, "index.html"));
const sites = roots.flatMap((root) => (isSite(root) ? [root] : readdirSync(root).map((n) => join(root, n)).filter(isSite)));

/** The page fetches the rules itself, so that the browser compiles them once. */
const AXE = "/axe-for-this-test.js";
const axe = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")));

function serve(folder) {
  const server = createServer((request, answer) => {
    if (request.url === AXE) return answer.writeHead(200, { "content-type": TYPES[".js"], "cache-control": "max-age=3600" }).end(axe);
    let path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (path.endsWith("/")) path += "index.html";
    const file = join(folder, path);
    const found = file.startsWith(folder) && existsSync(file) && statSync(file).isFile();
    answer.writeHead(found ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": CSP, "cache-control": "no-store" });
    answer.end(found ? readFileSync(file) : "");
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/** Kinds looked at in the modes too. */
const IN_MODES = /^zh-Hans (home|article (policy|news))$/;
const seen = new Set();

/** Kinds looked at in an overlay: the others are those of its tier. */
const OF_OVERLAY = /^\S+ (home|404|topic|column 政策文件|article (policy|news|service))$/;
/** Which theme a site has: the name of its own style sheet stands for it, and what stands above. */
function themeOf(folder) {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  return [...html.matchAll(/rel="stylesheet" href="[^"]*\/css\/([^"]+)"/g)].map((m) => m[1]).filter((n) => !n.startsWith("site.")).join(" ");
}

/** One page of each kind and category of a site; the fullest, for it has most to go wrong. */
function samples(folder) {
  const best = new Map();
  for (const name of readdirSync(folder, { recursive: true }).filter((n) => n.endsWith(".html"))) {
    const page = new Page(join(folder, name));
    if (page.kind === "redirect") continue;
    const archived = page.withClass("state").length ? " marked" : "";
    const column = page.kind === "column" ? page.meta("ColumnType")[0]?.attr.content : "";
    const kind = `${page.lang} ${page.kind} ${page.category}${column}${archived}`.trim();
    if (page.lang !== "zh-Hans" && !/ (home|article news)$/.test(kind)) continue;
    if (!best.has(kind) || best.get(kind).size < page.html.length) best.set(kind, { size: page.html.length, url: `/${name}`.replace(/index\.html$/, "") });
  }
  const theme = themeOf(folder);
  const overlay = theme.includes(" ");
  const chosen = [...best].filter(([kind]) => !seen.has(`${theme} ${kind}`) && (!overlay || OF_OVERLAY.test(kind)));
  chosen.forEach(([kind]) => seen.add(`${theme} ${kind}`));
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

/** Text that lies over other text, or leaves the page, as a reader would see it. */
function collisions() {
  const frames = new Map();
  /** The part that cuts off what stands in it, if there is one. */
  const frame = (e) => {
    if (!e || e === document.body) return null;
    if (!frames.has(e)) {
      const s = getComputedStyle(e);
      frames.set(e, s.overflowX !== "visible" ? e.getBoundingClientRect() : frame(e.parentElement));
    }
    return frames.get(e);
  };
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest(".sr, .skip, dialog, script, style, [hidden]")) continue;
    range.selectNodeContents(node);
    const cut = frame(parent);
    for (const box of range.getClientRects()) {
      if (box.width < 2 || box.height < 2 || (cut && (box.bottom > cut.bottom + 2 || box.right > cut.right + 2))) continue;
      lines.push({ box, parent, cut, text: node.data.trim().slice(0, 12) });
    }
  }
  lines.sort((a, b) => a.box.top - b.box.top);
  const found = [];
  for (let i = 0; i < lines.length; i++) {
    const a = lines[i];
    if (a.box.right > innerWidth + 1 && !a.cut) found.push(`"${a.text}" leaves the page`);
    for (let j = i + 1; j < lines.length && lines[j].box.top < a.box.bottom; j++) {
      const b = lines[j];
      const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const h = Math.min(a.box.bottom, b.box.bottom) - b.box.top;
      if (w > 3 && h > Math.min(a.box.height, b.box.height) * 0.4 && a.parent !== b.parent && !a.parent.contains(b.parent) && !b.parent.contains(a.parent)) found.push(`"${a.text}" lies over "${b.text}"`);
    }
  }
  return [...new Set(found)].slice(0, 5);
}

async function look(tab, where, how, { rules = true } = {}) {
  const before = failed;
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) fail(where, `${wide}px of horizontal scroll, ${how}`);
  for (const text of await tab.evaluate(collisions)) fail(where, `${text}, ${how}`);
  if (rules) {
    const found = await tab.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }));
    for (const v of found.violations) for (const n of v.nodes) fail(where, `${v.id}, ${how}: ${n.target.join(" ")}: ${n.failureSummary.replace(/\s+/g, " ").slice(0, 200)}`);
  }
  if (failed === before) passed++;
}

/** The keyboard alone comes to every link and button, in the order of the page, and shows where it is. */
async function keyboard(tab, where) {
  const before = failed;
  const all = await tab.evaluate(() => {
    const can = [...document.querySelectorAll("a[href], button, input, [tabindex='0']")].filter((e) => e.tabIndex >= 0 && !e.closest("dialog") && e.checkVisibility());
    can.forEach((e, i) => (e.dataset.stop = i));
    document.activeElement?.blur();
    scrollTo(0, 0);
    return can.length;
  });
  const stops = new Set();
  for (let i = 0; i < all + 5; i++) {
    await tab.keyboard.press("Tab");
    const at = await tab.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const shown = [e, e.closest("li")].some((x) => x && (getComputedStyle(x).outlineStyle !== "none" || getComputedStyle(x).boxShadow !== "none"));
      return { stop: e.dataset.stop, shown, name: (e.textContent || e.name || "").trim().slice(0, 20) };
    });
    if (!at) break;
    if (!at.shown) fail(where, `focus on "${at.name}" is not visible`);
    stops.add(at.stop);
  }
  const lost = all - [...stops].filter((s) => s !== undefined).length;
  if (lost > 0) fail(where, `the keyboard does not come to ${lost} of ${all} links and buttons`);
  if (failed === before) passed++;
}

/** Tabs: arrow keys choose, one list is shown at a time; without the script all lists are there. */
async function tabs(tab, where) {
  const first = tab.locator("[role=tab]").first();
  if (!(await first.count())) return;
  await first.focus();
  await tab.keyboard.press("ArrowRight");
  const state = await tab.evaluate(() => {
    const group = document.activeElement.closest("[data-tabs]");
    const own = [...group.querySelectorAll("[role=tab]")];
    return { chosen: own.findIndex((t) => t.getAttribute("aria-selected") === "true"), focused: own.indexOf(document.activeElement), shown: [...group.querySelectorAll(".tab-panel")].filter((p) => !p.hidden).length };
  });
  if (state.chosen !== 1 || state.focused !== 1 || state.shown !== 1) fail(where, `tabs after an arrow key: ${JSON.stringify(state)}`);
  else passed++;
}

/** Modes: a button sets each, it is remembered without a cookie, and another press takes it back. */
async function modes(tab, where) {
  const offered = await tab.locator("button[data-mode]:visible").evaluateAll((all) => all.map((b) => b.dataset.mode));
  if (!offered.includes("large") || !offered.includes("contrast")) fail(where, `of the modes only these are offered: ${offered}`);
  for (const mode of offered) {
    const button = tab.locator(`button[data-mode=${mode}]`);
    await button.click();
    await tab.reload();
    const state = await tab.evaluate((m) => ({ on: document.documentElement.dataset.modes.includes(m), pressed: document.querySelector(`button[data-mode=${m}]`).getAttribute("aria-pressed"), size: parseFloat(getComputedStyle(document.documentElement).fontSize), cookie: document.cookie }), mode);
    if (!state.on || state.pressed !== "true" || state.cookie) fail(where, `mode ${mode} is not kept: ${JSON.stringify(state)}`);
    else if (mode === "large" && state.size < 18) fail(where, `large text has ${state.size}px`);
    else passed++;
    await button.click();
  }
}

/** On paper: the document alone, its card, one column as wide as the sheet, the number of each page below it. */
async function paper(tab, where) {
  await tab.emulateMedia({ media: "print" });
  const seen = await tab.evaluate(() => {
    const shown = (s) => [...document.querySelectorAll(s)].some((e) => e.checkVisibility());
    const body = document.querySelector(".body").getBoundingClientRect();
    const card = document.querySelector(".doc-card")?.getBoundingClientRect();
    const main = document.querySelector("main").getBoundingClientRect();
    return { extra: [".site-nav", ".side", ".search", ".site-footer", ".crumbs", ".modes", ".neighbours"].filter(shown), card: !!card && card.height > 0 && card.bottom <= body.top + 1, column: Math.round(main.width - body.width) };
  });
  if (seen.extra.length) fail(where, `printed with ${seen.extra.join(" ")}`);
  else if (!seen.card) fail(where, "printed without its card above the text");
  else if (seen.column > 2) fail(where, `the printed text is ${seen.column}px narrower than its page`);
  else passed++;
  const pdf = await tab.pdf({ preferCSSPageSize: true });
  const box = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(pdf.toString("latin1"));
  if (!box || Math.abs(box[1] - 595) > 1 || Math.abs(box[2] - 842) > 1) fail(where, `printed on ${box?.[1]} × ${box?.[2]}, not A4`);
  else passed++;
  if (shots) writeFileSync(join(shots, `${where.split("/").pop().replace(/\W+/g, "-")}.pdf`), pdf);
  await tab.emulateMedia({ media: "screen" });
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

const name = (folder, kind, how) => join(shots, `${folder.split("/").pop()}-${kind.replace(/[ ,/]+/g, "-")}-${how}.png`);

/** What the reader's browser and settings may be, beside the three widths. */
const MODES = [
  ["dark", { dark: true }],
  ["high contrast", { modes: ["contrast"] }],
  ["dark high contrast", { dark: true, modes: ["contrast"] }],
  ["large", { modes: ["large"] }],
  ["large on a telephone", { modes: ["large"], width: 360, rules: false }],
  ["reading view", { modes: ["measure"], rules: false }],
  // Twice as large on a desk is half as wide in pixels of the page.
  ["200 %", { width: 683, height: 400, scale: 2, rules: false }],
];

/** A tab that goes from page to page. A page is loaded once and then seen in every width and mode: loading is what takes long. */
async function worker(jobs) {
  let where = "";
  let bytes = 0;
  let script = 0;
  let arriving = [];
  const open = async (options) => {
    const context = await browser.newContext({ viewport: { width: 1366, height: 800 }, bypassCSP: false, ...options });
    const tab = await context.newPage();
    tab.on("console", (m) => ["error", "warning"].includes(m.type()) && fail(where, `console: ${m.text()}`));
    tab.on("pageerror", (e) => fail(where, `script: ${e.message}`));
    tab.on("response", (r) => {
      if (r.status() >= 400) fail(where, `${r.status()} ${r.url()}`);
      const type = r.headers()["content-type"] ?? "";
      if (!/html|css|javascript/.test(type) || r.url().endsWith(AXE)) return;
      arriving.push(r.body().then((body) => {
        const size = gzipSync(body).length;
        bytes += size;
        if (/javascript/.test(type)) script += size;
      }, () => {}));
    });
    return tab;
  };
  const tab = await open({});
  const still = await open({ javaScriptEnabled: false });
  const device = await tab.context().newCDPSession(tab);

  /** The window and the reader's settings, by the buttons of the page, once it is drawn. */
  const show = async ({ width = 1366, height = 800, scale = 1, dark = false, modes = [] }) => {
    await device.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: scale, mobile: false });
    await tab.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await tab.evaluate(async (wanted) => {
      for (const button of document.querySelectorAll("button[data-mode]")) if ((button.getAttribute("aria-pressed") === "true") !== wanted.includes(button.dataset.mode)) button.click();
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      await Promise.all(document.getAnimations().map((a) => a.finished));
    }, modes);
  };
  const shot = async (folder, kind, how) => shots && tab.screenshot({ path: name(folder, kind, how), fullPage: true });

  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { folder, base, kind, url } = job;
    const home = kind.endsWith("home");
    where = `${folder}${url} (${kind})`;
    bytes = script = 0;
    arriving = [];
    await tab.goto(base + url, { waitUntil: "load" });
    await Promise.all(arriving);
    if (home && bytes > HOME_BUDGET) fail(where, `PG-05 ${bytes} bytes of HTML, styles and scripts`);
    if (script > SCRIPT_BUDGET) fail(where, `PG-05 ${script} bytes of scripts`);
    if (home) console.log(`  ${folder.split("/").pop()}: home page ${(bytes / 1024).toFixed(1)} KB compressed, scripts ${(script / 1024).toFixed(1)} KB`);
    await tab.addScriptTag({ url: AXE });
    for (const width of WIDTHS) {
      await show({ width });
      await shot(folder, kind, width);
      await look(tab, where, `at ${width}px`, { rules: width === 1366 || (width === 360 && IN_MODES.test(kind)) });
      if (!home) continue;
      await leaving(tab, where);
      await tab.evaluate(() => (document.documentElement.dir = "rtl"));
      await look(tab, where, `at ${width}px, right to left`, { rules: false });
      await tab.evaluate(() => document.documentElement.removeAttribute("dir"));
    }
    if (!IN_MODES.test(kind)) continue;

    for (const [how, settings] of MODES) {
      await show(settings);
      await shot(folder, kind, how.replace(/\W+/g, "-"));
      await look(tab, where, how, { rules: settings.rules });
    }
    await show({});
    await tab.goto(base + url, { waitUntil: "load" });
    await keyboard(tab, where);
    await modes(tab, where);
    if (home) await tabs(tab, where);
    if (kind.endsWith("policy")) await paper(tab, where);
    if (!home) continue;

    where = `${folder}/ (without script)`;
    await still.goto(base, { waitUntil: "load" });
    const dead = await still.locator("button[data-mode]:visible, button[data-do]:visible, [role=tab]").count();
    const lists = await still.locator(".tab-panel:not(:visible)").count();
    if (dead || lists) fail(where, `${dead} buttons do nothing, ${lists} lists are not shown`);
    else passed++;
  }
}

const jobs = [];
const servers = [];
for (const folder of sites) {
  const server = await serve(folder);
  servers.push(server);
  for (const sample of samples(folder)) jobs.push({ folder, base: `http://127.0.0.1:${server.address().port}`, ...sample });
}
await Promise.all([1, 2, 3].map(() => worker(jobs)));
await browser.close();
servers.forEach((server) => server.close());
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
