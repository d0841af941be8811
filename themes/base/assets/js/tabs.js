// Headline lists under one another become tabs. Their headings stay in the page, as names of the tabs.
let made = 0;
for (const group of document.querySelectorAll("[data-tabs]")) {
  const panels = [...group.querySelectorAll(":scope > .tab-panel")];
  if (panels.length < 2) continue;
  const bar = document.createElement("div");
  bar.className = "tab-bar";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", group.dataset.tabs);
  const tabs = panels.map((panel) => {
    const id = `tab-${++made}`;
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", className: "tab", id, textContent: panel.querySelector(".tab-name").textContent });
    tab.setAttribute("role", "tab");
    panel.id ||= `${id}-panel`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    bar.append(tab);
    return tab;
  });
  const choose = (n, focus) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === n));
      tab.tabIndex = i === n ? 0 : -1;
      panels[i].hidden = i !== n;
    });
    if (focus) tabs[n].focus();
  };
  bar.addEventListener("click", (event) => {
    const n = tabs.indexOf(event.target.closest("button"));
    if (n >= 0) choose(n);
  });
  bar.addEventListener("keydown", (event) => {
    const now = tabs.indexOf(document.activeElement);
    const back = getComputedStyle(bar).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const ahead = back === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const to = { [back]: now - 1, [ahead]: now + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (now < 0 || to === undefined) return;
    event.preventDefault();
    choose((to + tabs.length) % tabs.length, true);
  });
  group.prepend(bar);
  group.classList.add("tabbed");
  choose(0);
}
