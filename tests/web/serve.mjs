// node serve.mjs BANYAN PLATFORM   Opens the preview of a platform in a browser, edits its files and watches the page.
// PLATFORM is changed: give a copy. EDITS says how many saves are timed (their spread is printed, never judged), SITE on
// which site, CLOCK when; SHOTS a folder for screenshots.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [banyan, root] = process.argv.slice(2);
if (!root) {
  console.error("usage: node serve.mjs BANYAN PLATFORM");
  process.exit(2);
}
const SITE = process.env.SITE ?? "nanshan";
let passed = 0;
let failed = 0;
const check = (good, text) => {
  if (good) passed++;
  else {
    failed++;
    console.log(`serve: ${text}`);
  }
};

const started = Date.now();
const server = spawn(banyan, ["serve", "--root", root, "--clock", process.env.CLOCK ?? "2026-11-23T10:00:00+08:00", "--host", "127.0.0.1", "--site", SITE, "--lang", "en"], { stdio: ["ignore", "ignore", "pipe"] });
let said = "";
server.stderr.on("data", (text) => (said += text));
async function until(what, test, ms = 60000) {
  const end = Date.now() + ms;
  for (;;) {
    const hit = await test();
    if (hit) return hit;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}\n${said}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** A plain request, so that the Host header can be any. */
function ask(port, host, path, { method = "GET", headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers: { host, ...headers } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => done({ status: answer.statusCode, text, headers: answer.headers }));
    });
    call.on("error", fail);
    call.end(body);
  });
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking"] });
try {
  const port = Number(await until("the address", () => said.match(/http:\/\/localhost:(\d+)\//)?.[1]));
  const lan = Number(await until("the site's own port", () => said.match(/http:\/\/127\.0\.0\.1:(\d+)\//)?.[1]));
  const local = `localhost:${port}`;

  // The front page needs no content.
  const front = await ask(port, local, "/");
  check(front.status === 200 && front.text.includes(`http://${SITE}.localhost:${port}/`), "the front page does not list the site");
  console.log(`front page after ${Date.now() - started} ms`);
  const first = await ask(port, `${SITE}.${local}`, "/");
  check(first.status === 200, `the first page: ${first.status}`);
  console.log(`first page after ${Date.now() - started} ms`);
  check(first.headers["content-security-policy"]?.includes("default-src 'self'"), "the site's own policy is not sent");

  // Whom it answers, and what it never gives.
  for (const foreign of ["evil.example", `evil.example:${port}`, `${SITE}.localhost.evil.example`, "10.1.2.3"]) check((await ask(port, foreign, "/")).status === 403, `it answers to ${foreign}`);
  check((await ask(lan, "evil.example", "/")).status === 403, "the open port answers to a foreign name");
  check((await ask(lan, `127.0.0.1:${lan}`, "/")).status === 200, "the open port does not answer to its address");
  for (const path of ["/../sites.toml", "/%2e%2e/sites.toml", "/..%2fsites.toml", "//etc/passwd", "/.banyan/preview", "/themes/base/theme.toml", "/%00", "/%ff"]) {
    const answer = await ask(port, `${SITE}.${local}`, path);
    check([400, 404].includes(answer.status) && !answer.text.includes("[[site]]"), `${path}: ${answer.status}`);
  }
  const switched = (headers) => ask(port, local, "/_banyan/show", { method: "POST", headers, body: "drafts=true" });
  check((await switched({})).status === 403, "drafts can be switched without an origin");
  check((await switched({ origin: "http://evil.example" })).status === 403, "a foreign page can switch drafts");
  check((await ask(port, `${SITE}.${local}`, "/", { method: "POST" })).status === 405, "a site takes a POST");

  const tab = await browser.newPage({ viewport: { width: 1366, height: 900 } });
  const wrong = [];
  tab.on("console", (m) => m.type() === "error" && !m.text().includes("500") && wrong.push(m.text()));
  tab.on("pageerror", (e) => wrong.push(String(e)));

  await tab.goto(`http://${local}/`);
  await tab.fill("#find", SITE);
  check((await tab.locator("#sites > li:visible").count()) === 1, "searching does not leave one site");
  if (process.env.SHOTS) {
    mkdirSync(process.env.SHOTS, { recursive: true });
    await tab.screenshot({ path: join(process.env.SHOTS, "serve-front.png") });
  }
  await tab.press("#find", "Enter");
  await tab.waitForURL(`http://${SITE}.${local}/`);

  // An article.
  const home = await tab.locator("main a[href]").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  const all = readdirSync(join(root, "content", SITE), { recursive: true }).filter((n) => /\d{4}\/[^/]+\.md$/.test(n)).sort().reverse();
  const stem = (name) => name.split("/").at(-1).replace(/\.md$/, "");
  const address = (name) => home.find((h) => h.includes(`${stem(name)}.html`));
  const news = all.find(address);
  const url = address(news);
  const file = join(root, "content", SITE, news);
  const text = readFileSync(file, "utf8");
  const titled = (title) => text.replace(/^title:.*$/m, `title: ${title}`);
  await tab.goto(`http://${SITE}.${local}${url}`);
  const heading = () => tab.locator("h1").last().innerText();
  await tab.evaluate(() => (window.stays = true));
  const times = [];
  for (let n = 0; n < Number(process.env.EDITS ?? 5); n++) {
    const wanted = `改过的标题 ${n}`;
    const at = performance.now();
    writeFileSync(file, titled(wanted));
    await until(`"${wanted}"`, async () => (await heading().catch(() => "")) === wanted, 10000);
    times.push(performance.now() - at);
  }
  times.sort((a, b) => a - b);
  const of = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]);
  console.log(`from save to repaint, ${times.length} edits of a title: median ${of(0.5)} ms, nine of ten within ${of(0.9)} ms, the slowest ${of(1)} ms`);
  check(await tab.evaluate(() => window.stays), "an edit of a title loads the page anew");

  // A paragraph goes in where the page stands, and out again; what scripts care for is loaded anew with the page.
  const body = () => tab.locator("main").innerText();
  const same = () => tab.evaluate(() => document.documentElement.outerHTML.replace(/<script[^>]*data-turn[^>]*>/, "").replace(/ data-banyan="[^"]*"/g, ""));
  writeFileSync(file, text);
  await until("the old title", async () => !(await heading().catch(() => "改过")).includes("改过"), 10000);
  const original = await same();
  writeFileSync(file, `${text}\n\n新加的一段**文字**。\n`);
  await until("the new paragraph", async () => (await body()).includes("新加的一段文字"), 10000);
  check(await tab.evaluate(() => window.stays), "a new paragraph loads the page anew");
  writeFileSync(file, text);
  await until("the paragraph to go", async () => !(await body()).includes("新加的一段文字"), 10000);
  check(await tab.evaluate(() => window.stays), "a paragraph that goes loads the page anew");
  check((await same()) === original, "the page is not what it was after the paragraph has gone");
  writeFileSync(file, `${text}\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n`);
  await until("the table", async () => (await tab.locator("main table").count().catch(() => 0)) > 0, 10000);
  check(!(await tab.evaluate(() => window.stays)), "a table, which a script cares for, does not load the page anew");
  writeFileSync(file, text);
  await until("the table to go", async () => (await tab.locator("main table").count().catch(() => 1)) === 0, 10000);

  // A mistake lies over the page, and goes when it is mended.
  writeFileSync(file, text.replace(/^title:.*$/m, "title: [没有合上"));
  await tab.locator("#banyan-errors pre").first().waitFor({ timeout: 10000 });
  const overlay = await tab.locator("#banyan-errors").innerText();
  check(overlay.includes(news.split("/").at(-1)) && overlay.includes("^"), `the overlay does not name the file and the place: ${overlay.slice(0, 300)}`);
  writeFileSync(file, text);
  await tab.locator("#banyan-errors").waitFor({ state: "detached", timeout: 10000 });
  passed++;

  // Styles are laid over the page as it stands.
  await tab.evaluate(() => (window.stays = true));
  const theme = join(root, "themes", SITE);
  const toml = readFileSync(join(theme, "theme.toml"), "utf8");
  const colour = () => tab.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--color-primary").trim());
  const before = await colour();
  writeFileSync(join(theme, "theme.toml"), toml.replace(/color-primary = "[^"]*"/, 'color-primary = "#123456"'));
  const at = performance.now();
  await until("the new colour", async () => (await colour()) === "#123456", 10000);
  console.log(`a token: ${Math.round(performance.now() - at)} ms`);
  check(before !== "#123456" && (await tab.evaluate(() => window.stays)), "a token reloads the page");
  writeFileSync(join(theme, "theme.toml"), toml);
  await until("the old colour", async () => (await colour()) === before, 10000);
  const assets = join(theme, "assets");
  const css = join(assets, readdirSync(assets, { recursive: true }).sort().find((n) => n.endsWith(".css")));
  const rules = readFileSync(css, "utf8");
  writeFileSync(css, `${rules}\nh1 { letter-spacing: 7px; }\n`);
  await until("the new rule", () => tab.evaluate(() => getComputedStyle(document.querySelector("h1")).letterSpacing === "7px"), 10000);
  check(await tab.evaluate(() => window.stays), "a rule of CSS reloads the page");
  writeFileSync(css, rules);

  // A template, broken and mended.
  const template = join(theme, "templates/page.html");
  const source = readFileSync(template, "utf8");
  writeFileSync(template, source.replace("{% block head %}", "{% block head %}\n{{ site.nmae|uper }}"));
  await tab.locator("#banyan-errors pre").first().waitFor({ timeout: 10000 });
  const broken = await tab.locator("#banyan-errors").innerText();
  check(broken.includes("page.html:") && broken.includes("uper") && broken.includes("^"), `the overlay does not show the line of the template: ${broken.slice(0, 300)}`);
  if (process.env.SHOTS) await tab.screenshot({ path: join(process.env.SHOTS, "serve-error.png") });
  check(await tab.evaluate(() => window.stays && document.querySelector("h1") !== null), "the page is gone while its template is broken");
  const fresh = await ask(port, `${SITE}.${local}`, url);
  check(fresh.status === 500 && fresh.text.includes("live.js"), `a broken page asked for anew: ${fresh.status}`);
  writeFileSync(template, source);
  await tab.locator("#banyan-errors").waitFor({ state: "detached", timeout: 10000 });
  passed++;
  const open = "{% block footer_local %}";
  writeFileSync(template, source.includes(open) ? source.replace(open, `${open}<p id="fresh">neu</p>`) : `${source}${open}<p id="fresh">neu</p>{% endblock %}\n`);
  await tab.locator("#fresh").waitFor({ timeout: 10000 });
  passed++;

  // The inspector.
  await tab.locator("#banyan-inspect").click();
  await tab.locator("#fresh").hover();
  await tab.locator("#banyan-card dl").waitFor();
  await until("the file of the page", async () => (await tab.locator("#banyan-card").innerText()).includes(".md"), 5000);
  const card = await tab.locator("#banyan-card").innerText();
  check(card.includes(`themes/${SITE}/templates/page.html:`) && card.includes("footer_local"), `the inspector does not name block, layer, file and line: ${card}`);
  check((await tab.locator("#banyan-card a").first().getAttribute("href"))?.startsWith("vscode://file/"), "no link opens the editor");
  await tab.locator("main h1").last().hover();
  await until("the article's template", async () => /article|news|notice|policy/.test(await tab.locator("#banyan-card").innerText()), 5000);
  if (process.env.SHOTS) await tab.screenshot({ path: join(process.env.SHOTS, "serve-inspector.png") });
  await tab.keyboard.press("Escape");
  check(await tab.locator("#banyan-card").isHidden(), "Escape does not end the inspector");
  await tab.keyboard.down("Alt");
  await tab.locator("main h1").last().hover({ position: { x: 5, y: 5 } });
  await tab.locator("#banyan-card dl").waitFor();
  await tab.keyboard.up("Alt");
  check(await tab.locator("#banyan-card").isHidden(), "letting go of the key does not end the inspector");
  writeFileSync(template, source);

  // Drafts.
  const draft = file.replace(/\.md$/, "-draft.md");
  writeFileSync(draft, titled("一份草稿").replace(/^title:/m, "draft: true\ntitle:").replace(/^id:.*\n/m, "").replace(/^slug:.*\n/m, ""));
  await tab.goto(`http://${local}/`);
  await tab.locator("button", { hasText: "Drafts" }).click();
  await until("the switch", () => tab.locator("button[aria-pressed=true]", { hasText: "Drafts" }).count(), 10000);
  const shown = url.replace(/[^/]*\.html$/, `${stem(news)}-draft.html`);
  check((await ask(port, `${SITE}.${local}`, encodeURI(shown))).status === 200, `the draft is not shown at ${shown}`);
  await tab.locator("button", { hasText: "Drafts" }).click();
  await until("the switch", () => tab.locator("button[aria-pressed=false]", { hasText: "Drafts" }).count(), 10000);
  check((await ask(port, `${SITE}.${local}`, encodeURI(shown))).status === 404, "the draft is shown after the switch is off");
  rmSync(draft);

  // A broken configuration leaves the last good state, and says so.
  const config = join(root, "sites", `${SITE}.toml`);
  const settings = readFileSync(config, "utf8");
  // The draft that went reloads the front page: to leave it at once must lead to the site all the same.
  await tab.goto(`http://${SITE}.${local}/`);
  writeFileSync(join(root, "sites.toml"), `${readFileSync(join(root, "sites.toml"), "utf8")}\n[broken\n`);
  await tab.locator("#banyan-errors pre").first().waitFor({ timeout: 10000 });
  check((await ask(port, `${SITE}.${local}`, "/")).status === 200, "a broken sites.toml takes the pages away");
  writeFileSync(join(root, "sites.toml"), readFileSync(join(root, "sites.toml"), "utf8").replace("\n[broken\n", ""));
  await tab.locator("#banyan-errors").waitFor({ state: "detached", timeout: 10000 });
  check(readFileSync(config, "utf8") === settings, "the preview wrote into a configuration");
  for (const text of wrong) check(false, `console: ${text}`);
} catch (e) {
  failed++;
  console.log(String(e.stack ?? e));
} finally {
  await browser.close();
  server.kill("SIGINT");
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
