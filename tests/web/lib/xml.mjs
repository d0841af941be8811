// Well-formed or not, and a tree to look into: enough for feeds and sitemaps.
const TOKEN = /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/g;

export class XmlError extends Error {}

export function parse(text) {
  const root = { name: "", attr: {}, children: [], text: "" };
  const open = [root];
  let at = 0;
  const line = (index) => text.slice(0, index).split("\n").length;
  for (const hit of text.matchAll(TOKEN)) {
    if (hit.index !== at) break;
    at += hit[0].length;
    const [, closing, name, attributes, empty, words] = hit;
    const top = open[open.length - 1];
    if (words !== undefined) {
      if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/.test(words)) throw new XmlError(`line ${line(hit.index)}: a bare &`);
      top.text += words;
    } else if (name && closing) {
      if (top.name !== name) throw new XmlError(`line ${line(hit.index)}: </${name}> closes <${top.name}>`);
      open.pop();
    } else if (name) {
      const attr = {};
      for (const [, key, double, single] of attributes.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) attr[key] = double ?? single;
      const element = { name, attr, children: [], text: "", line: line(hit.index) };
      top.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (at !== text.length) throw new XmlError(`line ${line(at)}: not well-formed`);
  if (open.length > 1) throw new XmlError(`<${open[open.length - 1].name}> is not closed`);
  if (root.children.length !== 1) throw new XmlError("not exactly one root element");
  return root.children[0];
}

export const children = (element, name) => element.children.filter((c) => c.name === name);
