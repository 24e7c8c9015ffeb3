// ReceptiveFieldFigure: a stack of layers, and what one output sees of the input, along an axis and as a square.

import { axis, effectiveKernelSize, isWhole, plural, range } from "./core.js";
import { figure } from "./life.js";
import { button, choice, h, marks, setText, slider, svg } from "./ui.js";

const MOST_LAYERS = 6;
const MOST_PIXELS = 48;
const SLIDERS = [["Kernel size", 7], ["Stride", 4], ["Dilation", 8]];
const PRESETS = [
  ["three 3×3", [[3, 1, 1], [3, 1, 1], [3, 1, 1]]], ["dilation 1, 2, 4", [[3, 1, 1], [3, 1, 2], [3, 1, 4]]], ["dilation 2, 2, 2", [[3, 1, 2], [3, 1, 2], [3, 1, 2]]],
  ["dilation 1, 2, 5", [[3, 1, 1], [3, 1, 2], [3, 1, 5]]], ["stride 2, 2, 2", [[3, 2, 1], [3, 2, 1], [3, 2, 1]]],
];

// The levels of a stack, from the input (0) to the output of the last layer. Inside the field of one last output: `count` positions,
// each sees `size` input pixels, `jump` apart; `ways` counts the ways from each position to the output; `line` is the axis to the next level.
export function levels(layers) {
  const list = [{ count: 1, ways: [1], line: null }];
  for (const [kernelSize, stride, dilation] of [...layers].reverse()) {
    const above = list[0];
    const count = (above.count - 1) * stride + effectiveKernelSize(kernelSize, dilation);
    const line = axis(count, kernelSize, stride, 0, dilation);
    const ways = range(count).map((p) => line.users(p).reduce((sum, [output]) => sum + above.ways[output], 0));
    list.unshift({ count, ways, line });
  }
  let [size, jump] = [1, 1];
  return list.map((level, depth) => {
    const found = { ...level, size, jump };
    if (level.line) {
      size += (effectiveKernelSize(layers[depth][0], layers[depth][2]) - 1) * jump;
      jump *= layers[depth][1];
    }
    return found;
  });
}

function check({ layers }) {
  const size = layers.reduceRight((count, [k, s, d]) => (count - 1) * s + effectiveKernelSize(k, d), 1);
  if (size > MOST_PIXELS) throw new RangeError(`This stack would see ${size} pixels; the figure shows up to ${MOST_PIXELS}. The last stack stays.`);
  return levels(layers);
}

function trust({ layers }) {
  const good = Array.isArray(layers) && layers.length > 0 && layers.length <= MOST_LAYERS &&
    layers.every((layer) => Array.isArray(layer) && layer.length === 3 && layer.every((number) => isWhole(number, 1, 16)));
  if (!good) throw new TypeError("not a state of this figure");
}

