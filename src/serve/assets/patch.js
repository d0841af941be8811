// Turns the page into its next version where it stands: what was scrolled, opened or typed stays as it is.
//
// Three trees are walked side by side: the page as it was sent, as it is sent now, and as it stands. The last may hold more
// than the first, for scripts put things in. Whatever cannot be told apart for sure is left to a reload.

// Scripts look for such elements when a page loads; put in later they would do nothing.
const alive = "script, style, link, meta, button, form, input, select, textarea, dialog, details, iframe, object, canvas, audio, video, table, slot";

function isAlive(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  return [node, ...node.querySelectorAll("*")].some((el) => el.matches(alive) || [...el.attributes].some((a) => a.name.startsWith("data-") && a.name !== "data-banyan"));
}

// The nodes that stand for `nodes` among those of the page, or null.
function standing(nodes, live) {
  const found = [];
  let at = 0;
  for (const node of nodes) {
    const is = (l) => l.nodeType === node.nodeType && l.nodeName === node.nodeName && (!node.id || l.id === node.id);
    while (at < live.length && !is(live[at])) at++;
    if (at === live.length) return null;
    found.push(live[at++]);
  }
  return found;
}

// Gathers what is to be done, so that nothing is half done where it turns out that it cannot be.
function plan(old, now, live, steps) {
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name)) steps.push(() => live.removeAttribute(name));
  for (const { name, value } of [...now.attributes]) if (old.getAttribute(name) !== value) steps.push(() => live.setAttribute(name, value));
  const before = [...old.childNodes];
  const after = [...now.childNodes];
  if (before.length === after.length && before.every((node, n) => node.isEqualNode(after[n]))) return true;
  const here = standing(before, [...live.childNodes]);
  if (!here) return false;
  let start = 0;
  while (start < before.length && start < after.length && before[start].isEqualNode(after[start])) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end).isEqualNode(after.at(-1 - end))) end++;
  const gone = before.slice(start, before.length - end);
  const come = after.slice(start, after.length - end);
  const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.id === b.id;
  if (gone.length === come.length && gone.every((node, n) => same(node, come[n]))) {
    return gone.every((node, n) => {
      const at = here[start + n];
      if (node.nodeType === Node.ELEMENT_NODE) return node.isEqualNode(come[n]) || plan(node, come[n], at, steps);
      steps.push(() => (at.data = come[n].data));
      return true;
    });
  }
  if (gone.some(isAlive) || come.some(isAlive)) return false;
  const left = here.slice(start, before.length - end);
  const next = here[before.length - end] ?? null;
  // At the end of its parent there may be what scripts have put there.
  const anchor = next ?? (left.at(-1) ?? here[start - 1])?.nextSibling ?? null;
  steps.push(() => {
    for (const node of come) live.insertBefore(document.importNode(node, true), anchor);
    for (const node of left) node.remove();
  });
  return true;
}

// `false`: the page must be loaded anew.
export function patch(old, now) {
  const steps = [];
  if (!plan(old.documentElement, now.documentElement, document.documentElement, steps)) return false;
  try {
    for (const step of steps) step();
  } catch {
    // A script moved something away that was there a moment ago.
    return false;
  }
  return true;
}
