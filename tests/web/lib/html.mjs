// A reader for the HTML that Banyan writes: elements in order, with attributes, line and, where asked, text.
import { readFileSync } from "node:fs";

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

export function decode(text) {
  return text.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (all, name) => {
    if (name[0] !== "#") return NAMED[name.toLowerCase()] ?? all;
    return String.fromCodePoint(name[1] === "x" || name[1] === "X" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10));
  });
}

const ELEMENT = /<!--[\s\S]*?-->|<([a-z][a-z0-9-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)\s*\/?>/gi;
const ATTRIBUTE = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g;

function attributes(text) {
  const found = {};
  for (const [, name, double, single, bare] of text.matchAll(ATTRIBUTE)) found[name.toLowerCase()] = decode(double ?? single ?? bare ?? "");
  return found;
}

/** The visible text of a piece of HTML. */
export const words = (html) => decode(html.replace(/<[^>]*>/g, "")).replace(/\s+/g, " ").trim();

export class Page {
  constructor(file) {
    this.file = file;
    this.html = readFileSync(file, "utf8");
    this.elements = [];
    let line = 1;
    let at = 0;
    let skip = 0;
    for (const hit of this.html.matchAll(ELEMENT)) {
      if (hit.index < skip || !hit[1]) continue;
      for (; at < hit.index; at++) if (this.html[at] === "\n") line++;
      const name = hit[1].toLowerCase();
      const end = hit.index + hit[0].length;
      this.elements.push({ name, attr: attributes(hit[2]), line, end });
      if (name === "script" || name === "style") skip = this.html.indexOf(`</${name}`, end);
    }
    const body = this.all("body")[0];
    const classes = (body?.attr.class ?? "").split(" ");
    /** home, column, article …; a redirect has no class. */
    this.kind = classes.find((c) => c.startsWith("kind-"))?.slice(5) ?? "redirect";
    /** Of an item's page: news, policy … */
    this.category = classes.find((c) => c.startsWith("is-"))?.slice(3) ?? "";
    this.lang = this.all("html")[0]?.attr.lang ?? "";
  }

  all(name) {
    return this.elements.filter((e) => e.name === name);
  }

  /** What stands between an element and the next closing tag of its name. */
  inside(element) {
    const close = this.html.indexOf(`</${element.name}`, element.end);
    return this.html.slice(element.end, close < 0 ? undefined : close);
  }

  withClass(name) {
    return this.elements.filter((e) => (e.attr.class ?? "").split(" ").includes(name));
  }

  meta(name) {
    return this.all("meta").filter((e) => e.attr.name === name);
  }

  links(rel) {
    return this.all("link").filter((e) => (e.attr.rel ?? "").split(" ").includes(rel));
  }
}