export function render({ model, el }) {
  const base = figure({ model, el, traits: ["layers"], check, trust, draw, rest, longest });
  const light = marks();
  let now = null;
  let chosen = 0;
  let parts = [];
  let links = [];
  const tree = h("div", { class: "cl-tree" });
  const square = h("div", { class: "cl-square" });
  const formula = h("p", { class: "cl-growth" });
  const layers = () => base.state().layers;
  const changed = (index, number) => layers().map((layer, i) => i === chosen ? layer.map((old, j) => j === index ? number : old) : layer);
  const sliders = SLIDERS.map(([name, max], index) => slider({ name, min: 1, max, onInput: (number) => base.propose({ layers: changed(index, number) }) }));
  const chips = h("div", { class: "cl-choice", role: "group", "aria-label": "Layer" });
  const add = button("Add layer", () => {
    if (base.propose({ layers: [...layers(), [3, 1, 1]] })) choose(layers().length - 1);
  });
  const remove = button("Remove layer", () => {
    base.propose({ layers: layers().filter((_, i) => i !== chosen) });
  });
  const presets = choice({ name: "Stacks", options: PRESETS.map(([name]) => [name, name]), onChange: (name) => base.propose({ layers: PRESETS.find(([other]) => other === name)[1] }) });
  base.controls.append(
    h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, "Stack"), presets.el)),
    h("div", { class: "cl-sliders" }, sliders.map((each) => each.el)), h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, add, remove), chips));
  base.body.append(h("div", { class: "cl-field" }, tree, square), base.status, formula);

  function draw(found, state) {
    now = found;
    chosen = Math.min(chosen, state.layers.length - 1);
    paintSquare(); // first: the tree has the width that the square leaves
    build();
    choose(chosen);
    add.disabled = state.layers.length >= MOST_LAYERS;
    remove.disabled = state.layers.length === 1;
    presets.set(PRESETS.find(([, stack]) => JSON.stringify(stack) === JSON.stringify(state.layers))?.[0]);
    const grown = state.layers.map(([k, , d], i) => `(${k} − 1)·${d}·${now[i].jump}`);
    setText(formula, `Receptive field: 1 + ${grown.join(" + ")} = ${now[0].count} pixels. Each layer adds (kernel − 1) · dilation · the strides before it.`);
  }

  function choose(index) {
    chosen = index;
    const state = base.state();
    if (chips.children.length !== state.layers.length) chips.replaceChildren(...state.layers.map((_, i) => button(`Layer ${i + 1}`, () => choose(i), { kind: "cl-chip" })));
    [...chips.children].forEach((chip, i) => chip.setAttribute("aria-pressed", i === chosen));
    sliders.forEach((each, j) => {
      each.input.max = Math.max(each.input.max, state.layers[chosen][j]);
      each.set(state.layers[chosen][j]);
    });
  }

  function build() {
    const room = (tree.clientWidth || 600) - 58;
    const side = Math.max(5, Math.min(30, Math.floor(room / now[0].count)));
    const rows = now.map((level, depth) => {
      const name = depth ? `Layer ${depth}` : "Input";
      const made = base.grid({ name, rows: 1, columns: level.count, onPoint: (_, p) => pointAt(depth, p) });
      made.el.style.setProperty("--cell", `${level.jump * side}px`);
      made.el.style.marginLeft = `${(level.size - level.jump) / 2 * side}px`;
      const numbered = level.jump * side >= 10 + 7 * (String(level.count - 1).length - 1);
      range(level.count).forEach((p) => {
        const cell = made.cell(0, p);
        setText(cell, numbered ? String(p) : "");
        cell.setAttribute("aria-label", `${p}${level.ways[p] ? "" : ", not read"}`);
        cell.classList.toggle("cl-pad", level.ways[p] === 0);
      });
      return { made, row: h("div", { class: "cl-level" }, h("span", { class: "cl-place-label" }, name.toLowerCase()), h("div", { class: "cl-nodes" }, made.el)) };
    });
    parts = rows.map((row) => row.made);
    const x = (level, p) => (p * level.jump + level.size / 2) * side;
    links = now.flatMap((level, depth) => level.line ? range(level.line.outputSize).flatMap((q) => level.line.taps(q).map((p) =>
      ({ depth, p, q, read: now[depth + 1].ways[q] > 0, ends: [x(now[depth + 1], q), x(level, p)] }))) : []);
    const gaps = range(now.length - 1).map((depth) => {
      const lines = links.filter((link) => link.depth === depth && link.read).map((link) => {
        link.el = svg("line", { x1: link.ends[0], y1: 0, x2: link.ends[1], y2: 26, class: "cl-wire" });
        return link.el;
      });
      return h("div", { class: "cl-level" }, h("span"), svg("svg", { width: now[0].count * side, height: 26, "aria-hidden": "true" }, lines));
    });
    tree.replaceChildren(...rows.flatMap(({ row }, depth) => depth ? [gaps[depth - 1], row] : [row]).reverse());
  }

  function paintSquare() {
    const { count, ways } = now[0];
    const most = Math.max(...ways) ** 2;
    const side = Math.max(3, Math.min(14, Math.floor(220 / count)));
    const pixels = range(count).flatMap((r) => range(count).filter((c) => ways[r] && ways[c]).map((c) =>
      svg("rect", { x: c * side + 0.5, y: r * side + 0.5, width: side - 1, height: side - 1, "fill-opacity": 0.25 + 0.75 * (ways[r] * ways[c] / most) })));
    const read = ways.filter(Boolean).length;
    const size = count * side;
    square.replaceChildren(svg("svg", { width: size, height: size, viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": `${read * read} of the ${count * count} pixels of the square are read.` },
      svg("rect", { width: size, height: size, class: "cl-frame" }), pixels), h("p", {}, `In the square: ${read * read} of ${count * count} pixels are read; the stronger the colour, the more ways.`));
  }

  // Everything that position p of a level reads, level by level down to the input.
  function readBy(depth, p) {
    const reads = [new Set([p])];
    for (let level = depth - 1; level >= 0; level -= 1) {
      reads.unshift(new Set([...reads[0]].flatMap((q) => now[level].line.taps(q))));
    }
    return reads;
  }

  function pointAt(depth, p) {
    if (depth >= now.length || p >= now[depth].count) return false;
    const reads = readBy(depth, p);
    const lit = new Map();
    reads.forEach((set, level) => set.forEach((q) => lit.set(parts[level].cell(0, q), "cl-read")));
    for (const link of links) if (link.el && link.depth < depth && reads[link.depth + 1].has(link.q)) lit.set(link.el, "cl-lit");
    lit.set(parts[depth].cell(0, p), "cl-here");
    light(lit);
    return base.tell(textOf(depth, p, reads[0]));
  }

  function textOf(depth, p, read = readBy(depth, p)[0]) {
    if (!depth) return `Input ${p}: ways to the last output = ${now[0].ways[p]}`;
    const seen = [...read].sort((a, b) => a - b);
    const list = seen.length > 12 ? `${seen.slice(0, 4).join(", ")}, … ${seen.at(-1)}` : seen.join(", ");
    return `Output ${p} of layer ${depth} reads ${plural(seen.length, "input pixel")} (${list}): from ${seen[0]} to ${seen.at(-1)}, its field = ${now[depth].size}`;
  }

  function rest() {
    pointAt(now.length - 1, 0);
  }

  // The last positions have the longest numbers.
  function longest() {
    return now.map((level, depth) => [textOf(depth, level.count - 1)]);
  }

  base.onWidth(tree, build);
  base.start();
  return base.end;
}
