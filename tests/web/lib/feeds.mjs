// Atom (RFC 4287), JSON Feed 1.1, sitemaps.org 0.9: what each document must have.
import { children, parse, XmlError } from "./xml.mjs";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ABSOLUTE = /^https?:\/\/[^\s]+$/;

function one(element, name, say) {
  const hits = children(element, name);
  if (hits.length !== 1) say(element.line, `<${element.name}> has ${hits.length} <${name}>, not one`);
  return hits[0];
}

function filled(element, name, say) {
  const hit = one(element, name, say);
  if (hit && !hit.text.trim()) say(hit.line, `<${name}> is empty`);
  return hit?.text.trim() ?? "";
}

function atom(root, say) {
  if (root.attr.xmlns !== "http://www.w3.org/2005/Atom") say(1, "not in the Atom name space");
  const moments = (e) => {
    filled(e, "title", say);
    filled(e, "id", say);
    if (!RFC3339.test(filled(e, "updated", say))) say(e.line, `<updated> of <${e.name}> is not an RFC 3339 date`);
  };
  moments(root);
  const self = children(root, "link").filter((l) => l.attr.rel === "self");
  if (self.length !== 1) say(1, "no link rel=self");
  const authors = children(root, "author").length;
  const ids = new Set();
  for (const entry of children(root, "entry")) {
    moments(entry);
    const id = children(entry, "id")[0]?.text;
    if (ids.has(id)) say(entry.line, `id ${id} stands twice`);
    ids.add(id);
    if (!authors && !children(entry, "author").length) say(entry.line, "no author, neither here nor on the feed");
    if (!children(entry, "link").some((l) => ABSOLUTE.test(l.attr.href ?? ""))) say(entry.line, "no absolute link");
  }
}

function jsonFeed(feed, say) {
  if (feed.version !== "https://jsonfeed.org/version/1.1") say(1, "version is not JSON Feed 1.1");
  for (const key of ["title", "home_page_url", "feed_url"]) if (!feed[key]) say(1, `no ${key}`);
  if (!Array.isArray(feed.items)) return say(1, "no items");
  for (const item of feed.items) {
    if (!item.id) say(1, "an item without id");
    if (item.content_text === undefined && item.content_html === undefined) say(1, `${item.id}: no content`);
    if (item.date_published && !RFC3339.test(item.date_published)) say(1, `${item.id}: date_published is not RFC 3339`);
  }
}

function sitemap(root, say) {
  if (root.attr.xmlns !== "http://www.sitemaps.org/schemas/sitemap/0.9") say(1, "not in the sitemap name space");
  const entry = root.name === "sitemapindex" ? "sitemap" : "url";
  const entries = children(root, entry);
  if (entries.length > 50000) say(1, "more than 50,000 entries");
  for (const e of entries) {
    const loc = filled(e, "loc", say);
    if (!ABSOLUTE.test(loc)) say(e.line, `${loc} is not absolute`);
    const changed = children(e, "lastmod")[0]?.text;
    if (changed && !RFC3339.test(changed) && !/^\d{4}(-\d\d(-\d\d)?)?$/.test(changed)) say(e.line, `lastmod ${changed} is no W3C date`);
  }
}

/** Checks one file; `say(line, text)` is told each fault. */
export function check(name, text, say) {
  try {
    if (name.endsWith(".json")) return jsonFeed(JSON.parse(text), say);
    const root = parse(text);
    if (root.name === "feed") atom(root, say);
    else if (root.name === "urlset" || root.name === "sitemapindex") sitemap(root, say);
  } catch (e) {
    if (!(e instanceof XmlError || e instanceof SyntaxError)) throw e;
    say(1, e.message);
  }
}
