// The stage of ConvolutionFigure: grids for each input channel, for the kernels of one output channel, and for each output channel.
// Grids are made anew only where their size changes, and cells are written only where their number changes.

import { range, show } from "./core.js";
import { grid, h, setText } from "./ui.js";

const GAP = 22;
const LABEL = 38;
const NAMED = 112;

// Cells from large to small: their height, the width of a digit and of the room beside the digits, in pixels.
const SIZES = [
  { tall: 38, digit: 9, room: 14, least: 38, penalty: 0 }, { tall: 34, digit: 8.4, room: 10, least: 34, penalty: 60 },
  { tall: 30, digit: 8.2, room: 6, least: 30, penalty: 130 }, { tall: 27, digit: 7.5, room: 4, least: 26, penalty: 210 },
  { tall: 24, digit: 6.6, room: 4, least: 22, penalty: 400 }, { tall: 24, digit: 5.6, room: 3, least: 18, penalty: 900 },
];

// A number as it fits into a cell: in full up to six characters, else rounded to three digits and marked so.
export function cellText(value) {
  const text = show(value);
  return text.length <= 6 ? text : `≈${Number(value.toPrecision(3))}`;
}

// What each event of the pointer and the keyboard leads to is the figure's: `on` holds input(c, r, k), kernel(c, u, v), output(o, i, j)
// for pointing, pick(o, i, j) for choosing an output, edit(trait, path, text) and leave().
export function makeStage(on) {
  const operator = (sign) => h("span", { class: "cl-operator", "aria-hidden": "true" }, sign);
  const channels = h("div", { class: "cl-channels" });
  const results = h("div", { class: "cl-results" });
  const el = h("div", { class: "cl-stage" }, channels, operator("="), results);
  const made = {};
  const parts = { inputs: [], kernels: [], outputs: [], slots: [], boxes: [] };
  let available = 0;
  let layer = null;
  let numbers = null;
  let kernelOf = -1;

  const named = (what, count, index) => count > 1 ? `${what} channel ${index}` : what;
  const size = (a, b) => `${a} × ${b}`;
  const labelled = (what, note, body) => h("div", { class: "cl-labelled" }, h("div", { class: "cl-label" }, h("span", {}, what), h("small", {}, note)), body.el);

  // Run `make` when what it depends on has changed; says whether it has.
  function renew(what, key, make) {
    const next = key.join();
    if (made[what] === next) return false;
    made[what] = next;
    make();
    return true;
  }

  function build() {
    const { rows, columns, inChannels, outChannels, perGroup, groups } = layer;
    const ring = { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after };
    const inputs = renew("inputs", [inChannels, groups, rows.size, columns.size, ...Object.values(ring)], () => {
      parts.inputs = range(inChannels).map((c) => grid({
        name: named("Input", inChannels, c), rows: rows.size, columns: columns.size, ring, onLeave: on.leave,
        onPoint: (r, k) => on.input(c, r, k), onPick: (r, k) => on.input(c, r, k), onEdit: (r, k, text) => on.edit("x", [c, r, k], text),
      }));
      parts.slots = range(inChannels).map(() => h("div", { class: "cl-slot" }));
      channels.replaceChildren(...range(inChannels).map((c) => h("div", { class: "cl-pair" },
        labelled(named("Input", inChannels, c), groups > 1 ? `group ${Math.floor(c / perGroup)}` : size(rows.size, columns.size), parts.inputs[c]), operator("∗"), parts.slots[c])));
    });
    const kernels = renew("kernels", [perGroup, rows.kernelSize, columns.kernelSize], () => {
      parts.kernels = range(perGroup).map((c) => grid({
        name: named("Kernel", perGroup, c), rows: rows.kernelSize, columns: columns.kernelSize, onLeave: on.leave,
        onPoint: (u, v) => on.kernel(c, u, v), onPick: (u, v) => on.kernel(c, u, v), onEdit: (u, v, text) => on.edit("weight", [kernelOf, c, u, v], text),
      }));
      parts.boxes = parts.kernels.map((kernel, c) => labelled(named("Kernel", perGroup, c), "", kernel));
    });
    const outputs = renew("outputs", [outChannels, rows.outputSize, columns.outputSize], () => {
      parts.outputs = range(outChannels).map((o) => grid({
        name: named("Output", outChannels, o), rows: rows.outputSize, columns: columns.outputSize, onLeave: on.leave,
        onPoint: (i, j) => on.output(o, i, j), onPick: (i, j) => on.pick(o, i, j),
      }));
      results.replaceChildren(...parts.outputs.map((output, o) => labelled(named("Output", outChannels, o), "", output)));
    });
    return inputs || kernels || outputs;
  }

  // Choose how channels stand (kernel beside or under its input, how many across, outputs right or below) and how large cells
  // are: of what fits the width, the lowest figure, where smaller cells count as higher.
  function fit() {
    const digits = (list) => Math.max(2, ...list.map((value) => cellText(value).length));
    const longest = { input: digits(layer.x.flat(2)), kernel: digits(layer.weight.flat(3)), output: digits(numbers.flat(2)) };
    const { inChannels, outChannels, perGroup } = layer;
    const [input, kernel, output] = [parts.inputs[0].pitch, parts.kernels[0].pitch, parts.outputs[0].pitch];
    let best = null;
    for (const size of SIZES) {
      const cell = (kind) => Math.max(size.least, longest[kind] * size.digit + size.room);
      const inputWidth = Math.max(input[0] * cell("input"), inChannels > 1 ? NAMED : 60);
      const slot = Math.max(kernel[0] * cell("kernel"), perGroup > 1 ? NAMED : 60);
      const outWidth = Math.max(output[0] * cell("output"), outChannels > 1 ? NAMED : 60);
      const consider = (beside, across, right, outAcross) => {
        const pairWidth = beside ? inputWidth + slot + GAP : Math.max(inputWidth, slot);
        const pairHeight = beside ? Math.max(input[1], kernel[1]) * size.tall + LABEL : (input[1] + kernel[1]) * size.tall + 2 * LABEL;
        const left = [across * (pairWidth + GAP) - GAP, Math.ceil(inChannels / across) * (pairHeight + GAP)];
        const results = [outAcross * (outWidth + GAP) - GAP, Math.ceil(outChannels / outAcross) * (output[1] * size.tall + LABEL + GAP)];
        const width = right ? left[0] + results[0] + 2 * GAP : Math.max(left[0], results[0]);
        const score = (right ? Math.max(left[1], results[1]) : left[1] + results[1]) + size.penalty;
        if (width <= available && (!best || score < best.score)) best = { score, size, cell, slot, inputWidth, outWidth, beside, across, right, outAcross };
      };
      const ways = (count) => range(count).map((index) => index + 1).filter((across) => count % across === 0);
      for (const beside of [true, false]) {
        for (const across of ways(inChannels)) {
          for (const outAcross of ways(outChannels)) for (const right of [true, false]) consider(beside, across, right, outAcross);
        }
      }
    }
    best ??= { size: SIZES.at(-1), cell: () => 16, slot: NAMED, inputWidth: 16 * input[0], outWidth: NAMED, beside: false, across: 1, right: false, outAcross: 1 };
    const properties = {
      "--tall": `${best.size.tall}px`, "--font": `${Math.min(14, best.size.digit / 0.65)}px`, "--across": best.across, "--out-across": best.outAcross, "--slot": `${best.slot}px`, "--input-width": `${best.inputWidth}px`, "--output-width": `${best.outWidth}px`,
      ...Object.fromEntries(Object.keys(longest).map((kind) => [`--${kind}-cell`, `${best.cell(kind)}px`])),
    };
    for (const [name, value] of Object.entries(properties)) el.style.setProperty(name, value);
    el.dataset.pair = best.beside ? "beside" : "over";
    el.dataset.results = best.right ? "right" : "below";
  }

  function write(cell, value, most) {
    setText(cell, cellText(value));
    const share = most ? Math.round(43 * Math.abs(value) / most) : 0;
    const heat = `${value < 0 ? -share : share}`;
    if (cell.dataset.heat !== heat) {
      cell.dataset.heat = heat;
      cell.style.setProperty("--heat", `${share}%`);
      cell.classList.toggle("cl-negative", value < 0);
    }
  }

  function paintInput() {
    const { x, rows, columns, rowSources, columnSources, mode } = layer;
    const most = Math.max(...x.flat(2).map(Math.abs));
    const rowUnread = new Set(range(rows.paddedSize).map((r) => r - rows.before).filter((r) => rows.users(r).length === 0));
    const columnUnread = new Set(range(columns.paddedSize).map((c) => c - columns.before).filter((c) => columns.users(c).length === 0));
    parts.inputs.forEach((input, channel) => {
      rowSources.forEach((fromRow, index) => columnSources.forEach((fromColumn, k) => {
        const [r, c] = [index - rows.before, k - columns.before];
        const cell = input.cell(r, c);
        const value = fromRow < 0 || fromColumn < 0 ? 0 : x[channel][fromRow][fromColumn];
        write(cell, value, mode === "zeros" || (fromRow === r && fromColumn === c) ? most : most * 2);
        cell.classList.toggle("cl-hatched", rowUnread.has(r) || columnUnread.has(c));
      }));
    });
  }

  function paintOutput(hidden) {
    const most = Math.max(...numbers.flat(2).map(Math.abs));
    const { rows, columns, bias } = layer;
    parts.outputs.forEach((output, o) => {
      setText(results.children[o].querySelector("small"), size(rows.outputSize, columns.outputSize) + (bias ? `, bias ${show(bias[o])}` : ""));
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
      const idle = box ? null : `not read by output channel ${o}`;
      if (box ? slot.firstChild !== box : slot.textContent !== idle) slot.replaceChildren(box ?? h("p", { class: "cl-idle-note" }, idle));
      parts.inputs[channel].el.classList.toggle("cl-idle", !box);
    });
    parts.kernels.forEach((kernel, c) => {
      layer.weight[o][c].forEach((row, u) => row.forEach((value, v) => write(kernel.cell(u, v), value, most)));
      const label = parts.boxes[c].querySelector("small");
      setText(label, layer.outChannels > 1 ? `for output ${o}` : `${layer.rows.kernelSize} × ${layer.columns.kernelSize}`);
    });
  }

  // Paint a checked layer and its outputs; `hidden` outputs are question marks. Says whether a grid has changed its size.
  function paint(nextLayer, nextNumbers, hidden) {
    [layer, numbers] = [nextLayer, nextNumbers];
    const changed = build();
    kernelOf = -1;
    paintInput();
    paintOutput(hidden);
    available ||= el.clientWidth || 700;
    fit();
    return changed;
  }

  const watch = new ResizeObserver(([entry]) => {
    if (entry.contentRect.width === available) return;
    available = entry.contentRect.width;
    fit();
  });
  watch.observe(el);
  return { el, parts, paint, showKernel, kernelOf: () => kernelOf, end: () => watch.disconnect() };
}
