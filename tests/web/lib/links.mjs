// Links within the fleet lead to files; languages name each other; what a policy and its interpretation say of each other.
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const TARGETS = { a: "href", link: "href", img: "src", script: "src", source: "src", video: "src", audio: "src", iframe: "src" };

/** The file that an address means, or undefined when it is not of the fleet. */
export function locate(address, page, site, sites) {
  const url = new URL(address, `https://${site.host}/${page.path}`);
  if (!/^https?:$/.test(url.protocol)) return undefined;
  const target = sites.find((s) => s.host === url.host);
  if (!target) return undefined;
  let path;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    path = url.pathname;
  }
  return { file: join(target.folder, path.endsWith("/") ? `${path}index.html` : path), hash: decodeURIComponent(url.hash.slice(1)), site: target };
}

const isFile = (file) => existsSync(file) && statSync(file).isFile();

export function check(page, site, sites, pages, say) {
  for (const e of page.elements) {
    const address = e.attr[TARGETS[e.name]];
    if (!address || /^(mailto|tel|data):/.test(address)) continue;
    const hit = locate(address, page, site, sites);
    if (!hit) continue;
    const rule = /\.(docx?|xlsx?|pdf|csv|zip|wps|et)$/i.test(hit.file) ? "LNK-02" : "LNK-01";
    if (!isFile(hit.file)) say(e.line, `${rule} ${address} leads nowhere`);
    else if (hit.hash && pages.has(hit.file) && !pages.get(hit.file).elements.some((t) => t.attr.id === hit.hash)) say(e.line, `LNK-01 ${address}: no such place on the page`);
  }
  for (const link of page.links("alternate").filter((l) => l.attr.hreflang)) {
    const hit = locate(link.attr.href, page, site, sites);
    const other = hit && pages.get(hit.file);
    const own = page.links("canonical")[0]?.attr.href;
    if (!other) say(link.line, `hreflang ${link.attr.hreflang} leads nowhere`);
    else if (other !== page && !other.links("alternate").some((l) => l.attr.hreflang && l.attr.href === own)) say(link.line, `hreflang ${link.attr.hreflang} is not answered`);
    else if (other.lang !== link.attr.hreflang) say(link.line, `hreflang ${link.attr.hreflang}: the page is in ${other.lang}`);
  }
  // PUB-06: each interpretation leads to a document, and that document back to it.
  if (page.category === "interpretation") {
    const links = page.all("a").filter((a) => (a.attr.class ?? "").includes("to-document"));
    if (!links.length) say(1, "PUB-06 an interpretation without its document");
    for (const a of links) {
      const hit = locate(a.attr.href, page, site, sites);
      const document = hit && pages.get(hit.file);
      const back = document?.all("a").some((l) => (l.attr.class ?? "").includes("to-interpretation") && sameItem(l.attr.href, document, hit.site, sites, page, pages));
      if (document && !back) say(a.line, `PUB-06 ${a.attr.href} does not lead back`);
    }
  }
}

/** The link leads to this page or to a copy of it. */
function sameItem(address, from, site, sites, page, pages) {
  const hit = locate(address, from, site, sites);
  const other = hit && pages.get(hit.file);
  return other === page || (other && other.links("canonical")[0]?.attr.href === page.links("canonical")[0]?.attr.href);
}
