// How this reader looks at pages: large text, high contrast, short lines. Kept in the browser's own store, no cookie.
const KEY = "modes";
const root = document.documentElement;

const kept = () => {
  try {
    return (localStorage.getItem(KEY) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
};

/** Before the first picture of the page, so that nothing jumps. */
let on = new Set(kept());
root.dataset.modes = [...on].join(" ");

function set(mode, wanted) {
  wanted ? on.add(mode) : on.delete(mode);
  root.dataset.modes = [...on].join(" ");
  try {
    localStorage.setItem(KEY, root.dataset.modes);
  } catch {
    // Nothing is kept; the page obeys all the same.
  }
}

function buttons() {
  for (const button of document.querySelectorAll("button[data-mode]")) {
    const { mode } = button.dataset;
    button.setAttribute("aria-pressed", String(on.has(mode)));
    button.hidden = false;
    button.addEventListener("click", () => {
      set(mode, !on.has(mode));
      button.setAttribute("aria-pressed", String(on.has(mode)));
    });
  }
}

document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", buttons) : buttons();
