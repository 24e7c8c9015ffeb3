// ShapeFigure: one axis as a ruler, its windows below, and the size formula step by step.

import { axis, effectiveKernelSize, isWhole, plural, range } from "./core.js";
import { figure } from "./life.js";
import { choice, h, slider } from "./ui.js";

const SLIDERS = [["size", "Input size", 1, 64], ["kernel_size", "Kernel size", 1, 11], ["stride", "Stride", 1, 8], ["padding", "Padding", 0, 8], ["dilation", "Dilation", 1, 8]];
const LIMITS = { size: 512, kernel_size: 32, stride: 32, padding: 64, dilation: 64 };
const WINDOWS = 8;

function trust(state) {
  for (const [name, , least] of SLIDERS) {
    const word = name === "padding" && ["same", "valid"].includes(state[name]);
    if (!word && !isWhole(state[name], least, LIMITS[name])) throw new TypeError("not a state of this figure");
  }
}

// What PyTorch prints for a square layer of these numbers, and what would mend it; null when the layer fits.
export function problem({ size, kernel_size: kernel, stride, padding, dilation }) {
  const effective = effectiveKernelSize(kernel, dilation);
  const least = Math.ceil((effective - size) / 2);
  if (padding === "same" && stride !== 1) {
    return ["padding='same' is not supported for strided convolutions", `Give the padding in numbers: ${Math.max(least, Math.floor((effective - 1) / 2))} per side, or set the stride to 1.`];
  }
  const before = { same: effective - 1, valid: 0 }[padding] ?? padding;
  const padded = padding === "same" ? size + before : size + 2 * before;
  if (effective <= padded) return null;
  const cures = [`padding of at least ${least} per side`, `an input of at least ${size + effective - padded}`];
  if (dilation > 1 && kernel <= padded) cures.push(`dilation of at most ${Math.floor((padded - 1) / (kernel - 1))}`);
  cures.push(`a kernel of at most ${Math.floor((padded - 1) / dilation) + 1}`);
  return [`Calculated padded input size per channel: (${padded} x ${padded}). Kernel size: (${effective} x ${effective}). Kernel size can't be greater than actual input size`,
    `The kernel spans ${effective} pixels, the padded input has ${padded}. What would fit: ${cures.slice(0, -1).join(", ")}, or ${cures.at(-1)}.`];
}

// All of a list, or its two ends with a gap (null) between.
function ends(list, most) {
  if (list.length <= most) return list;
  const half = Math.floor((most - 1) / 2);
  return [...list.slice(0, most - 1 - half), null, ...list.slice(list.length - half)];
}

