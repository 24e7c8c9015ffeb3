// The stage of ConvolutionFigure: grids for each input channel, for the kernels of one output channel, and for each output channel.
// Grids are made anew only where their count changes, and grow and shrink in place; cells are written only where their number changes.

import { range, show } from "./core.js";
import { h, heat, setText } from "./ui.js";

const GAP = 22;
const LABEL = 38;

// Cells from large to small: their height, the width of a digit and of the room beside the digits, in pixels.
const SIZES = [
  { tall: 38, digit: 9, room: 14, least: 38, penalty: 0 }, { tall: 34, digit: 8.4, room: 10, least: 34, penalty: 60 },
  { tall: 30, digit: 8.2, room: 6, least: 30, penalty: 130 }, { tall: 27, digit: 7.5, room: 4, least: 26, penalty: 210 },
  { tall: 24, digit: 6.6, room: 4, least: 22, penalty: 400 }, { tall: 24, digit: 5.6, room: 3, least: 18, penalty: 900 },
  { tall: 22, digit: 5.6, room: 2, least: 15, penalty: 2500 },
];

// Where nothing fits: the least there is, in a stage that scrolls.
const NARROWEST = { size: SIZES.at(-1), beside: false, across: 1, right: false, outAcross: 1 };

// A number as it fits into a cell: in full up to six characters, else rounded to three digits and marked so.
export function cellText(value) {
  const text = show(value);
  return text.length <= 6 ? text : `≈${Number(value.toPrecision(3))}`;
}

