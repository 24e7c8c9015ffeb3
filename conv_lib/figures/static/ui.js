// What all figures are built from: elements, controls, grids of numbers, and the life of a figure.
// Text always goes in as text (never as HTML). Listeners go with their elements; those on the window end with the figure's `signal`.

import { parseNumber, range } from "./core.js";

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

// Write text only where it changes: the browser then paints only that.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
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

// The children of `el` at whole numbers from one to another, 0 among them, made when they are first asked for and kept for later.
// Gives { at(index), span(first, last) }; only children that come or go are touched.
function strip(el, make) {
  const made = new Map();
  const at = (index) => {
    if (!made.has(index)) made.set(index, make(index));
    return made.get(index);
  };
  let [first, last] = [0, -1];
  const span = (low, high) => {
    for (; first < low; first += 1) at(first).el.remove();
    for (; last > high; last -= 1) at(last).el.remove();
    while (first > low) el.prepend(at(first -= 1).el);
    while (last < high) el.append(at(last += 1).el);
  };
  return { at, span };
}

const NO_RING = { top: 0, bottom: 0, left: 0, right: 0 };

// A grid of numbers, `rows` x `columns`, one tab stop, with a ring of padding cells around it that are seen but not entered.
// cell(r, c) gives any cell (ring: below 0, or size and up); resize(rows, columns, ring) keeps the cells that stay, and says
// whether anything changed; pitch() is how many cells it has across and down, with the ring.
// onPoint(r, c): pointer over, or focus; onLeave(): pointer gone; onPick(r, c): pressed or moved to by keyboard;
// onEdit(r, c, text): a new number typed into it.
export function grid({ name, rows = 1, columns = 1, ring = NO_RING, onPoint, onLeave, onPick, onEdit }) {
  const place = new Map();
  const el = h("div", { class: "cl-grid", role: "grid", "aria-label": name });
  const lines = strip(el, (r) => {
    const row = h("div", { class: "cl-row" });
    return { el: row, ...strip(row, (c) => {
      const made = h("div", { class: "cl-cell" });
      place.set(made, [r, c]);
      return { el: made };
    }) };
  });
  const cell = (r, c) => lines.at(r).at(c).el;
  const isRingCell = (r, c) => r < 0 || c < 0 || r >= rows || c >= columns;
  let stop = null;
  let sizes = "";
  const moveStop = (next) => {
    if (stop === next) return;
    if (stop) stop.tabIndex = -1;
    stop = next;
    stop.tabIndex = 0;
  };
  // Whether a row or a cell is one of the ring or of the numbers.
  const dress = (part, isRing, own) => {
    if (part.isRing === isRing) return;
    part.isRing = isRing;
    for (const [name, value] of Object.entries(isRing ? { "aria-hidden": "true" } : own)) part.el.setAttribute(name, value);
    for (const name of Object.keys(isRing ? own : { "aria-hidden": "true" })) part.el.removeAttribute(name);
    if (part.el.matches(".cl-cell")) part.el.classList.toggle("cl-pad", isRing);
  };
  const resize = (nextRows, nextColumns, nextRing = NO_RING) => {
    const next = [nextRows, nextColumns, ...Object.values(nextRing)].join();
    if (next === sizes) return false;
    sizes = next;
    [rows, columns, ring] = [nextRows, nextColumns, nextRing];
    lines.span(-ring.top, rows + ring.bottom - 1);
    for (let r = -ring.top; r < rows + ring.bottom; r += 1) {
      const line = lines.at(r);
      line.span(-ring.left, columns + ring.right - 1);
      dress(line, r < 0 || r >= rows, { role: "row" });
      for (let c = -ring.left; c < columns + ring.right; c += 1) dress(line.at(c), isRingCell(r, c), { role: "gridcell", tabindex: -1 });
    }
    const [r, c] = place.get(stop) ?? [0, 0];
    moveStop(cell(Math.min(r, rows - 1), Math.min(c, columns - 1)));
    stop.tabIndex = 0;
    return true;
  };
  resize(rows, columns, ring);
  const placeOf = (event) => {
    const target = event.target.closest?.(".cl-cell");
    return target ? [target, ...place.get(target)] : null;
  };
  const edit = (at, start) => {
    const [r, c] = place.get(at);
    const before = at.textContent;
    const input = h("input", { class: "cl-edit", inputmode: "text", "aria-label": `${name}, row ${r}, column ${c}`, autocomplete: "off", spellcheck: "false" });
    let open = true;
    const close = (keep, back) => {
      if (!open) return;
      open = false;
      at.textContent = before;
      if (keep && input.value.trim() !== before) onEdit(r, c, input.value);
      if (back) at.focus();
    };
    input.value = start ?? before;
    input.onblur = () => close(true, false);
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        close(event.key === "Enter", true);
      }
    };
    at.replaceChildren(input);
    input.focus();
    if (start === undefined) input.select();
  };
  el.onpointerover = (event) => {
    const found = placeOf(event);
    if (found && event.pointerType !== "touch") onPoint?.(found[1], found[2]);
  };
  el.onpointerleave = (event) => {
    if (event.pointerType !== "touch") onLeave?.();
  };
  el.onclick = (event) => {
    const found = placeOf(event);
    if (!found || event.target.tagName === "INPUT") return;
    const [at, r, c] = found;
    if (isRingCell(r, c)) return onPoint?.(r, c);
    if (at === stop && at.dataset.picked && onEdit) return edit(at);
    at.dataset.picked = "yes";
    moveStop(at);
    at.focus();
    onPick?.(r, c);
  };
  el.addEventListener("focusin", (event) => {
    const found = placeOf(event);
    if (found && event.target === found[0] && event.target.matches(":focus-visible")) onPick?.(found[1], found[2]);
  });
  el.addEventListener("focusout", (event) => {
    if (!event.target.contains(event.relatedTarget)) delete event.target.dataset.picked;
  });
  el.onkeydown = (event) => {
    const found = placeOf(event);
    if (!found || event.target !== found[0]) return;
    const [at, r, c] = found;
    const to = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? rows - 1 : r, columns - 1],
    }[event.key];
    if (to) {
      event.preventDefault();
      if (isRingCell(...to)) return;
      moveStop(cell(...to));
      stop.focus();
      onPick?.(...to);
    } else if (onEdit && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (event.key === "Enter" || event.key === "F2") {
        event.preventDefault();
        edit(at);
      } else if (/^[-−.\d]$/.test(event.key)) {
        event.preventDefault();
        edit(at, event.key);
      }
    }
  };
  const pitch = () => [columns + ring.left + ring.right, rows + ring.top + ring.bottom];
  return { el, cell, resize, pitch, stopAt: (r, c) => moveStop(cell(r, c)) };
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
  if (value === null) say(`“${text.slice(0, 20)}” is not a number: write 3, -2.5 or 1/16.${follows}`);
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

