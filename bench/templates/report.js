"use strict";
// Leaderboard, tables, pairs and plots are readable without a script; it switches runs, filters the gallery
// and drops the veils again.
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

const gallery = $("#gallery");
const list = $(".pairs", gallery);
const cards = [...list.children];
const at = (card, name, run) => Number(card.dataset[name].trim().split(/\s+/)[run]);
const kinds = {
  any: (card, run) => at(card, "wrong", run) > 0,
  flip: (card, run) => at(card, "flip", run) > 0,
  fooled: (card, run) => at(card, "fooled", run) > 0,
  all: () => true,
};

function showPairs() {
  const run = Number(document.body.dataset.run);
  const kind = new FormData($("form", gallery)).get("show");
  cards.sort((a, b) => at(b, "wrong", run) - at(a, "wrong", run));
  list.append(...cards);
  for (const card of cards) card.hidden = !kinds[kind](card, run);
  $(".empty", gallery).hidden = cards.some((card) => !card.hidden);
  for (const [name, test] of Object.entries(kinds)) {
    $(`[data-count="${name}"]`, gallery).value = cards.filter((card) => test(card, run)).length;
  }
}

// One choice of a run for the whole page; the difference of two runs has its own.
const choices = $$("#gallery select[name=run], #failures select[name=run]");
for (const choice of choices) {
  choice.addEventListener("change", () => {
    document.body.dataset.run = choice.value;
    for (const other of choices) other.value = choice.value;
    document.body.dispatchEvent(new Event("run"));
  });
}

$("form", gallery).addEventListener("change", showPairs);
document.body.addEventListener("run", showPairs);
const veilAll = (within) => {
  for (const veil of $$(".veil input", within)) veil.checked = false;
};
for (const form of $$("form.tools")) {
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    veilAll(form.parentElement);
  });
}
addEventListener("pagehide", () => veilAll(document)); // a browser would bring lifted veils back
showPairs();
