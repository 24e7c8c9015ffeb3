// TransposedFigure: every input stamps the kernel into the output, and stamps add up. The stage is that of ConvolutionFigure, the other
// way round: what the layer gone backwards reads is the output here, and the ring around it is what `padding` crops.

import { fits, isWhole, layerLine, pair, plural, range, resultText, show, stencil, sumText } from "./core.js";
import { convTranspose2d, inputTerms, transposedPlan } from "./core_back.js";
import { groupsSlider, withGroups } from "./convolution_panel.js";
import { cellText, makeStage } from "./convolution_stage.js";
import { linesText } from "./convolution_words.js";
import { figure } from "./life.js";
import { choice, codeLine, h, marks, renew, setText, slider } from "./ui.js";

const TRAITS = ["x", "weight", "stride", "padding", "output_padding", "dilation", "groups", "view"];
const SLIDERS = [["kernel_size", "Kernel size", 1, 5], ["stride", "Stride", 1, 4], ["padding", "Padding", 0, 4], ["output_padding", "Output padding", 0, 3], ["dilation", "Dilation", 1, 3]];
const MOST_OUTPUTS = 32;

const both = (state) => Object.fromEntries(["stride", "padding", "output_padding", "dilation"].map((name) => [name, pair(state[name])]));

function check(state) {
  const layer = transposedPlan({ ...state, ...both(state) });
  const most = Math.max(layer.rows.size, layer.columns.size);
  if (most > MOST_OUTPUTS) throw new RangeError(`The output would be ${most} pixels wide or high; the figure shows up to ${MOST_OUTPUTS}. The last numbers stay.`);
  return layer;
}

function trust(state) {
  const settings = ["stride", "padding", "output_padding", "dilation"].every((name) => [state[name]].flat().every((value) => isWhole(value, 0, 8)));
  if (!fits(state.x, [4, 8, 8]) || !fits(state.weight, [4, 4, 7, 7]) || !settings || !["numbers", "overlap"].includes(state.view)) throw new TypeError("not a state of this figure");
}

// The axes as the stage shows them: as many outputs as there are inputs, whatever output_padding makes room for. `reach`: how many
// stamps of one input channel lie on each position, `unread`: where none does, in the ring too.
function stamped(layer) {
  return [[layer.rows, layer.grad[0].length], [layer.columns, layer.grad[0][0].length]].map(([axis, inputs]) => {
    const reach = (position) => axis.users(position).filter(([input]) => input < inputs).length;
    const unread = axis.sources.map((_, index) => index - axis.before).filter((position) => !reach(position));
    return { ...axis, outputSize: inputs, unread, unreadRing: [], reach: range(axis.size).map(reach) };
  });
}

// Whether pixels are reached unevenly in turn, and what mends it; in the middle, where no edge takes a part.
export function checkerText({ rows, columns }) {
  const told = [rows, columns].map((axis) => {
    const phases = range(axis.stride).map((phase) => range(axis.kernelSize).filter((tap) => (tap * axis.dilation) % axis.stride === phase).length);
    return [Math.min(...phases), Math.max(...phases)];
  });
  const [least, most] = [told[0][0] * told[1][0], told[0][1] * told[1][1]];
  const { kernelSize, stride, dilation } = told[0][0] === told[0][1] ? columns : rows;
  if (least === most) return `Inside, every pixel gets ${plural(most, "product")} from each input channel: no checkerboard.`;
  if (range(stride).slice(2).concat(stride).some((factor) => factor > 1 && stride % factor === 0 && dilation % factor === 0)) {
    return `Inside, pixels get from ${least} to ${plural(most, "product")}: stride ${stride} and dilation ${dilation} have a common factor, so some are never reached.`;
  }
  return `Inside, pixels get from ${least} to ${plural(most, "product")} in turn, since ${stride} does not divide ${kernelSize}: a checkerboard. A kernel of ${stride * Math.ceil(kernelSize / stride)} has none.`;
}

