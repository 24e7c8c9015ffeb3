// Question: one exercise. Right and wrong answers are told in words; the reader may try as often as needed, or look.

import { parseNumber, range, typed } from "./core.js";
import { button, h, setText, uniqueId } from "./ui.js";

// The reader's text as an answer of the kind that is asked for; null when it cannot be read as one.
export function readAnswer(text, answer) {
  const parts = typed(text);
  if (parts === null) return null;
  if (!Array.isArray(answer)) return parseNumber(text.replace(/(\d)[,_ ](?=\d{3}(?!\d))/g, "$1"));
  if ("([".includes(parts[0])) parts.shift();
  if (")]".includes(parts.at(-1))) parts.pop();
  const sizes = parts.filter((part, i) => ![",", "x", "×"].includes(part) || i === 0 || Number.isNaN(Number(parts[i - 1])));
  return sizes.length && sizes.every((part) => /^\d+$/.test(part)) ? sizes.map(Number) : null;
}

export function matches(given, answer) {
  if (Array.isArray(answer)) return given.length === answer.length && given.every((size, i) => size === answer[i]);
  if (typeof answer !== "number" || Number.isInteger(answer)) return given === answer;
  return Math.abs(given - answer) <= 0.005 * Math.abs(answer);
}

// Which questions of this page the reader has answered, by their text. It stays in this browser, and where the browser keeps
// nothing, in this visit.
const asked = new Map();
let done = null;

function shelf() {
  return `Convolution, number by number: answered on ${location.pathname}`;
}

function answered() {
  try {
    done ??= new Set(JSON.parse(localStorage.getItem(shelf())));
  } catch {
    done = new Set();
  }
  return done;
}

function keep(change) {
  change(answered());
  try {
    if (done.size) localStorage.setItem(shelf(), JSON.stringify([...done]));
    else localStorage.removeItem(shelf());
  } catch {
    // A browser that keeps nothing.
  }
  tellAll();
}

function tellAll() {
  const count = [...asked.keys()].filter((prompt) => answered().has(prompt)).length;
  for (const [prompt, tell] of asked) tell(answered().has(prompt), `${count} of ${asked.size} answered on this page`);
}

export function render({ model, el }) {
  const [answer, wrong, choices] = ["answer", "wrong", "choices"].map((name) => model.get(name));
  const prompt = model.get("prompt");
  const id = uniqueId();
  const count = h("span");
  const forget = h("button", { type: "button", class: "cl-forget", onclick: () => keep((set) => set.clear()) }, "Clear");
  const progress = h("p", { class: "cl-progress", hidden: "" }, "✓ Answered. ", count, " · ", forget);
  const input = choices ? null : h("input", { class: "cl-answer", id, autocomplete: "off", inputmode: "text" });
  const radios = (choices ?? []).map((value) => h("input", { type: "radio", name: id, value }));
  const said = h("p", { class: "cl-said", role: "status" });
  const say = (mark, text) => {
    said.dataset.mark = mark;
    setText(said, text);
  };
  const told = Array.isArray(answer) ? `(${answer.join(", ")}${answer.length === 1 ? "," : ""})` : String(answer);
  const why = model.get("explanation");
  const submit = (event) => {
    event.preventDefault();
    const given = choices ? radios.find((radio) => radio.checked)?.value ?? null : readAnswer(input.value, answer);
    if (given === null) return say("again", choices ? "Choose one first." : Array.isArray(answer) ? "Write the sizes, such as 1, 8, 28, 28." : "Write a number.");
    if (matches(given, answer)) {
      if (model.linkKey) keep((set) => set.add(prompt));
      return say("right", `Right: ${told}. ${why}`);
    }
    const known = wrong.find(([value]) => matches(given, value));
    say("again", known ? `Not ${choices ? "that" : input.value.trim()}. ${known[1]}` : `Not ${choices ? "that" : input.value.trim()}. Try again.`);
  };
  const form = h("form", { class: "cl-ask", onsubmit: submit, oninput: () => say("", "") },
    choices ? h("div", { role: "radiogroup", "aria-labelledby": `${id}-prompt`, class: "cl-options" }, range(choices.length).map((i) => h("label", { class: "cl-check" }, radios[i], choices[i])))
      : h("label", { for: id }, "Your answer", input),
    h("span", { class: "cl-transport" }, h("button", { type: "submit", class: "cl-button" }, h("span", {}, "Check")), button("Show the answer", () => say("shown", `${told}. ${why}`))));
  const root = h("div", { class: "cl-figure cl-exercise", role: "group", "aria-labelledby": `${id}-prompt` }, h("p", { class: "cl-prompt", id: `${id}-prompt` }, prompt), form, said, progress);
  el.replaceChildren(root);
  if (model.linkKey) {
    asked.set(prompt, (isAnswered, text) => {
      progress.hidden = !isAnswered;
      setText(count, text);
    });
    tellAll();
  }
  return () => {
    asked.delete(prompt);
    root.remove();
  };
}
