// ShapeFigure: one axis as a ruler, its windows below, and the size formula step by step.

import { axis, effectiveKernelSize, range } from "./core.js";
import { choice, figure, h, setText, slider, whenWidthChanges } from "./ui.js";

const SLIDERS = [["size", "Input size", 1, 64], ["kernel_size", "Kernel size", 1, 11], ["stride", "Stride", 1, 8], ["padding", "Padding", 0, 8], ["dilation", "Dilation", 1, 8]];
const LIMITS = { size: 512, kernel_size: 32, stride: 32, padding: 64, dilation: 64 };
const WINDOWS = 8;

function trust(state) {
  for (const [name, , least] of SLIDERS) {
    const word = name === "padding" && ["same", "valid"].includes(state[name]);
    if (!word && !(Number.isInteger(state[name]) && state[name] >= least && state[name] <= LIMITS[name])) throw new TypeError("not a state of this figure");
  }
}

// What PyTorch prints for a square layer of these numbers, and what would mend it; null when the layer fits.
export function problem({ size, kernel_size: kernel, stride, padding, dilation }) {
  if (padding === "same" && stride !== 1) {
    return ["padding='same' is not supported for strided convolutions", `Give the padding in numbers: ${Math.floor((effectiveKernelSize(kernel, dilation) - 1) / 2)} per side, or set the stride to 1.`];
  }
  const effective = effectiveKernelSize(kernel, dilation);
  const before = { same: effective - 1, valid: 0 }[padding] ?? padding;
  const padded = padding === "same" ? size + before : size + 2 * before;
  if (effective <= padded) return null;
  const cures = [`padding of at least ${Math.ceil((effective - size) / 2)} per side`, `an input of at least ${size + effective - padded}`];
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
  const base = figure({ model, el, traits: SLIDERS.map(([name]) => name), check, trust, draw });
  let now = null;
  let chosen = 0;
  let cells = new Map();
  const ruler = h("div", { class: "cl-ruler" });
  const status = h("div", { class: "cl-terms", role: "status" });
  const steps = h("ol", { class: "cl-steps" });
  const message = h("div", { class: "cl-illegal", role: "alert" });
  const output = slider({ name: "Output", min: 0, max: 1, onInput: (i) => { chosen = i; choose(); } });
  const sliders = SLIDERS.map(([name, label, min, max]) => [name, slider({ name: label, min, max, onInput: (value) => base.propose({ [name]: value }) })]);
  const words = choice({ name: "Padding words", options: [["valid", "'valid'"], ["same", "'same'"]], onChange: (word) => base.propose({ padding: word }) });
  const controls = h("div", { class: "cl-controls" }, h("div", { class: "cl-sliders" }, sliders.map(([, each]) => each.el)),
    h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, "Padding"), words.el)));
  const legal = h("div", { class: "cl-legal" }, ruler, output.el, status, steps);
  base.body.append(legal, message, controls);

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
    choose();
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
    const blind = new Set(places.filter((p) => p !== null && now.users(p).length === 0));
    ruler.style.setProperty("--places", places.length);
    cells = new Map();
    const label = (text) => h("span", { class: "cl-place-label" }, text);
    const place = (p) => {
      if (p === null) return h("span", { class: "cl-gap" }, "…");
      const inside = p >= 0 && p < now.size;
      const cell = h("span", { class: `cl-place ${inside ? "" : "cl-outside"} ${blind.has(p) ? "cl-hatched" : ""}` }, inside ? String(p) : "");
      cell.onpointerenter = cell.onclick = () => tellPosition(p);
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
      line.onpointerenter = line.onclick = () => { chosen = i; choose(); };
      cells.set(`output ${i}`, line);
      return line;
    };
    ruler.replaceChildren(h("div", { class: "cl-window cl-positions" }, label("input"), places.map(place)), ...outputs.map(row));
    ruler.onpointerleave = choose;
  }

  function light(positions, outputs) {
    const lit = new Set([...positions, ...outputs.map((i) => `output ${i}`)]);
    for (const [key, cell] of cells) cell.classList.toggle("cl-lit", lit.has(key));
  }

  function choose() {
    if (!now) return;
    output.set(chosen, `${chosen} of ${now.outputSize}`);
    const taps = now.taps(chosen);
    light(taps, [chosen]);
    const padded = taps.filter((p) => p < 0 || p >= now.size).length;
    const sum = `${chosen} · ${now.stride} − ${now.before} = ${taps[0]}`;
    setText(status, `Output ${chosen} starts at ${sum} and reads ${listed(taps)}${padded ? ` (${padded} of them in the padding)` : ""}.`);
  }

  function tellPosition(p) {
    const users = now.users(p);
    light([p], users.map(([i]) => i));
    const what = p < 0 || p >= now.size ? `The padding at ${p}` : `Input ${p}`;
    const by = users.map(([i, tap]) => `output ${i} (kernel ${tap})`);
    setText(status, users.length ? `${what} is read by ${by.length > 6 ? `${by.slice(0, 3).join(", ")} … ${by.at(-1)}, ${by.length} in all` : by.join(", ")}.` : `${what} is read by no window: its gradient is zero.`);
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
      [`left over`, leftOver ? `${leftOver} at the end of the padded input${now.unread.length ? `; ${now.unread.length > 1 ? `inputs ${listed(now.unread)} are` : `input ${now.unread[0]} is`} read by no window (hatched)` : ""}` : now.unread.length ? `0 at the end, but the stride steps over ${now.unread.length} inputs (hatched)` : "0"],
    ];
    steps.replaceChildren(...items.map(([name, text]) => h("li", {}, h("span", {}, name), h("b", {}, text))));
  }

  base.start();
  const end = whenWidthChanges(ruler, () => {
    if (!now) return;
    build();
    choose();
  });
  return () => {
    end();
    base.end();
  };
}

function listed(numbers) {
  return numbers.length > 8 ? `${numbers.slice(0, 3).join(", ")}, … ${numbers.at(-1)}` : numbers.join(", ");
}
