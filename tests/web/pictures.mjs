// node pictures.mjs BANYAN   Builds a site with one large picture, opens its page in a narrow and in a wide window and looks which
// source the browser chose, that it loaded, and that it has the ratio of the picture.
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, crc32 } from "node:zlib";
import { chromium } from "playwright-core";

const [banyan] = process.argv.slice(2);
if (!banyan) {
  console.error("usage: node pictures.mjs BANYAN");
  process.exit(2);
}
let passed = 0;
let failed = 0;
const check = (good, text) => {
  if (good) passed++;
  else {
    failed++;
    console.log(`pictures: ${text}`);
  }
};

/** A grey PNG. */
function png(width, height) {
  const part = (name, data) => {
    const named = Buffer.concat([Buffer.from(name), data]);
    const out = Buffer.alloc(named.length + 8);
    out.writeUInt32BE(data.length);
    named.copy(out, 4);
    out.writeUInt32BE(crc32(named), named.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), part("IHDR", head), part("IDAT", deflateSync(Buffer.alloc((width + 1) * height, 0))), part("IEND", Buffer.alloc(0))]);
}

const root = mkdtempSync(join(tmpdir(), "pictures-"));
const news = join(root, "content/a/news/2026");
mkdirSync(news, { recursive: true });
writeFileSync(join(root, "sites.toml"), `[platform]\nname = "P"\n\n[tiers.t]\ntheme = "province"\n\n[[site]]\nid = "a"\nname = "A"\ntier = "t"\nhosts = ["a.example"]\n\n[[site.column]]\nid = "news"\nname = "News"\n`);
writeFileSync(join(news, "x.png"), png(2000, 1000));
writeFileSync(join(news, "x.md"), "---\ntitle: X\ndate: 2026-01-01\n---\n![Grey](x.png)\n");
execFileSync(banyan, ["build", "-q", "--root", root, "--clock", "2026-11-23T10:00:00+08:00"]);

const types = { html: "text/html", webp: "image/webp", png: "image/png", css: "text/css", js: "text/javascript", svg: "image/svg+xml" };
const server = createServer((ask, answer) => {
  try {
    const bytes = readFileSync(join(root, "public/a", decodeURIComponent(new URL(ask.url, "http://x").pathname)));
    answer.writeHead(200, { "content-type": types[ask.url.split(".").pop()] ?? "application/octet-stream" }).end(bytes);
  } catch {
    answer.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking"] });
try {
  for (const [width, wanted] of [[390, "x.png.480.webp"], [1200, "x.png.960.webp"]]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    await page.goto(`http://127.0.0.1:${server.address().port}/news/2026/x.html`);
    const image = page.locator('img[alt="Grey"]');
    await image.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('img[alt="Grey"]').complete);
    const seen = await image.evaluate((i) => ({ source: i.currentSrc, loaded: i.naturalWidth > 0, ratio: i.clientWidth / i.clientHeight }));
    check(seen.source.endsWith(wanted), `at ${width}: ${seen.source}, not ${wanted}`);
    check(seen.loaded, `at ${width}: it did not load`);
    check(Math.abs(seen.ratio - 2) < 0.02, `at ${width}: the ratio is ${seen.ratio}`);
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
  rmSync(root, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
