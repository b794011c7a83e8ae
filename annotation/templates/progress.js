"use strict";
// The page is whole without this script; it drops all veils at once and filters the gallery.
const form = document.querySelector(".tools");
if (form) {
  const cards = [...document.querySelectorAll(".pairs > article")];
  const veilAll = () => {
    for (const veil of document.querySelectorAll(".veil input")) veil.checked = false;
  };
  form.addEventListener("change", () => {
    const why = new FormData(form).get("why");
    for (const card of cards) card.hidden = why !== "all" && !card.dataset.why.split("|").includes(why);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    veilAll();
  });
  addEventListener("pagehide", veilAll);
}
