// The controls of ConvolutionFigure. Every change is proposed to the figure, which takes it or says why not.

import { PADDING_MODES, PRESETS, pair, range, stencil } from "./core.js";
import { checkbox, choice, h, select, slider } from "./ui.js";

const SLIDERS = [["kernel_size", "Kernel size", 1, 7], ["stride", "Stride", 1, 4], ["padding", "Padding", 0, 4], ["dilation", "Dilation", 1, 4]];

// Another kernel size for the same kernel: equal numbers and the general presets go on as what they are, others keep their middle.
function resized(kernel, rows, columns) {
  const [h0, w0] = [kernel.length, kernel[0].length];
  const same = (other) => JSON.stringify(other) === JSON.stringify(kernel);
  if (kernel.flat().every((number) => number === kernel[0][0])) return stencil(rows, columns, () => kernel[0][0]);
  for (const preset of [PRESETS.identity, PRESETS.blur]) if (same(preset(h0, w0))) return preset(rows, columns);
  const [dr, dc] = [Math.floor((h0 - rows) / 2), Math.floor((w0 - columns) / 2)];
  return stencil(rows, columns, (r, c) => kernel[r + dr]?.[c + dc] ?? 0);
}

function withKernels(layer, make) {
  return layer.weight.map((slices) => slices.map(make));
}

// A slider that goes from one number of groups that divides both numbers of channels, channels(), to the next, and says why.
export function groupsSlider({ most, channels, take, say }) {
  return slider({ name: "Groups", min: 1, max: most, onInput: (number, before) => {
    const [inputs, outputs] = channels();
    const legal = range(most).map((index) => index + 1).filter((value) => inputs % value === 0 && outputs % value === 0);
    if (legal.includes(number)) return take(number);
    const onward = number > before ? legal.find((value) => value > number) : legal.findLast((value) => value < number);
    if (onward) take(onward);
    say(`Groups ${number} must divide the ${inputs} input and the ${outputs} output channels; ${legal.join(", ")} ${legal.length > 1 ? "do" : "does"}.`);
    return false;
  } });
}

// Another number of groups: each output channel reads fewer or more channels; its kernels are cut or repeated.
export function withGroups(layer, groups) {
  return layer.weight.map((slices) => range(layer.inChannels / groups).map((c) => slices[c % slices.length]));
}

// `controls` is the set of those to show. Gives { parts, set(layer) }, where layer is the checked layer with its `state`.
export function makePanel({ controls, propose, say }) {
  let now = null;
  let wantsApart = false;
  const apart = checkbox({ name: "Height and width apart", onChange: (on) => { wantsApart = on; set(); } });
  const current = (name, i) => name === "kernel_size" ? [now.rows, now.columns][i].kernelSize : name === "padding" ? [now.rows, now.columns][i].before : pair(now.state[name])[i];
  const change = (name, i) => (number) => {
    const next = i === null ? [number, number] : [0, 1].map((index) => index === i ? number : current(name, index));
    if (name === "kernel_size") return propose({ weight: withKernels(now, (kernel) => resized(kernel, ...next)) });
    return propose({ [name]: next[0] === next[1] ? next[0] : next });
  };
  const sliders = SLIDERS.filter(([name]) => controls.has(name)).map(([name, label, min, max]) => ({
    name,
    both: slider({ name: label, min, max, onInput: change(name, null) }),
    each: ["height", "width"].map((side, i) => slider({ name: `${label} ${side}`, min, max, onInput: change(name, i) })),
  }));
  const groups = groupsSlider({ most: 8, channels: () => [now.inChannels, now.outChannels], take: (number) => propose({ groups: number, weight: withGroups(now, number) }), say });
  const words = choice({ name: "valid or same", options: [["valid", "'valid'"], ["same", "'same'"]], onChange: (word) => propose({ padding: word }) });
  const mode = select({ name: "Padding mode", options: PADDING_MODES, onChange: (value) => propose({ padding_mode: value }) });
  const make = (name) => PRESETS[name](now.rows.kernelSize, now.columns.kernelSize);
  const presets = choice({ name: "Kernel preset", options: Object.keys(PRESETS).map((name) => [name, name]), onChange: (name) => propose({ weight: withKernels(now, () => make(name)) }) });
  const currentPreset = () => Object.keys(PRESETS).find((name) => now.weight.flat().every((kernel) => JSON.stringify(kernel) === JSON.stringify(make(name))));
  const direction = choice({ name: "Direction", options: [["forward", "Forward"], ["backward", "Backward"]], onChange: (way) => propose({ direction: way }) });
  const slots = h("div", { class: "cl-sliders" });
  const captioned = (caption, body) => h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, caption), body);
  const others = h("div", { class: "cl-choices" }, controls.has("direction") ? direction.el : null, controls.has("padding") ? captioned("Padding in words", words.el) : null,
    controls.has("padding_mode") ? mode.el : null, controls.has("apart") ? apart.el : null, controls.has("presets") ? captioned("Kernel", presets.el) : null);
  const set = (layer = now) => {
    now = layer;
    const differs = SLIDERS.some(([name]) => current(name, 0) !== current(name, 1));
    const isApart = wantsApart || differs;
    apart.set(isApart);
    apart.input.disabled = differs;
    const wanted = sliders.flatMap((each) => isApart ? each.each : [each.both]);
    if (controls.has("groups")) wanted.push(groups);
    if (slots.children.length !== wanted.length) slots.replaceChildren(...wanted.map((each) => each.el));
    for (const each of sliders) {
      each.both.set(current(each.name, 0));
      each.each.forEach((one, i) => one.set(current(each.name, i)));
    }
    groups.input.max = Math.max(2, Math.min(now.inChannels, now.outChannels));
    groups.set(now.groups);
    words.set(now.state.padding);
    mode.set(now.mode);
    presets.set(currentPreset());
    direction.set(now.state.direction);
  };
  // The sliders become more when height and width are set apart: below what asks for it.
  return { parts: [others, slots], set };
}
