"use strict";
// Everything is readable without this script; it switches runs, filters the gallery and drops the veils again.
const form = document.querySelector(".tools");
const list = document.querySelector(".pairs");
const cards = [...list.children];
const at = (card, name, run) => Number(card.dataset[name].trim().split(/\s+/)[run]);
const kinds = {
  any: (card, run) => at(card, "wrong", run) > 0,
  flip: (card, run) => at(card, "flip", run) > 0,
  fooled: (card, run) => at(card, "fooled", run) > 0,
  all: () => true,
};

function update() {
  const choice = new FormData(form);
  const run = Number(choice.get("run") || 0);
  document.body.dataset.run = run;
  cards.sort((a, b) => at(b, "wrong", run) - at(a, "wrong", run));
  list.append(...cards);
  let shown = 0;
  for (const card of cards) {
    card.hidden = !kinds[choice.get("show")](card, run);
    shown += !card.hidden;
  }
  document.querySelector(".empty").hidden = shown > 0;
  for (const [kind, test] of Object.entries(kinds)) {
    document.querySelector(`[data-count="${kind}"]`).value = cards.filter((card) => test(card, run)).length;
  }
}

form.addEventListener("change", update);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const veil of document.querySelectorAll(".veil input")) veil.checked = false;
});
update();
