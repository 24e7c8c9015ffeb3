// The life of a figure, and the one owner of each thing that could be moved from two sides:
// - State: the model's traits. One way in, propose(patch): checked as a whole, taken or refused in words, then drawn once.
// - Pointer: a target, points(el, action), is pointed at when the pointer itself moves onto it, or when it is pressed. What slides
//   beneath a resting pointer is not. What was asked for last is what is shown, show(action), and is asked again after every drawing;
//   an action gives false where its place is gone. Then, and when the pointer leaves, the figure tells what it tells at `rest`.
// - Edit: one at a time, edit(cell, ...), in the cell where it began. Meanwhile the pointer points at nothing, and what the figure
//   draws stays beneath the field; when its cell goes, the edit goes too.
// - Link: written by "Copy link", read at the start and when the address changes.
// - Layout: `controls` stand above what they change, so that they stay under the hand. A figure that reckons with its width asks
//   onWidth(el, draw); tell(lines) has room for the longest of `longest()`, so that nothing below moves while the pointer does.

import { button, copy, flash, h, setText, typedNumber } from "./ui.js";
import { grid } from "./grids.js";
import { PLAIN } from "./link.js";

const MEASURED = 12;

// What a figure tells: lines of [what, sum, result], or a plain text, under the place that it tells about.
function write(el, lines, where = "") {
  if (!el.firstChild) el.append(h("div", { class: "cl-where" }), h("div", { class: "cl-sums" }));
  const [place, sums] = el.children;
  place.hidden = !where;
  setText(place, where);
  const rows = typeof lines === "string" ? [["", lines, ""]] : lines;
  while (sums.children.length > rows.length) sums.lastChild.remove();
  while (sums.children.length < rows.length) sums.append(h("div", {}, h("span", { class: "cl-of" }), h("span"), " ", h("b")));
  rows.forEach((texts, index) => texts.forEach((text, i) => setText(sums.children[index].children[i], text)));
}

