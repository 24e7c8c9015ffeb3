// What ConvolutionFigure says in words and formulas.

import { macs, parameters, range, resultText, show, sumText } from "./core.js";
import { h } from "./ui.js";

// The sum of one window as lines [what, sum, result]: one per channel and their sum, or a single one.
export function sumLines(layer, o, list, hidden) {
  const bias = layer.bias ? layer.bias[o] : null;
  const first = layer.firstChannel(o);
  const result = (part, extra) => hidden ? "= ?" : resultText(part, extra);
  if (layer.perGroup === 1) return [[layer.inChannels > 1 ? `channel ${first}: ` : "", sumText(list, bias), result(list, bias)]];
  const parts = range(layer.perGroup).map((c) => list.filter((term) => term.channel === first + c));
  const totals = parts.map((part) => hidden ? "?" : resultText(part).slice(2));
  if (bias !== null) totals.push(`${show(bias)} (bias)`);
  return [...parts.map((part, c) => [`channel ${first + c}: `, sumText(part), result(part, null)]), ["sum: ", totals.join(" + ").replaceAll("+ -", "- "), result(list, bias)]];
}

export function whereText(layer, o, i, j, list) {
  const zeros = list.filter((term) => term.source === null).length;
  const place = layer.outChannels > 1 ? `Output channel ${o}, row ${i}, column ${j}` : `Output row ${i}, column ${j}`;
  return zeros ? `${place} · ${zeros} of ${list.length} taps on the zero padding` : place;
}

// The rows and columns that no window touches, and why; empty when all are read.
export function unreadText({ rows, columns }) {
  const listed = (positions, one, many = `${one}s`) => positions.length ? `${positions.length > 1 ? many : one} ${positions.join(", ")}` : "";
  const reasons = (a, word, words) => {
    const last = a.taps(a.outputSize - 1)[a.kernelSize - 1];
    const between = a.unread.filter((position) => position < last);
    return [
      between.length ? `Windows ${a.stride} apart with taps ${a.dilation} apart step over ${listed(between, word, words)}.` : "",
      a.leftOver ? `The last window ends at ${word} ${last}; the next one, ${a.stride} further, would pass the end.` : "",
    ];
  };
  const alike = reasons(rows, "row").join() === reasons(columns, "row").join();
  const why = (alike ? reasons(rows, "row and column", "rows and columns") : [...reasons(rows, "row"), ...reasons(columns, "column")]).filter(Boolean);
  if (!why.length) return "";
  const count = rows.size * columns.size - (rows.size - rows.unread.length) * (columns.size - columns.unread.length);
  const lost = [listed(rows.unread, "row"), listed(columns.unread, "column")].filter(Boolean).join(" and ");
  const what = count ? `${lost} (${count} of ${rows.size * columns.size} inputs) are read by no window, and their gradient is zero.` : "padding that no window reads.";
  return `Hatched: ${what} ${why.join(" ")}`;
}

// The size formula of one axis with its numbers in it, symbol under number.
function formula(name, a) {
  const token = (number, symbol) => h("span", { class: "cl-token" }, h("b", {}, String(number)), h("small", {}, symbol));
  const padding = a.before === a.after ? token(`2·${a.before}`, "2·padding") : token(`${a.before} + ${a.after}`, "padding");
  return [h("dt", {}, `Output ${name}`), h("dd", { class: "cl-formula" }, "⌊(", token(a.size, name), "+", padding, "−", token(`${a.dilation}·(${a.kernelSize} − 1)`, "dilation·(kernel − 1)"),
    "− 1) /", token(a.stride, "stride"), "⌋ + 1 =", token(a.outputSize, "output"))];
}

// Output sizes, parameters and MACs, as the children of a <dl>.
export function factList(layer) {
  const { rows, columns, perGroup, outChannels, bias } = layer;
  const taps = `${perGroup}·${rows.kernelSize}·${columns.kernelSize}`;
  const number = (value) => h("b", {}, value.toLocaleString("en"));
  return [
    ...formula("height", rows), ...formula("width", columns),
    h("dt", {}, "Parameters"), h("dd", {}, `${outChannels}·${taps}${bias ? ` + ${outChannels}` : ""} = `, number(parameters(layer)),
      h("span", { class: "cl-aside" }, `weight (${[outChannels, perGroup, rows.kernelSize, columns.kernelSize].join(", ")})${bias ? `, bias (${outChannels},)` : ""}`)),
    h("dt", {}, "MACs"), h("dd", {}, `${outChannels}·${rows.outputSize}·${columns.outputSize} outputs × ${taps} = `, number(macs(layer))),
  ];
}