export function render({ model, el }) {
  const light = marks();
  const base = figure({ model, el, traits: TRAITS, check, trust, draw, rest: () => pointStamp(...at), longest });
  let at = [0, 0, 0];
  let now = null;
  let whole = null;
  let drawn = "";
  const names = () => ({ input: "Output", kernel: "Kernel", output: "Input", idle: "gets no stamp of input channel", of: "of input" });
  const stage = makeStage({ grid: base.grid, onWidth: base.onWidth, names, input: pointSum, kernel: pointTap, output: pointStamp, pick: (...place) => { at = place; base.show(() => pointStamp(...at)); }, edits });
  stage.el.classList.add("cl-turned");
  const checker = h("p", {});
  const unreached = h("p", { class: "cl-unread" });
  const facts = h("dl", { class: "cl-facts" });
  const line = codeLine();
  const current = (name) => name === "kernel_size" ? [now.rows.kernelSize, now.columns.kernelSize] : pair(now.state[name]);
  const sliders = SLIDERS.map(([name, label, min, max]) => [name, slider({ name: label, min, max, onInput: (number) => change(name, number) })]);
  const groups = groupsSlider({ most: 4, channels: () => [now.outChannels, now.inChannels], take: (number) => base.propose({ groups: number, weight: withGroups(now, number) }), say: base.say });
  const view = choice({ name: "Output shows", options: [["numbers", "Numbers"], ["overlap", "Overlap"]], onChange: (way) => base.propose({ view: way }) });
  base.controls.append(h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, "The output shows"), view.el)),
    h("div", { class: "cl-sliders" }, sliders.map(([, each]) => each.el), groups.el));
  base.body.append(stage.el, base.status, unreached, checker, facts, line.el);

  function change(name, number) {
    if (name !== "kernel_size") return base.propose({ [name]: number });
    const flat = now.weight.flat(3);
    const kernel = (old) => stencil(number, number, (r, c) => flat.every((value) => value === flat[0]) ? flat[0] : old[r]?.[c] ?? 0);
    return base.propose({ weight: now.weight.map((slices) => slices.map(kernel)) });
  }

  function draw(layer, state) {
    now = { ...layer, state };
    at = at.map((index, i) => Math.min(index, [layer.outChannels, layer.grad[0].length, layer.grad[0][0].length][i] - 1));
    const text = JSON.stringify(state);
    if (text === drawn) return;
    drawn = text;
    // With what the padding crops, which stands around it.
    whole = convTranspose2d(transposedPlan({ ...state, ...both(state), padding: [0, 0] }));
    const values = whole.map((map) => map.slice(layer.rows.before, layer.rows.before + layer.rows.size).map((line) => line.slice(layer.columns.before, layer.columns.before + layer.columns.size)));
    const [rows, columns] = stamped(layer);
    const overlap = state.view === "overlap";
    const counts = values.map(() => rows.reach.map((a) => columns.reach.map((b) => a * b)));
    const lost = linesText(rows.unread, columns.unread);
    unreached.hidden = !lost;
    setText(unreached, `Hatched: no stamp reaches ${lost}.`);
    stage.paint({ ...layer, rows, columns, x: overlap ? counts : values, ring: overlap ? () => null : croppedAt }, layer.grad, false);
    for (const [name, each] of sliders) {
      const [a, b] = current(name);
      each.set(a, a === b ? String(a) : `${a} × ${b}`);
    }
    groups.set(layer.groups);
    view.set(state.view);
    setText(checker, checkerText(layer));
    renew(facts, factList());
    line.set(torchLine(state));
  }

  function croppedAt(c, r, k) {
    return whole[c][r + now.rows.before][k + now.columns.before];
  }

  function factList() {
    const size = (axis, inputs, extra) => `(${inputs} − 1)·${axis.stride} − 2·${axis.before} + ${axis.dilation}·(${axis.kernelSize} − 1) + ${extra} + 1 = `;
    const extra = pair(now.state.output_padding);
    const fact = (name, text, number) => [h("dt", {}, name), h("dd", {}, text, h("b", {}, number.toLocaleString("en")))];
    const [inputs, perGroup, high, wide] = [now.outChannels, now.perGroup, now.rows.kernelSize, now.columns.kernelSize];
    const [h0, w0] = [now.grad[0].length, now.grad[0][0].length];
    return [...fact("Output height", size(now.rows, h0, extra[0]), now.rows.size), ...fact("Output width", size(now.columns, w0, extra[1]), now.columns.size),
      ...fact("Weight", `(in, out / groups, …) = (${inputs}, ${perGroup}, ${high}, ${wide}): `, inputs * perGroup * high * wide),
      ...fact("MACs", `${inputs}·${h0}·${w0} inputs × ${perGroup}·${high}·${wide} = `, inputs * h0 * w0 * perGroup * high * wide)];
  }

  function torchLine({ weight, stride, padding, output_padding: extra, groups, dilation }) {
    const settings = [["stride", stride, 1], ["padding", padding, 0], ["output_padding", extra, 0], ["groups", groups, 1], ["dilation", dilation, 1]];
    return layerLine("ConvTranspose2d", [now.outChannels, now.inChannels], weight, settings, ["bias=False"]);
  }

  const inside = (index, size) => index >= 0 && index < size;
  const mark = (lit, cell, text) => {
    cell.dataset.weight = text;
    lit.set(cell, "cl-used");
  };

  // An input: its stamp.
  function pointStamp(o, i, j) {
    if (!inside(o, now.outChannels) || !inside(i, now.grad[0].length) || !inside(j, now.grad[0][0].length)) return false;
    stage.showKernel(o);
    const lit = new Map([[stage.parts.outputs[o].cell(i, j), "cl-here"]]);
    const [downs, acrosses] = [now.rows.taps(i), now.columns.taps(j)];
    let cropped = 0;
    now.weight[o].forEach((kernel, c) => kernel.forEach((line, u) => line.forEach((factor, v) => {
      const [r, k] = [downs[u], acrosses[v]];
      mark(lit, stage.parts.inputs[now.firstChannel(o) + c].cell(r, k), `×${cellText(factor)}`);
      if (!inside(r, now.rows.size) || !inside(k, now.columns.size)) cropped += 1;
    })));
    light(lit);
    return base.tell(...stampText(o, i, j, cropped));
  }

  function stampText(o, i, j, cropped) {
    const count = now.perGroup * now.rows.kernelSize * now.columns.kernelSize;
    const start = (axis, index) => `${index}·${axis.stride} − ${axis.before} = ${axis.taps(index)[0]}`;
    const lost = cropped ? ` ${cropped} of its ${plural(count, "product")} ${cropped === 1 ? "falls" : "fall"} on the ring, which padding crops.` : "";
    return [`${show(now.grad[o][i][j])} times the kernel: its stamp begins at row ${start(now.rows, i)}, column ${start(now.columns, j)}.${lost}`,
      `Input ${now.outChannels > 1 ? `channel ${o}, ` : ""}row ${i}, column ${j}`];
  }

  function sumAt(c, r, k) {
    const list = inputTerms(now, now.grad, c, r, k);
    const where = `Output ${now.inChannels > 1 ? `channel ${c}, ` : ""}row ${r}, column ${k}`;
    return list.length ? [[["", sumText(list), resultText(list)]], `${where} · ${plural(list.length, "product")}${list.length > 1 ? " overlap" : ""}, each input · weight`, list] : ["0: no stamp reaches this pixel.", where, list];
  }

  // An output: what overlaps there.
  function pointSum(c, r, k) {
    if (!inside(c, now.inChannels) || !inside(r + now.rows.before, now.rows.paddedSize) || !inside(k + now.columns.before, now.columns.paddedSize)) return false;
    const lit = new Map([[stage.parts.inputs[c].cell(r, k), "cl-here"]]);
    if (!inside(r, now.rows.size) || !inside(k, now.columns.size)) {
      light(lit);
      return base.tell(`Padding crops this pixel. Its sum would have been ${show(croppedAt(c, r, k))}.`, `Ring, row ${r}, column ${k}`);
    }
    const [lines, where, list] = sumAt(c, r, k);
    const channel = list.some(({ output }) => output[0] === stage.kernelOf()) || !list.length ? stage.kernelOf() : list[0].output[0];
    stage.showKernel(channel);
    for (const { output: [o, i, j], tap, weight } of list) {
      mark(lit, stage.parts.outputs[o].cell(i, j), `×${cellText(weight)}`);
      if (o === channel) lit.set(stage.parts.kernels[c - now.firstChannel(o)].cell(...tap), "cl-read");
    }
    light(lit);
    return base.tell(lines, where);
  }

  // A weight: where it lands.
  function pointTap(c, u, v) {
    if (!inside(c, now.perGroup) || !inside(u, now.rows.kernelSize) || !inside(v, now.columns.kernelSize)) return false;
    const o = stage.kernelOf();
    const lit = new Map([[stage.parts.kernels[c].cell(u, v), "cl-here"]]);
    now.grad[o].forEach((row, i) => row.forEach((_, j) => lit.set(stage.parts.inputs[now.firstChannel(o) + c].cell(now.rows.taps(i)[u], now.columns.taps(j)[v]), "cl-read")));
    light(lit);
    return base.tell(`${show(now.weight[o][c][u][v])} is multiplied by every input${now.outChannels > 1 ? ` of channel ${o}` : ""}, and lands on the lit pixels.`, `Weight, row ${u}, column ${v}`);
  }

  function edits(kind, path) {
    return kind === "x" ? null : base.takes(kind === "output" ? "x" : kind, path);
  }

  function longest() {
    const sums = stencil(now.rows.size, now.columns.size, (r, k) => sumAt(0, r, k).slice(0, 2)).flat();
    const stamps = now.grad.flatMap((map, o) => map.flatMap((line, i) => line.map((_, j) => stampText(o, i, j, now.rows.before + now.columns.before))));
    return [...sums, ...stamps];
  }

  base.start();
  return base.end;
}
