"use strict";
const $ = (id) => document.getElementById(id);
const cards = [...document.querySelectorAll(".policy")];
const originals = new Map(cards.map((card) => [card, card.querySelector("textarea").value]));
let chosen = null; // {image_id} of the benchmark, or {image} in base64

function say(text, error = false) {
  $("status").textContent = text;
  $("status").classList.toggle("error", error);
}

function node(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function show(source, caption, veiled) {
  if ($("image").src.startsWith("blob:")) URL.revokeObjectURL($("image").src);
  $("image").src = source;
  $("caption").textContent = caption;
  $("lift").checked = !veiled;
  $("shown").hidden = false;
  for (const card of cards) card.querySelector(".verdict").classList.add("stale");
  say("Ready to ask.");
}

function press(button) {
  for (const other of document.querySelectorAll(".strip button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function takeFile(file) {
  const reader = new FileReader();
  reader.onload = () => {
    chosen = { image: reader.result.slice(reader.result.indexOf(",") + 1) };
    press(null);
    show(URL.createObjectURL(file), file.name, false);
  };
  reader.onerror = () => say("The file could not be read.", true);
  reader.readAsDataURL(file);
}

function fill(card, verdict) {
  const box = card.querySelector(".verdict");
  const readable = ["safe", "unsafe"].includes(verdict.status);
  const parts = [node("span", "says " + (readable ? verdict.status : "odd"), verdict.status)];
  if (verdict.p_unsafe !== null) {
    const line = node("p", "p", `p(unsafe) ${verdict.p_unsafe.toFixed(3)}`);
    const meter = document.createElement("meter");
    Object.assign(meter, { min: 0, max: 1, value: verdict.p_unsafe });
    meter.setAttribute("aria-label", `probability of unsafe under ${verdict.policy}`);
    line.append(meter);
    parts.push(line);
  }
  if (verdict.text && verdict.text !== verdict.status) parts.push(node("p", "wrote", `wrote: ${verdict.text}`));
  if (verdict.detail) parts.push(node("p", "detail", verdict.detail));
  if (verdict.label !== null || verdict.ruling !== null) parts.push(truth(verdict));
  box.replaceChildren(...parts);
  box.classList.remove("stale");
}

function truth(verdict) {
  const made = node("div", "truth", "");
  if (verdict.label !== null) made.append(node("div", "", `The benchmark's label: ${verdict.label}.`));
  if (verdict.ruling !== null) {
    made.append(node("div", "", `The rules on what is drawn: ${verdict.ruling}.`));
    const list = document.createElement("ul");
    for (const reason of verdict.reasons) {
      list.append(node("li", reason.finding, `${reason.rule}, ${reason.title}: ${reason.why}`));
    }
    made.append(verdict.reasons.length ? list : node("div", "note", "No rule concerns anything that is drawn."));
  }
  return made;
}

async function ask() {
  if (!chosen) return say("Choose a picture first.", true);
  const asked = cards.filter((card) => card.querySelector(".on input").checked && card.querySelector("textarea").value.trim());
  if (!asked.length) return say("No policy is ticked that has a text.", true);
  $("ask").disabled = true;
  say(`Asking under ${asked.length} policies …`);
  try {
    const policies = asked.map((card) => ({ id: card.dataset.id, text: card.querySelector("textarea").value }));
    const reply = await fetch("/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...chosen, policies }),
    });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.error);
    for (const card of cards) card.querySelector(".verdict").classList.add("stale");
    answer.forEach((verdict, place) => fill(asked[place], verdict));
    say(`${answer.length} verdicts.`);
  } catch (error) {
    say(error.message, true);
  } finally {
    $("ask").disabled = false;
  }
}

$("ask").addEventListener("click", ask);
$("file").addEventListener("change", () => $("file").files[0] && takeFile($("file").files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) takeFile(event.dataTransfer.files[0]);
  });
}
for (const button of document.querySelectorAll(".strip button")) {
  button.addEventListener("click", () => {
    chosen = { image_id: button.dataset.id };
    press(button);
    show(`/pictures/${button.dataset.id}`, button.innerText.replace("\n", " of "), true);
  });
}
for (const card of cards) {
  const text = card.querySelector("textarea");
  const restore = card.querySelector(".restore");
  const mark = () => {
    card.querySelector(".verdict").classList.add("stale");
    if (restore) restore.hidden = text.value === originals.get(card);
  };
  text.addEventListener("input", mark);
  restore?.addEventListener("click", () => {
    text.value = originals.get(card);
    mark();
  });
}
