// The rules of docs/standards.md that can be read off a page. Each fault names its rule.
import { words } from "./html.mjs";

const SITE = ["SiteName", "SiteDomain", "SiteIDCode"];
const COLUMN = ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"];
const ARTICLE = ["ArticleTitle", "PubDate", "ContentSource"];
/** Pages that list or show what stands in a column. */
const IN_COLUMN = new Set(["column", "topic", "archive", "article"]);
const ICP = /[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川蜀贵黔云滇藏陕甘陇青宁新蒙]ICP[备证]\d{6,10}号(-\d+)?/;
const POLICE = /.公网安备\s?\d{14}号/;

function tags(page, site, say) {
  const seen = new Map();
  for (const e of page.all("meta").filter((m) => m.attr.name)) {
    const folded = e.attr.name.toLowerCase();
    if (seen.has(folded)) say(e.line, `TAG-09 meta ${e.attr.name} stands twice`);
    seen.set(folded, e);
    if (/\{\{|\}\}|\{%|undefined|^none$/i.test(e.attr.content ?? "")) say(e.line, `TAG-11 ${e.attr.name} holds a template mark or a placeholder`);
  }
  const need = (rule, names) => {
    for (const name of names) if (!page.meta(name)[0]?.attr.content?.trim()) say(1, `${rule} no ${name}`);
  };
  need("TAG-01", SITE);
  const value = (name) => page.meta(name)[0]?.attr.content;
  if (value("SiteDomain") !== site.host) say(1, `TAG-05 SiteDomain ${value("SiteDomain")} is not ${site.host}`);
  const inColumn = IN_COLUMN.has(page.kind) && !page.withClass("of-tag").length;
  if (inColumn) {
    need("TAG-02", COLUMN);
    if (value("ColumnDescription") === value("ColumnName")) say(1, "TAG-08 ColumnDescription only repeats ColumnName");
  }
  if (page.kind === "article") {
    need("TAG-03", ARTICLE);
    if (!/^\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d$/.test(value("PubDate") ?? "")) say(1, `TAG-04 PubDate ${value("PubDate")}`);
    const h1 = page.all("h1").map((e) => words(page.inside(e)))[0];
    if (words(value("ArticleTitle") ?? "") !== h1) say(1, `TAG-06 ArticleTitle is not the heading: ${h1}`);
    if (value("Url") !== page.links("canonical")[0]?.attr.href) say(1, "TAG-06 Url is not the canonical address");
    for (const name of ["Description", "Url"]) if (!value(name)) say(1, `TAG-10 no ${name}`);
  }
}

function frame(page, site, say) {
  const header = page.withClass("brand-name")[0];
  if (!header || words(page.inside(header)) !== page.meta("SiteName")[0]?.attr.content) say(1, "HD-01 the header does not show the site name");
  if (site.searches && !page.withClass("search").length) say(1, "HD-02 no search entry");
  const footer = page.withClass("site-footer")[0];
  if (!footer) return say(1, "FT no footer");
  const html = page.inside(footer);
  const shown = words(html);
  const links = page.all("a").filter((a) => a.end > footer.end);
  const has = (rule, ok, what) => ok || say(footer.line, `${rule} ${what}`);
  has("FT-01", page.withClass("foot-organizer").length, "no organizer");
  has("FT-02", page.withClass("foot-contact").length, "no contact");
  const code = page.meta("SiteIDCode")[0]?.attr.content;
  has("FT-03", shown.includes(code), "the site code is not shown");
  has("ID-01", /^(\d{10}|bm\d{8})$/.test(code ?? ""), `${code} is no site code`);
  has("FT-04", ICP.test(shown), "no ICP number");
  has("FT-05", POLICE.test(shown) && links.some((a) => /code=\d{14}$/.test(a.attr.href ?? "")), "no police record number with its link");
  has("FT-06", links.some((a) => /conac\.cn/.test(a.attr.href ?? "")), "no mark of government bodies");
  has("FT-07", links.some((a) => (a.attr.href ?? "").endsWith(`site_code=${code}`)), "no entry for reporting errors with the site's own code");
  has("FT-08", links.some((a) => (a.attr.href ?? "").endsWith("/map.html")), "no site map");
  has("FT-09", page.withClass("foot-access").length, "no entry for accessibility");
}

function look(page, say) {
  const shown = (name) => page.withClass(name)[0];
  if (page.kind === "home") {
    const nav = page.withClass("site-nav")[0];
    const channels = nav ? [...page.inside(nav).matchAll(/<li/g)].length - 1 : 0;
    if (page.lang.startsWith("zh") && (channels < 5 || channels > 8)) say(nav?.line ?? 1, `PG-02 ${channels} channels, not 5 to 8`);
  }
  if (page.kind === "article") {
    if (!shown("byline-date")) say(1, "PG-03 no visible time of publication");
    if (!shown("byline-source")) say(1, "PG-04 no visible source");
  }
  const bytes = Buffer.byteLength(page.html);
  if (bytes > 512 * 1024) say(1, `PG-05 ${bytes} bytes of HTML`);
  if (page.kind === "column") {
    const dates = [...page.html.matchAll(/<li class="dated">[\s\S]*?<time datetime="([^"]+)"/g)].map((m) => m[1]);
    if (dates.some((d, i) => i && d > dates[i - 1])) say(1, "PG-08 the list is not newest first");
  }
}

const CARD = ["索引号", "主题分类", "发文机关", "成文日期", "标题", "发文字号", "发布日期", "效力状态"];
const GUIDE = ["设定依据", "申请条件", "申请材料", "办理流程", "办理时限", "办理地点", "办理时间", "咨询电话"];

function labels(page) {
  return new Set([...page.all("dt"), ...page.all("th")].map((e) => words(page.inside(e))));
}

function kinds(page, say) {
  const has = labels(page);
  const missing = (rule, list) => {
    const lost = list.filter((l) => !has.has(l));
    if (lost.length) say(1, `${rule} not shown: ${lost.join("、")}`);
  };
  const chinese = page.lang.startsWith("zh");
  if (page.category === "policy" && chinese) {
    // Documents mounted from elsewhere carry only some of the fields; one with an index number has them all.
    if (has.has("索引号")) missing("PUB-01", CARD);
    const state = page.withClass("state-repealed")[0];
    if (state && !/<a /.test(page.inside(state))) say(state.line, "PUB-05 a repealed document does not lead to the one in its place");
    const number = page.withClass("field-docNo")[0];
    const text = number && words(page.inside(page.elements.find((e) => e.name === "dd" && e.end > number.end)));
    if (text && /\d{4}/.test(text) && !/〔\d{4}〕[1-9]\d{0,3}号|令|公告/.test(text)) say(number.line, `PUB-14 ${text}`);
  }
  if (page.category === "service" && chinese) {
    missing("SVC-02", GUIDE);
  }
  if (page.category === "letter" && chinese) {
    missing("INT-03", ["来信时间", "答复时间"]);
    const from = page.withClass("letter-from")[0];
    if (from && !/[*＊×某]|先生|女士|同学|网友|匿名/.test(words(page.inside(from)))) say(from.line, "PII-05 the author of a letter is shown in full");
  }
  if (page.category === "survey" && page.withClass("survey-closed").length && !page.withClass("survey-result").length) say(1, "INT-05 a closed survey without its result");
  if (page.kind === "column" && page.withClass("disclosure").length) {
    const parts = page.withClass("disclosure-part").length;
    if (parts !== 4) say(1, `PUB-07 ${parts} of the four parts of the disclosure platform`);
  }
}

function safety(page, site, say) {
  for (const e of page.elements) {
    for (const key of Object.keys(e.attr)) if (key.startsWith("on")) say(e.line, `SEC-03 inline handler ${key}`);
    if (e.attr.style !== undefined) say(e.line, "SEC-03 inline style");
    const source = e.attr.src ?? (e.name === "link" && /stylesheet|icon/.test(e.attr.rel ?? "") ? e.attr.href : undefined);
    if (source === undefined) continue;
    if (/^http:/.test(source)) say(e.line, `SEC-02 ${source} over http`);
    if (/^(https?:)?\/\//.test(source) && ["script", "link", "iframe"].includes(e.name)) say(e.line, `SEC-01 ${source} is of another host`);
    if ((e.name === "script" || e.attr.rel === "stylesheet") && !e.attr.integrity && !source.endsWith("/tokens.css")) say(e.line, `SEC-01 ${source} without integrity`);
  }
  for (const s of page.all("script")) if (!s.attr.src && s.attr.type !== "application/ld+json") say(s.line, "SEC-03 inline script");
  for (const s of page.all("style")) say(s.line, "SEC-03 inline style sheet");
  for (const a of page.all("a")) {
    const href = a.attr.href;
    if (href === undefined || href === "" || href === "#") say(a.line, "LNK-06 an empty link");
    else if (/^(javascript|file|data):/i.test(href) || /^https?:\/\/(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\d+\.\d+\.\d+\.\d+)/.test(href)) say(a.line, `LNK-05 ${href}`);
    else if (/^https?:\/\//.test(href) && !site.fleet.has(new URL(href).host) && !(a.attr.rel ?? "").includes("external")) say(a.line, `LNK-03 ${href} has no mark of an external link`);
  }
}

/** security.txt (RFC 9116, section 2.5): which fields it must have, and which only once. */
export function security(text, site, say) {
  const fields = text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.match(/^([A-Za-z-]+): (.+)$/));
  const all = (name) => fields.filter((f) => f?.[1].toLowerCase() === name).map((f) => f[2]);
  fields.forEach((f, n) => f || say(n + 1, "this line of security.txt is no field"));
  if (!all("contact").length || all("contact").some((c) => !/^(mailto:\S+@\S+|https:\/\/\S+|tel:\S+)$/.test(c))) say(1, "security.txt without a good contact");
  if (all("expires").length !== 1 || Number.isNaN(Date.parse(all("expires")[0]))) say(1, "security.txt needs one expiry");
  if (all("preferred-languages").length > 1) say(1, "security.txt names its languages twice");
  if (!all("canonical").includes(`https://${site.host}/.well-known/security.txt`)) say(1, "security.txt does not name its own address");
}

export function check(page, site, say) {
  if (page.kind === "redirect") return;
  if (site.plain) return safety(page, site, say);
  tags(page, site, say);
  frame(page, site, say);
  look(page, say);
  kinds(page, say);
  safety(page, site, say);
}
