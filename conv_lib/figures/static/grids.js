// A grid of numbers: one tab stop, walked by arrow keys, its cells to be pointed at, picked and changed. A figure makes its grids by
// `base.grid` (life.js), which hands its owners on: `points` and `show` for what is pointed at, `edit` for a number being typed.

import { h } from "./ui.js";

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

// `rows` x `columns` cells, with a ring of padding cells around them that are pointed at but not entered.
// onPoint(r, c): pointed at, here or in the ring; onPick(r, c): pressed or moved to by key, as pointed at where it is left out;
// edits(r, c): asked when an edit begins, gives what takes the text that is typed (a cell's place may mean another number by then),
// or null where nothing can be typed.
// cell(r, c) gives any cell (ring: below 0, or size and up); resize(rows, columns, ring) keeps the cells that stay, and says
// whether anything changed; pitch() is how many cells it has across and down, with the ring.
export function grid({ name, rows = 1, columns = 1, ring = NO_RING, onPoint, onPick, edits, points, show, edit }) {
  const place = new Map();
  const el = h("div", { class: "cl-grid", role: "grid", "aria-label": name });
  const lines = strip(el, (r) => {
    const row = h("div", { class: "cl-row" });
    return { el: row, ...strip(row, (c) => {
      const made = h("div", { class: "cl-cell" });
      place.set(made, [r, c]);
      if (onPoint) points(made, () => onPoint(r, c));
      return { el: made };
    }) };
  });
  const cell = (r, c) => lines.at(r).at(c).el;
  const isRingCell = (r, c) => r < 0 || c < 0 || r >= rows || c >= columns;
  const pick = onPick ?? ((r, c) => show(() => onPoint(r, c)));
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
  const begin = (at, r, c, start) => {
    const take = edits(r, c);
    if (take) edit(at, `${el.getAttribute("aria-label")}, row ${r}, column ${c}`, take, start);
  };
  el.onclick = (event) => {
    const found = placeOf(event);
    if (!found || event.target.tagName === "INPUT") return;
    const [at, r, c] = found;
    if (isRingCell(r, c)) return onPoint && show(() => onPoint(r, c));
    if (at === stop && at.dataset.picked && edits) return begin(at, r, c);
    at.dataset.picked = "yes";
    moveStop(at);
    at.focus();
    pick(r, c);
  };
  el.addEventListener("focusin", (event) => {
    const found = placeOf(event);
    if (found && event.target === found[0] && event.target.matches(":focus-visible")) pick(found[1], found[2]);
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
      pick(...to);
    } else if (edits && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const isDigit = /^[-−.\d]$/.test(event.key);
      if (!isDigit && event.key !== "Enter" && event.key !== "F2") return;
      event.preventDefault();
      begin(at, r, c, isDigit ? event.key : undefined);
    }
  };
  const pitch = () => [columns + ring.left + ring.right, rows + ring.top + ring.bottom];
  return { el, cell, resize, pitch, stopAt: (r, c) => moveStop(cell(r, c)) };
}
