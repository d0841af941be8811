// Finds a site; is made anew when the sites change.
const own = document.querySelector("script[data-turn]");
const field = document.getElementById("find");
const all = [...document.querySelectorAll("#sites > li")];
function find() {
  const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const li of all) {
    li.hidden = !words.every((w) => li.dataset.words.includes(w));
    count += !li.hidden;
  }
  document.getElementById("count").textContent = count;
}
if (field) {
  field.addEventListener("input", find);
  field.addEventListener("keydown", (e) => {
    const first = all.find((li) => !li.hidden);
    if (e.key === "Enter" && first) location.href = first.querySelector("a").href;
  });
  find();
}
// Whoever is on the way to a site is not called back.
let leaving = false;
addEventListener("beforeunload", () => {
  leaving = true;
  setTimeout(() => (leaving = false), 5000);
});
for (;;) {
  try {
    const turn = own.dataset.turn;
    const answer = await fetch(`/_banyan/turn?${turn}`, { cache: "no-store" });
    if (answer.ok && (await answer.text()) !== turn) {
      while (leaving) await new Promise((done) => setTimeout(done, 100));
      if (field) sessionStorage.setItem("find", field.value);
      location.reload();
      break;
    }
  } catch {
    await new Promise((done) => setTimeout(done, 1000));
  }
}
