// Follows what changes: an error lies over the page until it is mended; a change of style or of text is laid over the page
// as it stands; anything else reloads it.
import { patch } from "/_banyan/patch.js";

const script = document.querySelector("script[data-page][data-turn]");
const page = { print: script.dataset.page, turn: script.dataset.turn, front: script.dataset.front, source: script.dataset.source };
const zh = document.documentElement.lang.startsWith("zh");
const say = (en, chinese) => (zh ? chinese : en);

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = "/_banyan/overlay.css";
style.dataset.banyanOwn = "";
document.head.append(style);

export function make(tag, attributes = {}, ...inner) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) el.setAttribute(name, value);
  el.append(...inner.filter((x) => x != null));
  return el;
}

function linked(place, editor) {
  return editor ? make("a", { href: editor, class: "banyan-place" }, place) : make("span", { class: "banyan-place" }, place);
}

let overlay = null;
function show(errors) {
  overlay?.remove();
  overlay = null;
  if (!errors.length && page.print !== "failed") return;
  overlay = make("section", { id: "banyan-errors", role: "alert", "aria-label": "Banyan" });
  if (!errors.length) overlay.append(make("p", {}, say("Reading the content …", "正在读取内容……")));
  for (const e of errors) {
    const one = make("article", {}, make("h2", {}, e.message + (e.site ? ` (${e.site})` : "")), make("p", {}, e.place ? linked(e.place, e.editor) : null, " ", make("code", {}, e.id)));
    if (e.excerpt) {
      const at = String(e.excerpt.line).padStart(5);
      const width = (text) => [...text].reduce((n, c) => n + (c.codePointAt(0) > 0x2e7f ? 2 : 1), 0);
      const caret = " ".repeat(width(e.excerpt.before)) + "^".repeat(Math.max(1, width(e.excerpt.marked)));
      one.append(make("pre", {}, `${at} | ${e.excerpt.before}`, make("mark", {}, e.excerpt.marked), `${e.excerpt.after}\n      | `, make("b", {}, caret)));
    }
    for (const help of e.helps) one.append(make("p", { class: "banyan-help" }, help));
    for (const r of e.related) one.append(make("p", {}, linked(r.place, r.editor)));
    overlay.append(one);
  }
  if (errors.length && page.print !== "failed") {
    const close = make("button", { type: "button" }, say("Hide", "隐藏"));
    close.addEventListener("click", () => overlay.remove());
    overlay.prepend(close);
  }
  document.body.append(overlay);
}

// Style sheets of the page that this one is to become.
async function restyle(fresh) {
  const old = [...document.querySelectorAll("link[rel~=stylesheet]:not([data-banyan-own])")];
  const wanted = [...fresh.querySelectorAll("link[rel~=stylesheet]")];
  const key = (l) => `${l.getAttribute("href")} ${l.media}`;
  if (old.map(key).join() === wanted.map(key).join()) return;
  // The new ones are there before the old ones go: nothing flashes.
  const anchor = old[0] ?? style;
  const made = wanted.map((l) => document.importNode(l, false));
  const loaded = made.map((l) => new Promise((done) => { l.onload = l.onerror = done; setTimeout(done, 2000); }));
  anchor.before(...made);
  await Promise.all(loaded);
  for (const l of old) l.remove();
}

// Whoever follows a link is not called back.
let leaving = false;
addEventListener("beforeunload", () => {
  leaving = true;
  setTimeout(() => (leaving = false), 5000);
});
async function reload() {
  while (leaving) await new Promise((done) => setTimeout(done, 100));
  location.reload();
}

async function sent() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// The page as it was sent, without what scripts made of it since.
let source = null;
async function remember() {
  const found = await sent();
  if (found.querySelector("script[data-page][data-turn]")?.dataset.turn === page.turn) source = found;
}

const sheets = (of) => [...of.querySelectorAll("link[rel~=stylesheet]")].map((l) => l.getAttribute("href")).join();

async function changed() {
  const fresh = await sent();
  const now = fresh.querySelector("script[data-page][data-turn]");
  if (!now) return reload();
  page.turn = now.dataset.turn;
  const errors = JSON.parse(now.dataset.errors);
  if (now.dataset.page === "failed") return show(errors);
  if (now.dataset.page !== page.print) {
    if (page.print === "failed" || !source || sheets(source) !== sheets(fresh) || !patch(source, fresh)) return reload();
    page.print = now.dataset.page;
  }
  await restyle(fresh);
  source = fresh;
  show(errors);
}

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`/_banyan/turn?${page.turn}`, { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== page.turn) await changed();
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

show(JSON.parse(script.dataset.errors));
if (page.print !== "failed") remember().catch(() => {});
follow();
if (page.print !== "failed") import("/_banyan/inspect.js").then((m) => m.start(page, { make, linked, say }));