// `traits`: those that the reader may change; they make the link and are undone by "Reset" (onReset: what else it undoes).
// check(state) returns what draw needs, and throws an Error whose message tells the reader why a state is not legal;
// trust(state) throws unless a linked state, which may hold anything, is of the right kinds. draw(checked, state) paints; what is
// shown follows by itself, `rest` at first. longest() lists [lines, where] of which the longest are to have room.
// `link`: how a state becomes a part of an address, and back (see link.js).
// Gives { root, tools, controls, body, status, note, signal, state(), propose(patch), takes(name, path), say(text), tell(lines, where), points,
// grid(options), isEditing(), onWidth(el, draw), settle(), start(), end() }.
export function figure({ model, el, traits, check, trust, draw, rest = () => {}, longest = () => [], onReset = () => {}, link = PLAIN }) {
  const ending = new AbortController();
  const { signal } = ending;
  const note = h("p", { class: "cl-note", role: "alert" });
  const controls = h("div", { class: "cl-controls" });
  const body = h("div", { class: "cl-body" });
  const tools = h("div", { class: "cl-tools" });
  const heading = h("div", { class: "cl-title" });
  const status = h("div", { class: "cl-terms", role: "status" });
  const root = h("div", { class: "cl-figure", role: "group" }, h("div", { class: "cl-head" }, heading, tools), controls, note, body);
  const state = () => Object.fromEntries(traits.map((name) => [name, model.get(name)]));
  let held = null;
  const say = (text) => {
    if (held) held.text = text;
    else setText(note, text);
  };
  const tell = (lines, where) => write(status, lines, where);
  const first = JSON.stringify(state());

  // The note stands above the body: while something there is pressed, what is said waits, so that it does not move under the hand.
  const release = () => setTimeout(() => {
    const text = held?.text ?? null;
    held = null;
    if (text !== null) say(text);
  });
  body.onpointerdown = ({ button }) => { if (!button) held = { text: null }; };
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release, { signal });

  // State ------------------------------------------------------------------------------------------------------------------

  let quiet = false;
  let drawing = false;
  const refresh = () => {
    if (quiet) return;
    setText(heading, model.get("title"));
    root.setAttribute("aria-label", model.get("title") || "Figure");
    drawing = true;
    try {
      draw(check(state()), state());
    } finally {
      drawing = false;
    }
    if (editing && !editing.input.isConnected) editing.close(false);
    show(shown);
    settle();
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
  const reset = () => {
    onReset();
    propose(JSON.parse(first));
  };

  // Pointer ----------------------------------------------------------------------------------------------------------------

  const targets = new WeakMap();
  const points = (target, action, follows = false) => targets.set(target, { action, follows });
  let shown = rest;
  let over = null;
  let last = "";
  const show = (action) => {
    shown = action;
    if (action() !== false) return;
    shown = rest;
    rest();
  };
  const targetOf = (node) => {
    while (node && !targets.has(node)) node = node.parentNode;
    return targets.get(node) ?? null;
  };
  // A pointer's event, which counts when the pointer itself has moved. A target that `follows` is asked at every move, by touch too.
  // It gives nothing: a handler's `false` would forbid what the browser does next, such as to drag a slider.
  const moved = (event) => {
    const place = `${event.screenX} ${event.screenY}`;
    if (place === last) return;
    last = place;
    const target = event.type === "pointerleave" ? null : targetOf(event.target);
    if (editing || (event.pointerType === "touch" && !target?.follows)) return;
    if (target?.follows) target.action(event);
    else if (target !== over) show(target ? target.action : rest);
    over = target;
  };
  root.onpointermove = root.onpointerdown = moved;
  // A figure that slid away is left when the pointer moves.
  root.onpointerleave = (event) => {
    if (`${event.screenX} ${event.screenY}` === last) document.addEventListener("pointermove", moved, { once: true, signal });
    else moved(event);
  };
  root.onclick = (event) => {
    const target = event.target.closest(".cl-grid") ? null : targetOf(event.target);
    if (target && !target.follows) show(target.action);
  };

  // Edit -------------------------------------------------------------------------------------------------------------------

  let editing = null;
  const edit = (cell, label, take, start = cell.textContent) => {
    const before = cell.textContent;
    const input = h("input", { class: "cl-edit", inputmode: "text", "aria-label": label, autocomplete: "off", spellcheck: "false" });
    const close = (keep, back) => {
      if (editing?.input !== input) return;
      editing = null;
      input.remove();
      if (keep && input.value.trim() !== before) take(input.value);
      if (back) cell.focus();
    };
    input.value = start;
    input.onblur = () => close(!drawing);
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      close(event.key === "Enter", true);
    };
    editing = { input, close };
    cell.append(input);
    input.focus();
    if (start === before) input.select();
  };

  // What takes the number typed for one place of a trait, whatever else has changed meanwhile.
  const takes = (name, path, now = () => model.get(name)) => (text) => {
    const value = typedNumber(text, say);
    if (value === null) return;
    const next = JSON.parse(JSON.stringify(now()));
    const line = path.slice(0, -1).reduce((part, index) => part?.[index], next);
    if (line === undefined || line[path.at(-1)] === undefined) return;
    line[path.at(-1)] = value;
    propose({ [name]: next });
  };

  // Link -------------------------------------------------------------------------------------------------------------------

  const follow = async () => {
    const hash = location.hash.slice(1);
    if (!hash.startsWith(`${model.linkKey}=`)) return;
    try {
      if (hash.length > link.most) throw new RangeError(`The link has ${hash.length} characters, and at most ${link.most} are read`);
      const patch = await link.unpack(hash.slice(model.linkKey.length + 1));
      if (typeof patch !== "object" || Array.isArray(patch)) throw new TypeError("not a state");
      const known = Object.fromEntries(traits.filter((name) => Object.hasOwn(patch, name)).map((name) => [name, patch[name]]));
      const next = { ...JSON.parse(first), ...known };
      trust(next);
      check(next);
      propose(next);
    } catch (error) {
      propose(JSON.parse(first));
      say(`${hash.length > link.most ? error.message : "The link could not be read"}: the figure stands as it is in the book.`);
    }
    root.scrollIntoView({ block: "start" });
  };
  const copyLink = async () => {
    const changed = Object.entries(state()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(JSON.parse(first)[name]));
    const hash = `${model.linkKey}=${await link.pack(Object.fromEntries(changed))}`;
    if (hash.length > link.most) return say(`A link to this state would have ${hash.length} characters, and at most ${link.most} are read. It was not copied.`);
    history.replaceState(history.state, "", `#${hash}`);
    await copy(location.href);
    flash(linkButton, "Copied");
  };
  const linkButton = button("Copy link", copyLink, { icon: "link" });

  // Layout -----------------------------------------------------------------------------------------------------------------

  // Where a callback changes what is observed, the browser reports an error: the next frame is early enough.
  const onWidth = (element, redraw) => {
    let width = element.clientWidth;
    const look = () => {
      if (signal.aborted || element.clientWidth === width) return;
      width = element.clientWidth;
      redraw(width);
      show(shown);
      settle();
    };
    const watch = new ResizeObserver(() => requestAnimationFrame(look));
    watch.observe(element);
    signal.addEventListener("abort", () => watch.disconnect());
  };
  // Room for the longest lines below the longest place, which may belong to another sum.
  const makeRoom = () => {
    const length = ([lines, where]) => [lines, where ?? ""].flat(2).join("").length;
    const texts = longest().map((text) => [length(text), text]).sort((a, b) => b[0] - a[0]);
    const wheres = texts.map(([, [, where = ""]]) => ["", where]).sort((a, b) => b[1].length - a[1].length).slice(0, 1);
    const twins = [...texts.slice(0, MEASURED).map(([, text]) => text), ...wheres].map((text) => {
      const twin = h("div", { class: "cl-terms" });
      write(twin, ...text);
      return twin;
    });
    const measure = h("div", { class: "cl-measure", "aria-hidden": "true" }, twins);
    status.append(measure);
    const [place, sums] = [0, 1].map((part) => Math.max(0, ...twins.map((twin) => twin.children[part].offsetHeight)));
    const around = status.offsetHeight - status.clientHeight + 2 * parseFloat(getComputedStyle(status).paddingTop);
    measure.remove();
    status.style.minHeight = sums ? `${place + sums + around}px` : "";
  };
  // When the sizes have come to rest.
  let settling = null;
  const settle = () => {
    clearTimeout(settling);
    settling = setTimeout(makeRoom, 250);
  };

  const start = () => {
    el.replaceChildren(root);
    tools.append(button("Reset", reset, { icon: "reset" }));
    if (model.linkKey) tools.append(linkButton);
    for (const name of [...traits, "title"]) model.on(`change:${name}`, refresh);
    refresh();
    if (model.linkKey) {
      follow();
      window.addEventListener("hashchange", follow, { signal });
    }
    makeRoom();
  };
  const end = () => {
    ending.abort();
    clearTimeout(settling);
    for (const name of [...traits, "title"]) model.off(`change:${name}`, refresh);
    root.remove();
  };
  return {
    root, tools, controls, body, status, note, signal, state, propose, takes, say, tell, points, show, onWidth, settle, start, end,
    grid: (options) => grid({ ...options, points, show, edit }), isEditing: () => editing !== null,
  };
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
