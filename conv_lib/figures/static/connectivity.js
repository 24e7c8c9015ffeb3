// ConnectivityFigure: input channels to output channels, and the weight as blocks.

import { isWhole, macs, parameters, plan, range, torchLine } from "./core.js";
import { codeLine, h, marks, renew, setText, slider, svg } from "./ui.js";
import { figure } from "./life.js";

const SLIDERS = [["in_channels", "In channels", 1, 16], ["out_channels", "Out channels", 1, 16], ["groups", "Groups", 1, 16], ["kernel_size", "Kernel size", 1, 7]];
const ROW = 30;

function trust(state) {
  for (const [name, , min, max] of SLIDERS) {
    if (!isWhole(state[name], min, max)) throw new TypeError("not a state of this figure");
  }
}

// A layer of these channels on one pixel, with its own kernel size; its numbers do not matter, its shape does.
function layerOf({ in_channels: inputs, out_channels: outputs, groups, kernel_size: k }) {
  const kernel = range(k).map(() => range(k).map(() => 0));
  const x = range(inputs).map(() => [[0]]);
  const weight = range(outputs).map(() => range(Math.floor(inputs / groups)).map(() => kernel));
  return plan({ x, weight, padding: "same", groups });
}

export function legalGroups(inputs, outputs) {
  return range(Math.min(inputs, outputs)).map((index) => index + 1).filter((g) => inputs % g === 0 && outputs % g === 0);
}

