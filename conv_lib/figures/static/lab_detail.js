// What opens under a row: the figures that show this layer with its own numbers, and its line of code.

import { render as renderGroups } from "./connectivity.js";
import { range } from "./core.js";
import { render as renderCost } from "./cost.js";
import { signature, spread } from "./lab_layers.js";
import { constant } from "./lab_python.js";
import { makeModel } from "./model.js";
import { render as renderField } from "./receptive_field.js";
import { render as renderSizes } from "./shape.js";
import { choice, codeLine, h } from "./ui.js";

const MOST = { size: 512, kernel_size: 32, stride: 32, padding: 64, dilation: 64, channels: 512, connected: 16, layers: 6, number: 16, field: 48 };

// { el, end() } for a row of the report.
export function detail(row, report) {
  const kinds = figuresOf(row, report);
  const place = h("div", {});
  const line = codeLine();
  line.set(row.code || (row.layer ? codeOf(row.layer) : `${row.kind}(…)`));
  let stop = () => {};
  const show = (name) => {
    stop();
    const el = h("div", { class: "cl-host" });
    place.replaceChildren(el);
    const [, render, state] = kinds.find(([title]) => title === name);
    stop = render({ model: makeModel({ ...state, title: `${row.name}: ${name}` }), el });
    tabs.set(name);
  };
  const tabs = choice({ name: `Figures of ${row.name}`, options: kinds.map(([name]) => [name, name]), onChange: show });
  const why = kinds.length ? null : h("p", { class: "cl-hint" }, row.layer && /Conv|Pool/.test(row.kind)
    ? `No figure is drawn for this one: figures show sizes up to ${MOST.size} pixels and kernels up to ${MOST.kernel_size}.` : "There is nothing to draw here.");
  const el = h("div", { class: "cl-lab-detail" }, line.el, kinds.length ? tabs.el : null, place, why);
  if (kinds.length) show(kinds[0][0]);
  return { el, end: () => stop() };
}

// [name, render, state] of the figures whose limits this layer keeps.
function figuresOf(row, report) {
  const { layer, input } = row;
  if (!layer || !input || report.kind === "keras" || !/^(Conv|MaxPool|AvgPool)\dd$/.test(layer.kind)) return [];
  const { args } = layer;
  const n = Number(layer.kind.at(-2));
  const sizes = input.slice(-n);
  const [kernel, stride, dilation] = [args.kernel_size, args.stride ?? args.kernel_size, args.dilation ?? 1].map((value) => spread(value, n));
  const padding = typeof args.padding === "string" ? args.padding : spread(args.padding ?? 0, n);
  const list = [];
  const axis = (i) => ({ size: sizes[i], kernel_size: kernel[i], stride: stride[i], padding: typeof padding === "string" ? padding : padding[i], dilation: dilation[i] });
  const fits = (state) => Object.entries(state).every(([name, value]) => typeof value === "string" || value <= MOST[name]);
  const sides = n === 2 ? ["height", "width"] : ["length"];
  const alike = n === 2 && JSON.stringify(axis(0)) === JSON.stringify(axis(1));
  (alike ? [0] : range(Math.min(n, 2))).forEach((i) => { if (fits(axis(i)) && !args.ceil_mode) list.push([alike ? "Sizes" : `Sizes, ${sides[i]}`, renderSizes, axis(i)]); });
  if (/^Conv/.test(layer.kind) && n === 2) {
    const { in_channels: inside, out_channels: outside, groups } = args;
    if (Math.max(inside, outside) <= MOST.connected && kernel[0] <= 7) list.push(["Groups", renderGroups, { in_channels: inside, out_channels: outside, groups, kernel_size: kernel[0] }]);
    if (Math.max(inside, outside, sizes[0]) <= MOST.channels && kernel[0] <= 7) list.push(["Cost", renderCost, { in_channels: inside, out_channels: outside, size: sizes[0], kernel_size: kernel[0], groups }]);
  }
  const stack = stackOf(row, report.rows);
  const span = stack.reduceRight((size, [k, s, d]) => (size - 1) * s + d * (k - 1) + 1, 1);
  if (stack.length && stack.length <= MOST.layers && stack.flat().every((number) => number <= MOST.number) && span <= MOST.field) list.push(["Field", renderField, { layers: stack }]);
  return list;
}

// The windows from the picture to this row, first layer first, where they stand in one line: [kernel, stride, dilation]. Else none.
function stackOf(row, rows) {
  const stack = [];
  for (let at = row, steps = 0; at && steps < 500; at = rows[at.from[0]], steps += 1) {
    if (at.from.length > 1 || /Transpose|Upsample|interpolate|Adaptive/.test(at.kind)) return [];
    if (!at.layer || !/^(Conv|MaxPool|AvgPool)/.test(at.layer.kind)) continue;
    const { args } = at.layer;
    const numbers = [args.kernel_size, args.stride ?? args.kernel_size, args.dilation ?? 1].map((value) => [value].flat()[0]);
    if (numbers[0] > 1 || numbers[1] > 1) stack.unshift(numbers);
  }
  return stack;
}

function codeOf({ kind, args }) {
  const text = (value) => Array.isArray(value) ? `(${value.map(text).join(", ")})` : typeof value === "boolean" ? (value ? "True" : "False") : value === null ? "None" : typeof value === "string" ? `"${value}"` : String(value);
  const usual = new Map(signature(kind));
  const short = (value) => Array.isArray(value) && value.length && value.every((side) => side === value[0]) ? value[0] : value;
  const given = Object.entries(args).filter(([name, value]) => usual.get(name) === null || usual.has(name) && short(value) !== constant(usual.get(name)));
  return `nn.${kind}(${given.map(([name, value]) => /channels|features/.test(name) ? text(value) : `${name}=${text(short(value))}`).join(", ")})`;
}