// `on` is the figure's: its owners grid and onWidth; names(), what the grids hold: { input, kernel, output, idle, of }; input(c, r, k), kernel(c, u, v), output(o, i, j) for pointing; pick(o, i, j) for
// choosing an output; edits(trait, path), which gives what takes a new number for that place, or null.
// A layer may have ring(c, r, k): what stands in the padding, null for nothing.
export function makeStage(on) {
  const { grid } = on;
  const operator = (sign) => h("span", { class: "cl-operator", "aria-hidden": "true" }, sign);
  const channels = h("div", { class: "cl-channels" });
  const results = h("div", { class: "cl-results" });
  const el = h("div", { class: "cl-stage" }, channels, operator("="), results);
  const parts = { inputs: [], kernels: [], outputs: [], slots: [], boxes: [] };
  let available = 0;
  let layer = null;
  let numbers = null;
  let kernelOf = -1;
  let longest = null;
  let rooms = null;
  let chosen = null;

  const named = (kind, count, index) => count > 1 ? `${on.names()[kind]} channel ${index}` : on.names()[kind];
  // How wide the longest name is of one kind of grids.
  const pen = h("canvas").getContext("2d");
  const roomOf = (kind, count) => Math.ceil(pen.measureText(named(kind, count, count - 1)).width) + 8;
  const size = (a, b) => `${a} × ${b}`;
  const labelled = (what, body) => h("div", { class: "cl-labelled" }, h("div", { class: "cl-label" }, h("span", {}, what), h("small", {})), body.el);
  const note = (body, text) => setText(body.el.previousSibling.lastChild, text);

  function makeInputs(count) {
    parts.inputs = range(count).map((c) => grid({ name: named("input", count, c), onPoint: (r, k) => on.input(c, r, k), edits: (r, k) => on.edits("x", [c, r, k]) }));
    parts.slots = range(count).map(() => h("div", { class: "cl-slot" }));
    channels.replaceChildren(...parts.inputs.map((input, c) => h("div", { class: "cl-pair" }, labelled(named("input", count, c), input), operator("∗"), parts.slots[c])));
  }

  function makeKernels(count) {
    parts.kernels = range(count).map((c) => grid({ name: named("kernel", count, c), onPoint: (u, v) => on.kernel(c, u, v), edits: (u, v) => on.edits("weight", [kernelOf, c, u, v]) }));
    parts.boxes = parts.kernels.map((kernel, c) => labelled(named("kernel", count, c), kernel));
  }

  function makeOutputs(count) {
    parts.outputs = range(count).map((o) => grid({ name: named("output", count, o), onPoint: (i, j) => on.output(o, i, j), onPick: (i, j) => on.pick(o, i, j), edits: (i, j) => on.edits("output", [o, i, j]) }));
    results.replaceChildren(...parts.outputs.map((output, o) => labelled(named("output", count, o), output)));
  }

  function rename() {
    for (const [kind, grids] of Object.entries({ input: parts.inputs, kernel: parts.kernels, output: parts.outputs })) {
      grids.forEach((each, index) => {
        each.el.setAttribute("aria-label", named(kind, grids.length, index));
        setText(each.el.previousSibling.firstChild, named(kind, grids.length, index));
      });
    }
  }

  // The grids at their sizes. As many as the layer has channels: they are made anew when that changes.
  function build() {
    const { rows, columns, inChannels, outChannels, perGroup } = layer;
    if (parts.inputs.length !== inChannels) makeInputs(inChannels);
    if (parts.kernels.length !== perGroup) makeKernels(perGroup);
    if (parts.outputs.length !== outChannels) makeOutputs(outChannels);
    const ring = { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after };
    for (const each of parts.inputs) each.resize(rows.size, columns.size, ring);
    for (const each of parts.kernels) each.resize(rows.kernelSize, columns.kernelSize);
    for (const each of parts.outputs) each.resize(rows.outputSize, columns.outputSize);
  }

  // What a way to stand asks for: its width and its height, where smaller cells count as higher, and the widths of its parts.
  function extent({ size, beside, across, right, outAcross }) {
    const { inChannels, outChannels } = layer;
    const [input, kernel, output] = [parts.inputs[0], parts.kernels[0], parts.outputs[0]].map((each) => each.pitch());
    const cell = (kind) => Math.max(size.least, longest[kind] * size.digit + size.room);
    const [inputWidth, slot, outWidth] = [["input", input], ["kernel", kernel], ["output", output]].map(([kind, [wide]]) => Math.max(wide * cell(kind), rooms[kind]));
    const pairWidth = beside ? inputWidth + slot + GAP : Math.max(inputWidth, slot);
    const pairHeight = beside ? Math.max(input[1], kernel[1]) * size.tall + LABEL : (input[1] + kernel[1]) * size.tall + 2 * LABEL;
    const left = [across * (pairWidth + GAP) - GAP, Math.ceil(inChannels / across) * (pairHeight + GAP)];
    const below = [outAcross * (outWidth + GAP) - GAP, Math.ceil(outChannels / outAcross) * (output[1] * size.tall + LABEL + GAP)];
    return {
      cell, slot, inputWidth, outWidth, width: right ? left[0] + below[0] + 2 * GAP : Math.max(left[0], below[0]),
      score: (right ? Math.max(left[1], below[1]) : left[1] + below[1]) + size.penalty,
    };
  }

  // Choose how channels stand (kernel beside or under its input, how many across, outputs below, or right of kernels that stand beside) and how large cells
  // are: of what fits the width, the lowest figure. A choice that still does is kept: figures do not jump under a moving slider.
  function fit(keep) {
    const digits = (list) => Math.max(2, ...list.map((value) => cellText(value).length));
    pen.font = `600 13px ${getComputedStyle(el).fontFamily}`;
    rooms = { input: roomOf("input", layer.inChannels), kernel: roomOf("kernel", layer.perGroup), output: roomOf("output", layer.outChannels) };
    longest = { input: digits(layer.x.flat(2)), kernel: digits(layer.weight.flat(3)), output: digits(numbers.flat(2)) };
    const divisors = (count) => range(count).map((index) => index + 1).filter((across) => count % across === 0);
    const [ways, outWays] = [divisors(layer.inChannels), divisors(layer.outChannels)];
    const all = SIZES.flatMap((size) => [true, false].flatMap((beside) => ways.flatMap((across) => outWays.flatMap((outAcross) => (beside ? [true, false] : [false]).map((right) => ({ size, beside, across, outAcross, right }))))));
    const fits = all.map((way) => ({ ...way, ...extent(way) })).filter((way) => way.width <= available);
    const best = fits.reduce((a, b) => b.score < a.score ? b : a, fits[0] ?? { ...NARROWEST, ...extent(NARROWEST) });
    const kept = keep && fits.find((way) => Object.keys(all[0]).every((name) => way[name] === chosen?.[name]));
    chosen = kept?.score <= 1.4 * best.score ? kept : best;
    el.dataset.wide = !fits.length;
    arrange(chosen);
  }

  // Write a choice into the styles, only where it changes: every cell below is styled anew.
  function arrange({ size, cell, slot, inputWidth, outWidth, beside, across, right, outAcross }) {
    const style = (element, properties) => {
      for (const [name, value] of Object.entries(properties)) if (element.style.getPropertyValue(name) !== String(value)) element.style.setProperty(name, value);
    };
    style(el, { "--tall": `${size.tall}px`, "--font": `${Math.min(14, size.digit / 0.65)}px` });
    const widths = { input: parts.inputs, kernel: parts.kernels, output: parts.outputs };
    for (const [kind, grids] of Object.entries(widths)) {
      const [wide, tall] = grids[0].pitch();
      for (const each of grids) style(each.el, { "--cell": `${cell(kind)}px`, width: `${wide * cell(kind)}px`, height: `${tall * size.tall}px` });
    }
    style(channels, { "grid-template-columns": `repeat(${across}, ${beside ? inputWidth + slot + GAP : Math.max(inputWidth, slot)}px)` });
    style(results, { "grid-template-columns": `repeat(${outAcross}, ${outWidth}px)` });
    // Kernels come and go between groups: a slot keeps its room, so that nothing moves when another output is pointed at.
    const slotTall = layer.groups > 1 ? `${parts.kernels[0].pitch()[1] * size.tall + LABEL}px` : "auto";
    parts.inputs.forEach((input, c) => {
      style(input.el.parentNode, { width: `${inputWidth}px` });
      style(parts.slots[c], { width: `${beside ? slot : inputWidth}px`, "min-height": slotTall });
    });
    el.dataset.pair = beside ? "beside" : "over";
    el.dataset.results = right ? "right" : "below";
  }

  function write(cell, value, most) {
    setText(cell, cellText(value));
    heat(cell, value, most);
  }

  function paintInput() {
    const { x, rows, columns, mode, groups, perGroup } = layer;
    const most = Math.max(...x.flat(2).map(Math.abs));
    const [rowUnread, columnUnread] = [rows, columns].map((axis) => new Set([...axis.unread, ...axis.unreadRing]));
    parts.inputs.forEach((input, channel) => {
      note(input, groups > 1 ? `group ${Math.floor(channel / perGroup)}` : size(rows.size, columns.size));
      rows.sources.forEach((fromRow, index) => columns.sources.forEach((fromColumn, k) => {
        const [r, c] = [index - rows.before, k - columns.before];
        const cell = input.cell(r, c);
        const isRing = r < 0 || c < 0 || r >= rows.size || c >= columns.size;
        const value = isRing && layer.ring ? layer.ring(channel, r, c) : fromRow < 0 || fromColumn < 0 ? 0 : x[channel][fromRow][fromColumn];
        if (value === null) setText(cell, "");
        else write(cell, value, mode === "zeros" || (fromRow === r && fromColumn === c) ? most : most * 2);
        cell.classList.toggle("cl-hatched", rowUnread.has(r) || columnUnread.has(c));
      }));
    });
  }

  function paintOutput(hidden) {
    const most = Math.max(...numbers.flat(2).map(Math.abs));
    const { rows, columns, bias } = layer;
    parts.outputs.forEach((output, o) => {
      note(output, size(rows.outputSize, columns.outputSize) + (bias ? `, bias ${show(bias[o])}` : ""));
      numbers[o].forEach((row, i) => row.forEach((value, j) => {
        if (hidden) setText(output.cell(i, j), "?");
        else write(output.cell(i, j), value, most);
      }));
    });
  }

  // The kernel of one output channel, each slice beside the input channel that it multiplies.
  function showKernel(o) {
    if (o === kernelOf) return;
    kernelOf = o;
    const first = layer.firstChannel(o);
    const most = Math.max(...layer.weight.flat(3).map(Math.abs));
    parts.slots.forEach((slot, channel) => {
      const box = parts.boxes[channel - first];
      const idle = box ? null : `${on.names().idle} ${o}`;
      if (box ? slot.firstChild !== box : slot.textContent !== idle) slot.replaceChildren(box ?? h("p", { class: "cl-idle-note" }, idle));
      parts.inputs[channel].el.classList.toggle("cl-idle", !box);
    });
    parts.kernels.forEach((kernel, c) => {
      layer.weight[o][c].forEach((row, u) => row.forEach((value, v) => write(kernel.cell(u, v), value, most)));
      note(kernel, layer.outChannels > 1 ? `${on.names().of} ${o}` : `${layer.rows.kernelSize} × ${layer.columns.kernelSize}`);
    });
  }

  // Paint a checked layer and its outputs; `hidden` outputs are question marks. The kernels stay those of the same output.
  function paint(nextLayer, nextNumbers, hidden) {
    [layer, numbers] = [nextLayer, nextNumbers];
    build();
    rename();
    paintInput();
    paintOutput(hidden);
    const o = Math.max(0, kernelOf < layer.outChannels ? kernelOf : 0);
    kernelOf = -1;
    showKernel(o);
    available ||= el.clientWidth || 700;
    fit(true);
  }

  on.onWidth(el, (width) => {
    available = width;
    fit(false);
  });
  return { el, parts, paint, showKernel, kernelOf: () => kernelOf };
}
