// hostile.mjs BANYAN   Every vector of tests/data/xss.txt is the body of an item, under the policies `clean` and `embed`; each
// page is opened in Chromium with the page's own security policy switched off, and nothing may run: what the cleaning lets
// through would.
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, writeFileSync, rmSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [banyan] = process.argv.slice(2);
const vectors = readFileSync(fileURLToPath(new URL("../data/xss.txt", import.meta.url)), "utf8")
  .split("\n")
  .filter((l) => l && !l.startsWith("## "))
  .map((l) => l.replaceAll("⏎", "\n").replaceAll("⇥", "\t").replaceAll("␀", "\0"));

const root = mkdtempSync(join(tmpdir(), "hostile-"));
const site = (id) => `\n[[site]]\nid = "${id}"\nname = "${id}"\ntier = "t"\nhosts = ["${id}.example"]\n`;
writeFileSync(
  join(root, "sites.toml"),
  `[platform]\nname = "P"\n[tiers.t]\ntheme = "base"\nidentity = "optional"\n[[tiers.t.column]]\nid = "n"\nname = "N"\n` +
    `[[owner]]\nid = "clean"\n[[owner]]\nid = "embed"\nhtml = "embed"\nhtml_hosts = ["video.example"]\ndead_links = "keep"\n` +
    site("clean") + site("embed"),
);
// The vectors that the program refuses with an error hold their item back: those are not published at all.
for (const owner of ["clean", "embed"]) {
  const folder = join(root, "content", owner, "n", "2026");
  mkdirSync(folder, { recursive: true });
  vectors.forEach((v, i) => writeFileSync(join(folder, `v${i}.md`), `---\ntitle: Vector ${i}\ndate: 2026-01-01\n---\nBefore.\n\n${v}\n\nAfter.\n`));
}
const run = () => {
  try {
    return { report: JSON.parse(execFileSync(banyan, ["build", "--format", "json", "--root", root], { maxBuffer: 1 << 28 })), code: 0 };
  } catch (e) {
    return { report: JSON.parse(e.stdout), code: e.status };
  }
};
let built = run();
const refused = new Set(built.report.diagnostics.filter((d) => d.severity === "error" && d.place).map((d) => d.place.file));
for (const file of refused) rmSync(join(root, file), { force: true });
built = run();

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).replace(/^(\.\.[/\\])+/, "");
  const file = join(root, "public", path);
  if (!existsSync(file)) return response.writeHead(404).end();
  const type = file.endsWith(".css") ? "text/css" : file.endsWith(".js") ? "text/javascript" : file.endsWith(".svg") ? "image/svg+xml" : "text/html; charset=utf-8";
  response.writeHead(200, { "content-type": type }).end(readFileSync(file));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ bypassCSP: true });
await context.addInitScript(() => {
  window.__ran = [];
  for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (...a) => void window.__ran.push(name + "(" + a.join() + ")");
});
// Nothing leaves the machine; what would be asked for from elsewhere is told below.
const asked = [];
await context.route("**", (route) => {
  const url = route.request().url();
  if (url.startsWith(base)) return route.continue();
  asked.push([route.request().resourceType(), url]);
  return route.abort();
});
let passed = 0;
let failed = 0;
const page = await context.newPage();
page.on("dialog", (d) => d.dismiss());
for (const owner of ["clean", "embed"]) {
  for (let i = 0; i < vectors.length; i++) {
    const path = `/${owner}/n/2026/v${i}.html`;
    if (!existsSync(join(root, "public", path))) {
      if (refused.has(`content/${owner}/n/2026/v${i}.md`)) passed++;
      else {
        failed++;
        console.log(`${owner} vector ${i} is neither published nor refused`);
      }
      continue;
    }
    asked.length = 0;
    await page.goto(base + path, { waitUntil: "load" });
    const found = await page.evaluate(async () => {
      const main = document.querySelector("main");
      const bad = [];
      for (const e of main.querySelectorAll("*")) {
        for (const a of e.attributes) {
          if (/^on/i.test(a.name) || a.name === "style" || a.name === "srcdoc") bad.push(`${e.tagName} ${a.name}`);
          if (/^\s*(javascript|vbscript|data):/i.test(a.value.replace(/[\u0000-\u0020]/g, "")) && /^(href|src|action|formaction|xlink:href|poster|data)$/i.test(a.name)) bad.push(`${e.tagName} ${a.name}=${a.value}`);
        }
        if (/^(script|style|object|embed|form|base|meta|link|svg|math)$/i.test(e.tagName)) bad.push(e.tagName);
        e.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
        if (e.focus) e.focus();
      }
      await new Promise((r) => setTimeout(r, 5));
      return [...bad, ...window.__ran];
    });
    const fetched = asked.filter(([kind, url]) => kind !== "image" && kind !== "media" && !url.startsWith("https://video.example/"));
    if (found.length || fetched.length) {
      failed++;
      console.log(`${owner} vector ${i}: ${JSON.stringify(vectors[i])}\n  ${found.join("; ")} ${JSON.stringify(fetched)}`);
    } else passed++;
  }
}
await browser.close();
server.close();
rmSync(root, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
