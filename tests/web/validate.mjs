// node validate.mjs [--plain] DIR…   Checks built sites: each DIR is one site, or a folder of sites.
// --plain: they are no sites of a government; what such a site must say of itself and of its items is not asked.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import config from "./htmlvalidate.config.mjs";
import * as feeds from "./lib/feeds.mjs";
import { Page } from "./lib/html.mjs";
import * as jsonld from "./lib/jsonld.mjs";
import * as links from "./lib/links.mjs";
import * as rules from "./lib/rules.mjs";

const plain = process.argv.includes("--plain");
const roots = process.argv.slice(2).filter((word) => word !== "--plain");
if (!roots.length) {
  console.error("usage: node validate.mjs [--plain] DIR…");
  process.exit(2);
}

const faults = new Map();
const note = (file) => (line, text) => {
  if (!faults.has(file)) faults.set(file, []);
  faults.get(file).push(`${file}:${line}: ${text}`);
};

const isSite = (folder) => existsSync(join(folder, "index.html"));
const folders = roots.flatMap((root) => (isSite(root) ? [root] : readdirSync(root).map((name) => join(root, name)).filter(isSite)));
const files = (folder, pattern) => readdirSync(folder, { recursive: true }).map((f) => join(folder, f)).filter((f) => pattern.test(f)).sort();

const pages = new Map();
const sites = folders.map((folder) => {
  const own = files(folder, /\.html$/).map((file) => {
    const page = new Page(file);
    page.path = relative(folder, file).replaceAll("\\", "/").replace(/(^|\/)index\.html$/, "$1");
    pages.set(file, page);
    return page;
  });
  const home = pages.get(join(folder, "index.html"));
  return { folder, plain, pages: own, host: home.meta("SiteDomain")[0]?.attr.content, searches: home.withClass("search").length > 0 };
});

// Sites of one fleet are on each other's list of trusted hosts.
const fleet = new Set(sites.map((s) => s.host));
for (const site of sites) site.fleet = fleet;

let checked = 0;
const html = new HtmlValidate(new StaticConfigLoader(config));
for (const site of sites) {
  const titles = new Map();
  const codes = sites.filter((s) => s.host === site.host);
  if (codes.length > 1) note(join(site.folder, "index.html"))(1, `DOM-05 ${site.host} is the host of two sites`);
  for (const page of site.pages) {
    checked++;
    const say = note(page.file);
    const report = await html.validateString(page.html, page.file);
    for (const result of report.results) for (const m of result.messages) say(m.line, `${m.ruleId} ${m.message}`);
    jsonld.check(page, say);
    rules.check(page, site, say);
    links.check(page, site, sites, pages, say);
    if (page.kind === "redirect") continue;
    const title = `${page.lang} ${page.inside(page.all("title")[0])} ${page.meta("PubDate")[0]?.attr.content ?? ""}`;
    if (titles.has(title)) say(1, `A11Y-01 the title of ${titles.get(title)} too`);
    titles.set(title, page.file);
  }
  for (const file of files(site.folder, /(feed\.xml|feed\.json|sitemap[^/]*\.xml|sitemap\/[^/]+\.xml)$/)) {
    checked++;
    feeds.check(file, readFileSync(file, "utf8"), note(file));
  }
  for (const file of plain ? ["robots.txt"] : [".well-known/security.txt", "robots.txt"]) {
    checked++;
    const say = note(join(site.folder, file));
    if (!existsSync(join(site.folder, file))) say(1, "missing");
    else if (file.endsWith("security.txt")) rules.security(readFileSync(join(site.folder, file), "utf8"), site, say);
  }
}

for (const list of faults.values()) for (const line of list) console.log(line);
console.log(`${checked - faults.size} passed, ${faults.size} failed`);
process.exit(faults.size ? 1 : 0);
