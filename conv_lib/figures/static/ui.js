// What all figures are built from: elements and controls. Text always goes in as text (never as HTML).

import { MOST_TYPED, parseNumber } from "./core.js";

// An element: h("button", { class: "x", "aria-pressed": false, onclick: fn }, "text", child, ...). Attributes that are null or undefined are left out.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element[name] = value;
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let count = 0;

export function uniqueId() {
  count += 1;
  return `cl-${count}`;
}

// Write the text that an element begins with, only where it changes: the browser then paints only that. What stands behind the
// text stays, such as the field of an edit.
export function setText(element, text) {
  const node = element.firstChild;
  if (node?.nodeType !== Node.TEXT_NODE) element.prepend(text);
  else if (node.data !== text) node.data = text;
}

// Make the children of `el` such as `nodes`, and leave alone what is so already.
export function renew(el, nodes) {
  nodes.forEach((next, i) => {
    const old = el.childNodes[i];
    if (!old) el.append(next);
    else if (old.isEqualNode(next)) return;
    else if (old.nodeName !== next.nodeName || old.className !== next.className) old.replaceWith(next);
    else if (old.nodeName === "#text") old.data = next.data;
    else renew(old, [...next.childNodes]);
  });
  while (el.childNodes.length > nodes.length) el.lastChild.remove();
}

const ICONS = {
  play: "M5 3l8 5-8 5z", pause: "M5 3v10M11 3v10", back: "M10 3L5 8l5 5", forward: "M6 3l5 5-5 5",
  reset: "M3 3v4h4M3.4 7A5 5 0 1 1 3 9", copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  link: "M7 9a2.5 2.5 0 0 0 3.6 0l2-2A2.5 2.5 0 0 0 9 3.4l-.7.7M9 7a2.5 2.5 0 0 0-3.6 0l-2 2A2.5 2.5 0 0 0 7 12.6l.7-.7",
};

function drawn(icon) {
  return svg("svg", { viewBox: "0 0 16 16", class: "cl-icon", "aria-hidden": "true" }, svg("path", { d: ICONS[icon] }));
}

// A button with a visible name; `icon`, one of ICONS, is drawn before it and not read aloud.
export function button(name, onclick, { icon = null, kind = "" } = {}) {
  return h("button", { type: "button", class: `cl-button ${kind}`, onclick }, icon && drawn(icon), h("span", {}, name));
}

export function rename(element, name, icon) {
  setText(element.lastChild, name);
  element.firstChild.replaceWith(drawn(icon));
}

// A range input with its name and value. onInput(number) returns false to refuse: the thumb then goes back to the last set value.
export function slider({ name, min, max, step = 1, onInput }) {
  const id = uniqueId();
  const value = h("span", { "aria-hidden": "true", class: "cl-value" });
  const input = h("input", { type: "range", id, min, max, step });
  let last = min;
  const set = (number, shown = String(number)) => {
    last = number;
    if (number > Number(input.max)) input.max = number;
    input.value = number;
    input.setAttribute("aria-valuetext", shown);
    setText(value, shown);
  };
  input.oninput = () => {
    if (onInput(Number(input.value), last) === false) input.value = last;
  };
  return { el: h("div", { class: "cl-slider" }, h("label", { for: id }, name), value, input), input, set };
}

export function select({ name, options, onChange }) {
  const id = uniqueId();
  let last = options[0];
  const input = h("select", { id }, options.map((option) => h("option", { value: option }, option)));
  const set = (option) => { last = input.value = option; };
  input.onchange = () => {
    if (onChange(input.value) === false) input.value = last;
  };
  return { el: h("div", { class: "cl-select" }, h("label", { for: id }, name), input), input, set };
}

export function checkbox({ name, onChange }) {
  const input = h("input", { type: "checkbox", onchange: () => onChange(input.checked) });
  return { el: h("label", { class: "cl-check" }, input, name), input, set: (on) => { input.checked = on; } };
}

// Buttons of which one is pressed: options is a list of [value, name].
export function choice({ name, options, onChange }) {
  const buttons = options.map(([value, label]) => button(label, () => onChange(value), { kind: "cl-chip" }));
  const set = (chosen) => options.forEach(([value], i) => buttons[i].setAttribute("aria-pressed", value === chosen));
  return { el: h("div", { class: "cl-choice", role: "group", "aria-label": name }, buttons), set };
}

// The colour of a cell by the size of its number, in eleven steps to that of `most`. Steps by class, not by a number in each
// cell's own style: the browser then works out a colour once for all cells that share it.
export function heat(cell, value, most) {
  const step = most ? Math.round(11 * Math.min(1, Math.abs(value) / most)) : 0;
  const next = `${step ? ` cl-heat-${step}` : ""}${value < 0 ? " cl-negative" : ""}`;
  const before = heats.get(cell) ?? "";
  if (next === before) return;
  if (before) cell.classList.remove(...before.trim().split(" "));
  if (next) cell.classList.add(...next.trim().split(" "));
  heats.set(cell, next);
}

const heats = new WeakMap();

// Classes that come and go together with what is pointed at: only cells that change are touched.
export function marks() {
  let on = new Map();
  return (next) => {
    for (const [cell, name] of on) if (next.get(cell) !== name) cell.classList.remove(...name.split(" "));
    for (const [cell, name] of next) if (on.get(cell) !== name) cell.classList.add(...name.split(" "));
    on = next;
  };
}

// The number a reader typed, or null after saying what is wrong with it, and what follows from that.
export function typedNumber(text, say, most = 9999, follows = " The old number stays.") {
  const value = parseNumber(text);
  if (text.length > MOST_TYPED) say(`“${text.slice(0, 20)}…” is ${text.length} characters long: a number of at most ${MOST_TYPED} fits here.${follows}`);
  else if (value === null) say(`“${text.slice(0, 20)}” is not a number: write 3, -2.5 or 1/16.${follows}`);
  else if (Math.abs(value) > most) say(`${text.slice(0, 20)} is too large: numbers from -${most} to ${most} fit here.${follows}`);
  else return value;
  return null;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "cl-offscreen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// A line of code with a button that copies it: { el, set(text) }.
export function codeLine() {
  const line = h("code", { class: "cl-code" });
  const copyLine = button("Copy line", async () => {
    await copy(line.textContent);
    flash(copyLine, "Copied");
  }, { icon: "copy" });
  return { el: h("div", { class: "cl-torch" }, line, copyLine), set: (text) => setText(line, text) };
}

// Show another name, a shorter one, on a button for a moment.
export function flash(element, name) {
  element.style.minWidth = `${element.offsetWidth}px`;
  const own = (element.dataset.name ??= element.lastChild.textContent);
  setText(element.lastChild, name);
  setTimeout(() => setText(element.lastChild, own), 1500);
}