export function render({ model, el }) {
  const base = figure({ model, el, traits: SLIDERS.map(([name]) => name), check: layerOf, trust, draw, rest: () => pointOutput(0), longest });
  const light = marks();
  let now = null;
  let shape = "";
  let parts = null;
  const picture = h("div", { class: "cl-wires" });
  const matrix = h("div", { class: "cl-blocks" });
  const facts = h("dl", { class: "cl-facts" });
  const line = codeLine();
  const sliders = SLIDERS.map(([name, label, min, max]) => [name, slider({ name: label, min, max, onInput: (value, before) => change(name, value, before) })]);
  base.controls.append(h("div", { class: "cl-sliders" }, sliders.map(([, each]) => each.el)));
  base.body.append(h("div", { class: "cl-connections" }, picture, matrix), base.status, facts, line.el);

  // Groups only take legal values; other numbers take the nearest legal number of groups along.
  function change(name, value, before) {
    const next = { ...base.state(), [name]: value };
    const legal = legalGroups(next.in_channels, next.out_channels);
    if (legal.includes(next.groups)) return base.propose({ [name]: value });
    const reason = `Groups ${next.groups} must divide both ${next.in_channels} input and ${next.out_channels} output channels; ${legal.join(", ")} ${legal.length > 1 ? "do" : "does"}.`;
    const onward = name !== "groups" ? legal.findLast((g) => g < next.groups) : value > before ? legal.find((g) => g > value) : legal.findLast((g) => g < value);
    if (onward) base.propose({ [name]: value, groups: onward });
    base.say(onward ? `${reason} The figure now has ${onward}.` : reason);
    return name !== "groups" && Boolean(onward);
  }

  function draw(layer, state) {
    now = { ...layer, state };
    for (const [name, each] of sliders) each.set(state[name]);
    const next = JSON.stringify([layer.inChannels, layer.outChannels, layer.groups]);
    if (next !== shape) {
      shape = next;
      build();
    }
    tellFacts();
  }

  const groupOf = (channel, channels) => Math.floor(channel / (channels / now.groups));
  const letter = (group) => String.fromCharCode(65 + group);

  function build() {
    const column = (name, channels, point) => {
      const made = base.grid({ name, rows: channels, columns: 1, onPoint: point });
      range(channels).forEach((channel) => {
        const cell = made.cell(channel, 0);
        setText(cell, String(channel));
        cell.append(h("small", { "aria-hidden": "true" }, now.groups > 1 ? letter(groupOf(channel, channels)) : ""));
        cell.classList.add(`cl-group-${groupOf(channel, channels) % 4}`);
      });
      return made;
    };
    const { inChannels, outChannels, perGroup } = now;
    const inputs = column("Input channels", inChannels, pointInput);
    const outputs = column("Output channels", outChannels, pointOutput);
    const tall = ROW * Math.max(inChannels, outChannels);
    const y = (channel, channels) => (tall - channels * ROW) / 2 + (channel + 0.5) * ROW;
    const wires = range(outChannels).flatMap((o) => range(perGroup).map((c) => {
      const channel = now.firstChannel(o) + c;
      return { o, channel, el: svg("line", { x1: 0, y1: y(channel, inChannels), x2: 100, y2: y(o, outChannels), class: "cl-wire" }) };
    }));
    const labelled = (text, made) => h("div", { class: "cl-labelled" }, h("div", { class: "cl-label" }, text), made.el);
    picture.replaceChildren(labelled("Input", inputs), svg("svg", { viewBox: `0 0 100 ${tall}`, preserveAspectRatio: "none", height: tall, "aria-hidden": "true" }, wires.map((wire) => wire.el)), labelled("Output", outputs));
    const blocks = new Map();
    const rows = range(outChannels).map((o) => h("div", { class: "cl-block-row" }, range(inChannels).map((channel) => {
      const c = channel - now.firstChannel(o);
      const used = c >= 0 && c < perGroup;
      const block = h("span", { class: used ? `cl-block cl-group-${groupOf(o, outChannels) % 4}` : "cl-block cl-none" }, used ? String(c) : "");
      base.points(block, () => pointOutput(o));
      if (used) blocks.set(`${o},${channel}`, block);
      return block;
    })));
    matrix.replaceChildren(h("div", { class: "cl-label" }, "Weight ", h("small", {}, "a row for each output, a column for each input; a number is the place in weight[output]")), h("div", { class: "cl-block-rows", "aria-hidden": "true" }, rows));
    parts = { inputs, outputs, wires, blocks };
  }

  function show(wires, here) {
    const lit = new Map([[here, "cl-here"]]);
    for (const { o, channel, el: wire } of wires) {
      lit.set(wire, "cl-lit");
      lit.set(parts.blocks.get(`${o},${channel}`), "cl-lit");
      for (const cell of [parts.inputs.cell(channel, 0), parts.outputs.cell(o, 0)]) if (cell !== here) lit.set(cell, "cl-read");
    }
    light(lit);
  }

  function pointOutput(o) {
    if (o >= now.outChannels) return false;
    show(parts.wires.filter((wire) => wire.o === o), parts.outputs.cell(o, 0));
    return base.tell(outputText(o));
  }

  function pointInput(channel) {
    if (channel >= now.inChannels) return false;
    show(parts.wires.filter((wire) => wire.channel === channel), parts.inputs.cell(channel, 0));
    return base.tell(inputText(channel));
  }

  const listed = (word, channels) => `${word} ${channels.length > 1 ? "channels" : "channel"} ${channels.join(", ")}`;

  function outputText(o) {
    const { perGroup, outChannels } = now;
    const k = now.state.kernel_size;
    const group = now.groups > 1 ? ` (group ${letter(groupOf(o, outChannels))})` : "";
    const read = range(perGroup).map((c) => now.firstChannel(o) + c);
    return `Output ${o}${group} sums ${listed("input", read)}. Its weights are weight[${o}], of shape (${perGroup}, ${k}, ${k}): ${perGroup}·${k}·${k} = ${perGroup * k * k}`;
  }

  function inputText(channel) {
    const outputs = parts.wires.filter((wire) => wire.channel === channel).map((wire) => wire.o);
    return `Input ${channel} is read by ${listed("output", outputs)}: outputs = ${outputs.length}`;
  }

  function longest() {
    return [...range(now.outChannels).map(outputText), ...range(now.inChannels).map(inputText)].map((text) => [text]);
  }

  function tellFacts() {
    const { inChannels, outChannels, perGroup, groups, state } = now;
    const k = state.kernel_size;
    const dense = outChannels * inChannels * k * k;
    const multiplier = outChannels / inChannels;
    const kind = groups === 1 ? (k === 1 ? "pointwise" : "standard") : groups === inChannels ? `depthwise, channel multiplier ${multiplier}` : "grouped";
    const items = [
      ["Kind", kind],
      ["Weight", `(${outChannels}, ${inChannels}/${groups}, ${k}, ${k}) = (${outChannels}, ${perGroup}, ${k}, ${k})`],
      ["Parameters", `${parameters(now).toLocaleString("en")} of ${dense.toLocaleString("en")} with groups=1${groups > 1 ? `: 1/${groups}` : ""}`],
      ["MACs per pixel", macs(now).toLocaleString("en")],
      ["Legal groups", `${legalGroups(inChannels, outChannels).join(", ")}: what divides both ${inChannels} and ${outChannels}`],
    ];
    renew(facts, items.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]));
    line.set(torchLine({ x: now.x, weight: now.weight, bias: null, stride: 1, padding: 0, dilation: 1, groups, padding_mode: "zeros" }));
  }

  base.start();
  return base.end;
}
