// Hold Alt, or press the button: the part under the pointer tells which block, layer, file and line made it, and which
// file its data come from.
export function start(page, { make, linked, say }) {
  const button = make("button", { type: "button", id: "banyan-inspect", "aria-pressed": "false", title: say("Where does this come from? (hold Alt)", "这一部分从哪里来？（按住 Alt）") }, make("span", { "aria-hidden": "true" }));
  const frame = make("div", { id: "banyan-frame", hidden: "" });
  const card = make("section", { id: "banyan-card", hidden: "", "aria-live": "polite" });
  document.body.append(button, frame, card);
  let on = false, held = false, shown = null, stays = false;

  function turn(value) {
    on = value;
    button.setAttribute("aria-pressed", String(on));
    if (!on) { frame.hidden = card.hidden = true; shown = null; stays = false; }
  }
  button.addEventListener("click", () => turn(!on));
  addEventListener("keydown", (e) => {
    if (e.key === "Alt" && !e.repeat && !on) { held = true; turn(true); }
    if (e.key === "Escape" && on) turn(false);
  });
  addEventListener("keyup", (e) => {
    if (e.key === "Alt" && held) { held = false; e.preventDefault(); if (!stays) turn(false); }
  });
  addEventListener("blur", () => { if (held && !stays) { held = false; turn(false); } });

  const origin = (el) => {
    const [layer, file, line, block] = el.dataset.banyan.split(" ");
    return { layer, file, line, block };
  };

  async function whence(url) {
    const answer = await fetch(`/_banyan/where?url=${encodeURIComponent(url)}`, { cache: "no-store" });
    return answer.ok ? answer.json() : null;
  }

  function line(label, ...what) {
    return make("div", {}, make("dt", {}, label), make("dd", {}, ...what));
  }

  async function tell(el) {
    const at = origin(el);
    const box = el.getBoundingClientRect();
    frame.hidden = false;
    frame.style.left = `${box.left}px`;
    frame.style.top = `${box.top}px`;
    frame.style.width = `${box.width}px`;
    frame.style.height = `${box.height}px`;
    const list = make("dl", {});
    list.append(line(say("element", "元素"), `<${el.localName}>`));
    if (at.block) list.append(line(say("block", "区块"), at.block));
    list.append(line(say("layer", "主题层"), at.layer), line(say("template", "模板"), linked(`${at.file}:${at.line}`, edit(at))));
    // The parts that this one stands in, each from another template or block.
    let last = `${at.file} ${at.block}`;
    for (let up = el.parentElement?.closest("[data-banyan]"); up; up = up.parentElement?.closest("[data-banyan]")) {
      const outer = origin(up);
      if (`${outer.file} ${outer.block}` === last) continue;
      last = `${outer.file} ${outer.block}`;
      list.append(line(say("within", "位于"), `${outer.block || up.localName} · ${outer.layer} `, linked(`${outer.file}:${outer.line}`, edit(outer))));
    }
    card.replaceChildren(list);
    card.hidden = false;
    const low = box.top > innerHeight / 2;
    card.classList.toggle("banyan-top", low);
    const link = el.closest("a[href]") ?? el.querySelector("a[href]");
    if (link && /^https?:$/.test(link.protocol)) {
      const data = await whence(link.href);
      if (data && shown === el) list.append(line(say("data", "数据"), linked(data.source, data.editor), ` (${data.kind})`));
    }
    if (page.source) {
      const own = await whence(location.href);
      if (own && shown === el) list.append(line(say("page", "页面"), linked(own.source, own.editor), ` (${own.kind})`));
    }
  }

  let pattern = null;
  function edit(at) {
    return pattern && !at.file.startsWith("std:") ? pattern.replace("{file}", at.file).replace("{line}", at.line).replace("{column}", "1") : null;
  }

  addEventListener("pointermove", (e) => {
    if (!on || stays || card.contains(e.target) || button.contains(e.target)) return;
    const el = e.target.closest?.("[data-banyan]");
    if (el && el !== shown) { shown = el; tell(el); }
  });
  // A click holds the card still, so that its links can be reached; another lets go.
  addEventListener("click", (e) => {
    if (!on || card.contains(e.target) || button.contains(e.target)) return;
    e.preventDefault();
    e.stopPropagation();
    stays = !stays;
    card.classList.toggle("banyan-stays", stays);
  }, true);
  const script = document.querySelector("script[data-page][data-turn]");
  pattern = script.dataset.editor || null;
}
