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
})();
