// CostFigure: four designs from C_in to C_out channels, with their parameters, MACs and bytes side by side.

import { legalGroups } from "./connectivity.js";
import { isWhole } from "./core.js";
import { figure } from "./life.js";
import { button, h, setText, slider } from "./ui.js";

const LADDERS = {
  in_channels: ["In channels", [1, 3, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]],
  out_channels: ["Out channels", [1, 3, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]],
  size: ["Image size", [1, 4, 7, 14, 28, 32, 56, 64, 112, 128, 224, 256, 512]],
  kernel_size: ["Kernel size", [1, 2, 3, 4, 5, 6, 7]],
  groups: ["Groups", []],
};
const MEASURES = [["parameters", "Parameters"], ["macs", "MACs"], ["bytes", "Bytes moved"]];

// The layers of each design: [in_channels, out_channels, kernel_size, groups].
export function designs({ in_channels: inputs, out_channels: outputs, kernel_size: k, groups }) {
  const middle = Math.max(1, Math.floor(outputs / 4));
  return {
    standard: [[inputs, outputs, k, 1]],
    grouped: [[inputs, outputs, k, groups]],
    "depthwise separable": [[inputs, inputs, k, inputs], [inputs, outputs, 1, 1]],
    bottleneck: [[inputs, middle, 1, 1], [middle, middle, k, 1], [middle, outputs, 1, 1]],
  };
}

export function costs(state) {
  const pixels = state.size ** 2;
  return Object.fromEntries(Object.entries(designs(state)).map(([name, layers]) => {
    const weights = layers.map(([inputs, outputs, k, groups]) => outputs * (inputs / groups) * k * k);
    const parameters = weights.reduce((sum, count) => sum + count, 0);
    const numbers = layers.reduce((sum, [inputs, outputs]) => sum + (inputs + outputs) * pixels, parameters);
    return [name, { parameters, macs: parameters * pixels, bytes: 4 * numbers }];
  }));
}

// 231211008 as "231.2 M".
export function short(number) {
  const [unit, name] = [[1e9, " G"], [1e6, " M"], [1e4, " k"]].find(([least]) => number >= least) ?? [1, ""];
  return unit === 1 ? number.toLocaleString("en") : `${(number / (unit === 1e4 ? 1e3 : unit)).toPrecision(4).replace(/\.?0+$/, "")}${name}`;
}

function check(state) {
  if (!legalGroups(state.in_channels, state.out_channels).includes(state.groups)) {
    throw new RangeError(`Groups ${state.groups} must divide both ${state.in_channels} input and ${state.out_channels} output channels.`);
  }
  return costs(state);
}

function trust(state) {
  const most = { in_channels: 512, out_channels: 512, size: 512, kernel_size: 7, groups: 512 };
  for (const [name, limit] of Object.entries(most)) {
    if (!isWhole(state[name], 1, limit)) throw new TypeError("not a state of this figure");
  }
}

export function render({ model, el }) {
  const base = figure({ model, el, traits: Object.keys(LADDERS), check, trust, draw, longest: () => rows.map(({ name }) => [textOf(name)]) });
  let chosen = "depthwise separable";
  let now = null;
  const ladders = {};
  const sliders = Object.entries(LADDERS).map(([name, [label]]) => [name, slider({ name: label, min: 0, max: 1, onInput: (index) => climb(name, ladders[name][index]) })]);
  const rows = Object.keys(designs(base.state())).map((name) => {
    const cells = MEASURES.map(([key]) => ({ key, bar: h("span", { class: "cl-bar", "aria-hidden": "true" }), number: h("b"), share: h("small") }));
    const choose = button(name, () => {}, { kind: "cl-design" });
    const row = h("tr", {}, h("th", { scope: "row" }, choose), cells.map((cell) => h("td", {}, cell.number, " ", cell.share, cell.bar)));
    base.points(row, () => {
      chosen = name;
      tell();
    });
    return { name, row, choose, cells };
  });
  const head = h("tr", {}, h("th", { scope: "col" }, "Design"), MEASURES.map(([, label]) => h("th", { scope: "col" }, label)));
  const table = h("table", { class: "cl-costs" }, h("thead", {}, head), h("tbody", {}, rows.map(({ row }) => row)));
  base.controls.append(h("div", { class: "cl-sliders" }, sliders.map(([, each]) => each.el)));
  base.body.append(h("div", { class: "cl-wide" }, table), base.status);

  function climb(name, value) {
    const next = { ...base.state(), [name]: value };
    const groups = legalGroups(next.in_channels, next.out_channels).findLast((g) => g <= next.groups);
    const changed = groups !== next.groups;
    base.propose({ [name]: value, groups });
    if (changed) base.say(`Groups ${next.groups} must divide both ${next.in_channels} and ${next.out_channels} channels: the grouped design now has ${groups}.`);
  }

  function draw(found, state) {
    now = { found, state };
    for (const [name, each] of sliders) {
      const values = name === "groups" ? legalGroups(state.in_channels, state.out_channels) : LADDERS[name][1];
      ladders[name] = [...new Set([...values, state[name]])].sort((a, b) => a - b);
      each.input.max = ladders[name].length - 1;
      each.set(ladders[name].indexOf(state[name]), String(state[name]));
      each.input.disabled = ladders[name].length === 1;
    }
    for (const { name, cells } of rows) {
      for (const { key, bar, number, share } of cells) {
        const most = Math.max(...Object.values(found).map((one) => one[key]));
        setText(number, short(found[name][key]));
        setText(share, name === "standard" ? "" : `${Number((100 * found[name][key] / found.standard[key]).toPrecision(3))} %`);
        bar.style.setProperty("--share", `${100 * found[name][key] / most}%`);
      }
    }
    tell();
  }

  function tell() {
    for (const each of rows) {
      each.row.classList.toggle("cl-lit", each.name === chosen);
      each.choose.setAttribute("aria-pressed", each.name === chosen);
    }
    base.tell(textOf(chosen));
  }

  function textOf(name) {
    const { found, state } = now;
    const sum = designs(state)[name].map(([inputs, outputs, k, groups]) => `${outputs}·${inputs / groups}·${k}·${k}`).join(" + ");
    const { parameters, macs, bytes } = found[name];
    return `${name}: ${sum} = ${parameters.toLocaleString("en")} weights, used at ${state.size}·${state.size} pixels: MACs = ${macs.toLocaleString("en")}; ` +
      `bytes moved = ${bytes.toLocaleString("en")}; MACs for each byte = ${Number((macs / bytes).toPrecision(3))}`;
  }

  base.start();
  return base.end;
}