export function render({ model, el }) {
  const check = (state) => problem(state) ? null : axis(state.size, state.kernel_size, state.stride, state.padding, state.dilation);
  const base = figure({ model, el, traits: SLIDERS.map(([name]) => name), check, trust, draw, rest: choose, longest });
  let now = null;
  let chosen = 0;
  let cells = new Map();
  const ruler = h("div", { class: "cl-ruler" });
  const steps = h("ol", { class: "cl-steps" });
  const message = h("div", { class: "cl-illegal", role: "alert" });
  const output = slider({ name: "Output", min: 0, max: 1, onInput: (i) => base.show(() => choose(i)) });
  const sliders = SLIDERS.map(([name, label, min, max]) => [name, slider({ name: label, min, max, onInput: (value) => base.propose({ [name]: value }) })]);
  const words = choice({ name: "Padding words", options: [["valid", "'valid'"], ["same", "'same'"]], onChange: (word) => base.propose({ padding: word }) });
  base.controls.append(h("div", { class: "cl-sliders" }, sliders.map(([, each]) => each.el)),
    h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, "Padding"), words.el)));
  const legal = h("div", { class: "cl-legal" }, output.el, ruler, base.status, steps);
  base.body.append(legal, message);

  function draw(line, state) {
    now = line;
    for (const [name, each] of sliders) {
      const value = typeof state[name] === "string" ? (line ? line.before : 0) : state[name];
      each.input.max = Math.max(each.input.max, value);
      each.set(value, typeof state[name] === "string" ? `'${state[name]}'` : String(value));
    }
    words.set(state.padding);
    legal.hidden = !line;
    message.hidden = Boolean(line);
    if (!line) return tellProblem(problem(state));
    message.replaceChildren();
    output.input.max = line.outputSize - 1;
    chosen = Math.min(chosen, line.outputSize - 1);
    build();
    tellSteps();
  }

  function tellProblem([text, cure]) {
    if (message.dataset.said === text + cure && message.firstChild) return;
    message.dataset.said = text + cure;
    message.replaceChildren(h("p", {}, "This layer does not fit. PyTorch says:"), h("code", { class: "cl-code" }, text), h("p", {}, cure));
  }

  function build() {
    const room = Math.max(9, Math.floor(((ruler.clientWidth || 640) - 66) / (now.size > 99 ? 25 : 19)));
    const places = ends(range(now.paddedSize).map((index) => index - now.before), room);
    const outputs = ends(range(now.outputSize), WINDOWS);
    const blind = new Set([...now.unread, ...now.unreadRing]);
    ruler.style.setProperty("--places", places.length);
    cells = new Map();
    const label = (text) => h("span", { class: "cl-place-label" }, text);
    const place = (p) => {
      if (p === null) return h("span", { class: "cl-gap" }, "…");
      const inside = p >= 0 && p < now.size;
      const cell = h("span", { class: `cl-place ${inside ? "" : "cl-outside"} ${blind.has(p) ? "cl-hatched" : ""}` }, inside ? String(p) : "");
      base.points(cell, () => tellPosition(p));
      cells.set(p, cell);
      return cell;
    };
    const tap = (taps, p) => {
      const index = p === null ? -1 : taps.indexOf(p);
      const within = p === null ? taps[0] < now.size && places[places.indexOf(null) - 1] < taps.at(-1) && places[places.indexOf(null) + 1] > taps[0] : p > taps[0] && p < taps.at(-1);
      return h("span", { class: index >= 0 ? "cl-tap" : within ? "cl-between" : "" }, index >= 0 ? String(index) : "");
    };
    const row = (i) => {
      if (i === null) return h("div", { class: "cl-window" }, label("⋮"), h("span", { class: "cl-more" }, `${now.outputSize - outputs.length + 1} more windows`));
      const line = h("div", { class: "cl-window" }, label(`output ${i}`), places.map((p) => tap(now.taps(i), p)));
      base.points(line, () => choose(i));
      cells.set(`output ${i}`, line);
      return line;
    };
    ruler.replaceChildren(h("div", { class: "cl-window cl-positions" }, label("input"), places.map(place)), ...outputs.map(row));
  }

  function light(positions, outputs) {
    const lit = new Set([...positions, ...outputs.map((i) => `output ${i}`)]);
    for (const [key, cell] of cells) cell.classList.toggle("cl-lit", lit.has(key));
  }

  function choose(i = chosen) {
    if (!now || i >= now.outputSize) return false;
    chosen = i;
    output.set(i, `${i} of ${now.outputSize}`);
    light(now.taps(i), [i]);
    return base.tell(outputText(i));
  }

  function outputText(i) {
    const taps = now.taps(i);
    const padded = taps.filter((p) => p < 0 || p >= now.size).length;
    return `Output ${i} starts at ${i} · ${now.stride} − ${now.before} = ${taps[0]} and reads ${listed(taps)}${padded ? ` (${padded} of them in the padding)` : ""}.`;
  }

  function tellPosition(p) {
    if (!now || !cells.has(p)) return false;
    light([p], now.users(p).map(([i]) => i));
    return base.tell(positionText(p));
  }

  function positionText(p) {
    const by = now.users(p).map(([i, tap]) => `output ${i} (kernel ${tap})`);
    const what = p < 0 || p >= now.size ? `The padding at ${p}` : `Input ${p}`;
    if (!by.length) return `${what} is read by no window: its gradient is zero.`;
    return `${what} is read by ${by.length > 6 ? `${by.slice(0, 3).join(", ")} … ${by.at(-1)}, ${by.length} in all` : by.join(", ")}.`;
  }

  function longest() {
    if (!now) return [];
    return [...range(now.outputSize).map(outputText), ...[...cells.keys()].filter(Number.isInteger).map(positionText)].map((text) => [text]);
  }

  function tellSteps() {
    const { size, before, after, paddedSize, effective, dilation, kernelSize, stride, outputSize, leftOver } = now;
    const whole = (paddedSize - effective) % stride === 0;
    const quotient = String(Number(((paddedSize - effective) / stride).toFixed(3)));
    const items = [
      [`padded input`, `${size} + ${before} + ${after} = ${paddedSize}`],
      [`kernel spans`, `${dilation} · (${kernelSize} − 1) + 1 = ${effective}`],
      [`last possible start`, `${paddedSize} − ${effective} = ${paddedSize - effective}`],
      [`steps of ${stride}`, `${paddedSize - effective} / ${stride} = ${quotient}${whole ? "" : `, rounded down to ${outputSize - 1}`}`],
      [`outputs`, `${outputSize - 1} + 1 = ${outputSize}`],
      [`left over`, [leftOver ? `${leftOver} at the end of the padded input` : "0", ...blindWords()].join("; ")],
    ];
    steps.replaceChildren(...items.map(([name, text]) => h("li", {}, h("span", {}, name), h("b", {}, text))));
  }

  // What the ruler hatches.
  function blindWords() {
    const { unread, unreadRing } = now;
    const by = "read by no window (hatched)";
    return [
      unread.length > 0 && `${unread.length > 1 ? `inputs ${listed(unread, ` (${unread.length} of them)`)} are` : `input ${unread[0]} is`} ${by}`,
      unreadRing.length > 0 && `${plural(unreadRing.length, "position")} of the padding ${unreadRing.length > 1 ? "are" : "is"} ${by}`,
    ].filter(Boolean);
  }

  base.onWidth(ruler, () => now && build());
  base.start();
  return base.end;
}

// `count` says how many there are, where not all are written.
function listed(numbers, count = "") {
  return numbers.length > 8 ? `${numbers.slice(0, 3).join(", ")}, … ${numbers.at(-1)}${count}` : numbers.join(", ");
}