// The life of a figure. `traits`: those that the reader may change; they make the link and are undone by "Reset".
// check(state) returns what draw needs, and throws an Error whose message tells the reader why a state is not legal;
// trust(state) throws unless a linked state, which may hold anything, is of the right kinds. draw(checked, state) paints.
// Gives { root, body, tools, note, signal, state(), propose(patch), say(text), start(), end() }; the note stands at the end unless it is put elsewhere.
export function figure({ model, el, traits, check, trust, draw }) {
  const ending = new AbortController();
  const note = h("p", { class: "cl-note", role: "alert" });
  const body = h("div", { class: "cl-body" });
  const tools = h("div", { class: "cl-tools" });
  const heading = h("div", { class: "cl-title" });
  const root = h("div", { class: "cl-figure", role: "group" }, h("div", { class: "cl-head" }, heading, tools), body, note);
  const state = () => Object.fromEntries(traits.map((name) => [name, model.get(name)]));
  const say = (text) => setText(note, text);
  const first = JSON.stringify(state());
  let quiet = false;
  const refresh = () => {
    if (quiet) return;
    setText(heading, model.get("title"));
    root.setAttribute("aria-label", model.get("title") || "Figure");
    draw(check(state()), state());
  };
  const propose = (patch) => {
    try {
      check({ ...state(), ...patch });
    } catch (error) {
      say(error.message);
      return false;
    }
    say("");
    quiet = true;
    for (const [name, value] of Object.entries(patch)) model.set(name, value);
    model.save_changes();
    quiet = false;
    refresh();
    return true;
  };
  const follow = () => {
    const text = linked(model.linkKey);
    if (text === null) return;
    try {
      const patch = JSON.parse(text);
      if (typeof patch !== "object" || Array.isArray(patch)) throw new TypeError("not a state");
      const known = Object.fromEntries(traits.filter((name) => Object.hasOwn(patch, name)).map((name) => [name, patch[name]]));
      const next = { ...JSON.parse(first), ...known };
      trust(next);
      check(next);
      propose(next);
    } catch {
      propose(JSON.parse(first));
      say("The link could not be read: the figure stands as it is in the book.");
    }
    root.scrollIntoView({ block: "start" });
  };
  const copyLink = async () => {
    const changed = Object.entries(state()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(JSON.parse(first)[name]));
    const hash = `${model.linkKey}=${encodeURIComponent(JSON.stringify(Object.fromEntries(changed)))}`;
    history.replaceState(null, "", `#${hash}`);
    await copy(location.href);
    flash(linkButton, "Link copied");
  };
  const linkButton = button("Copy link", copyLink, { icon: "link" });
  const start = () => {
    el.replaceChildren(root);
    tools.append(button("Reset", () => propose(JSON.parse(first)), { icon: "reset" }));
    if (model.linkKey) tools.append(linkButton);
    for (const name of [...traits, "title"]) model.on(`change:${name}`, refresh);
    refresh();
    if (model.linkKey) {
      follow();
      window.addEventListener("hashchange", follow, { signal: ending.signal });
    }
  };
  const end = () => {
    ending.abort();
    for (const name of [...traits, "title"]) model.off(`change:${name}`, refresh);
    root.remove();
  };
  return { root, body, tools, note, signal: ending.signal, state, propose, say, start, end };
}

// A `render` that starts anew when one of these traits changes: for what a figure is built from, not drawn from.
export function renewedBy(traits, open) {
  return ({ model, el }) => {
    let end = open({ model, el });
    const again = () => {
      end();
      end = open({ model, el });
    };
    for (const name of traits) model.on(`change:${name}`, again);
    return () => {
      for (const name of traits) model.off(`change:${name}`, again);
      end();
    };
  };
}

// Call `draw` when the width of an element is another; returns what ends that.
export function whenWidthChanges(element, draw) {
  let width = element.clientWidth;
  const watch = new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    draw();
  });
  watch.observe(element);
  return () => watch.disconnect();
}

// Show another name on a button for a moment.
export function flash(element, name) {
  const own = (element.dataset.name ??= element.lastChild.textContent);
  setText(element.lastChild, name);
  setTimeout(() => setText(element.lastChild, own), 1500);
}

function linked(key) {
  const hash = location.hash.slice(1);
  if (!key || !hash.startsWith(`${key}=`) || hash.length > 20000) return null;
  try {
    return decodeURIComponent(hash.slice(key.length + 1));
  } catch {
    return "";
  }
}
