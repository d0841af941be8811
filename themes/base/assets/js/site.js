// Optional helpers: every page is complete without them.
const actions = {
  print: () => window.print(),
  async share(button) {
    try {
      if (navigator.share) return await navigator.share({ title: document.title, url: location.href });
      await navigator.clipboard.writeText(location.href);
      button.textContent = button.dataset.done;
    } catch {
      // The reader thought better of it.
    }
  },
};
for (const button of document.querySelectorAll("button[data-do]")) {
  const name = button.dataset.do;
  if (!actions[name] || (name === "share" && !navigator.share && !navigator.clipboard)) continue;
  button.hidden = false;
  button.addEventListener("click", () => actions[name](button));
}

// A wide table scrolls in its frame: the keyboard must reach it.
const reachable = () => {
  for (const frame of document.querySelectorAll(".table")) {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }
};
reachable();
addEventListener("resize", reachable);

// Links that lead away ask first. Their address is the real one: without this script they simply work.
const dialog = document.getElementById("leaving");
if (dialog?.showModal) {
  const own = dialog.dataset.own.split(" ");
  const trusted = (host) => host === location.host || own.some((h) => (h.startsWith("*.") ? host === h.slice(2) || host.endsWith(h.slice(1)) : host === h));
  const go = dialog.querySelector("a");
  for (const link of document.querySelectorAll("a[href^='http']")) {
    if (link !== go && !trusted(link.host)) link.dataset.leaves = "";
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-leaves]");
    if (!link) return;
    event.preventDefault();
    go.href = link.href;
    dialog.querySelector(".leaving-to").textContent = link.href;
    dialog.showModal();
  });
  go.addEventListener("click", () => dialog.close());
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
}
