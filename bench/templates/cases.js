// Single cases, drawn from the data beside them a few at a time. Text enters the page as text only.
const STEP = 12;
const read = (selector, within) => JSON.parse($(selector, within).textContent);
const stored = read("#pictures");
const address = (image) => stored[image] || $(`img[data-image="${CSS.escape(image)}"]`)?.src;
const make = (tag, kind, text) => Object.assign(document.createElement(tag), { className: kind, textContent: text });

function answered(answer, named) {
  const box = document.createElement("div");
  box.append(make("span", `answer ${answer.mark}`, answer.status));
  const facts = [named && "AB"[answer.run], answer.p !== null && `p(unsafe) ${answer.p.toFixed(3)}`];
  if (answer.written && answer.written !== answer.status) facts.push(`text says ${answer.written}`);
  box.append(make("span", "facts", facts.filter(Boolean).join(" · ")));
  for (const text of [answer.text, answer.detail]) {
    if (text && text !== answer.status) box.append(make("q", "text", text));
  }
  return box;
}

function drawn(card) {
  const element = $("#case").content.cloneNode(true);
  const source = address(card.image);
  if (source) {
    $("img", element).src = source;
    $("img", element).alt = `The ${card.role} picture`;
    $(".veil input", element).ariaLabel = `Lift the veil of the ${card.role} of ${card.pair}`;
  } else {
    $(".look", element).replaceChildren(make("span", "veil lost", "cannot be opened"));
  }
  $("h3", element).textContent = card.shows;
  $(".id", element).textContent = card.image;
  const fragile = card.certainty.includes("fragile") ? " · fragile" : "";
  $(".asked", element).textContent = `${card.policy} · ${card.role} · label ${card.gold}${fragile}`;
  $(".said", element).append(...card.answers.map((answer) => answered(answer, card.answers.length > 1)));
  return element;
}

function browse(box) {
  const all = read("script", box);
  const form = $("form", box);
  const target = $(".cases", box);
  const more = $(".more", box);
  let left = [];

  const filters = $$("select", form).filter((select) => select.name !== "run");
  for (const select of filters) {
    const values = [...new Set(all.flatMap((card) => card[select.name]))].sort();
    select.append(new Option("any", ""), ...values.map((value) => new Option(value, value)));
  }
  const ofRun = $("[name=run] option[value='']", form) // the difference of two runs has a choice of its own
    ? () => $("[name=run]", form).value
    : () => document.body.dataset.run;
  const fits = (card) =>
    (ofRun() === "" || card.run === Number(ofRun())) &&
    filters.every(({ name, value }) => !value || [card[name]].flat().includes(value));

  function add() {
    const first = target.childElementCount;
    target.append(...left.splice(0, STEP).map(drawn));
    more.hidden = !left.length;
    more.textContent = `Show ${Math.min(STEP, left.length)} more of ${left.length}`;
    return target.children[first];
  }
  function restart() {
    left = all.filter(fits);
    const count = left.length;
    target.replaceChildren();
    add();
    $("output", form).value = count === 1 ? "1 case" : `${count || "no"} cases`;
  }
  more.addEventListener("click", () => $("input", add())?.focus());
  form.addEventListener("change", restart);
  document.body.addEventListener("run", restart);
  restart();
}

for (const box of $$(".browser")) browse(box);
