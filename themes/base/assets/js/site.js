// Optional helpers: every page is complete without them.
(function () {
  "use strict";
  var root = document.documentElement;
  var remembered = {
    get: function () { try { return localStorage.getItem("large") === "1"; } catch (e) { return false; } },
    set: function (on) { try { localStorage.setItem("large", on ? "1" : "0"); } catch (e) { /* nothing is kept */ } }
  };
  function large(button, on) {
    root.classList.toggle("large", on);
    button.setAttribute("aria-pressed", String(on));
  }
  var actions = {
    large: function (button) {
      var on = !root.classList.contains("large");
      large(button, on);
      remembered.set(on);
    },
    print: function () { window.print(); },
    share: function (button) {
      if (navigator.share) {
        navigator.share({ title: document.title, url: location.href }).catch(function () {});
      } else {
        navigator.clipboard.writeText(location.href).then(function () {
          button.textContent = button.dataset.done;
        }, function () {});
      }
    }
  };
  document.querySelectorAll("button[data-do]").forEach(function (button) {
    var name = button.dataset.do;
    if (!actions[name]) return;
    if (name === "share" && !navigator.share && !navigator.clipboard) return;
    if (name === "large") large(button, remembered.get());
    button.hidden = false;
    button.addEventListener("click", function () { actions[name](button); });
  });

  // A wide table scrolls in its frame: the keyboard must reach it.
  document.querySelectorAll(".table").forEach(function (frame) {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
  });

  // Links that lead away ask first. Their address is the real one: without this script they simply work.
  var dialog = document.getElementById("leaving");
  if (!dialog || !dialog.showModal) return;
  var own = dialog.dataset.own.split(" ");
  function trusted(host) {
    return host === location.host || own.some(function (h) {
      return h.slice(0, 2) === "*." ? host === h.slice(2) || host.endsWith(h.slice(1)) : host === h;
    });
  }
  var go = dialog.querySelector("a");
  document.querySelectorAll("a[href^='http']").forEach(function (link) {
    if (link !== go && !trusted(link.host)) link.dataset.leaves = "";
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-leaves]");
    if (!link) return;
    event.preventDefault();
    go.href = link.href;
    dialog.querySelector(".leaving-to").textContent = link.href;
    dialog.showModal();
  });
  go.addEventListener("click", function () { dialog.close(); });
  dialog.querySelector("button").addEventListener("click", function () { dialog.close(); });
})();
