// What ConvolutionFigure says in words and formulas.

import { macs, parameters, plural, range, resultText, show, sumText } from "./core.js";
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
  return zeros ? `${place} · ${zeros} of ${plural(list.length, "tap")} on the zero padding` : place;
}

// "rows 1, 3 and column 5"
export function linesText(rows, columns) {
  const listed = (positions, word) => positions.length ? `${word}${positions.length > 1 ? "s" : ""} ${positions.join(", ")}` : "";
  return [listed(rows, "row"), listed(columns, "column")].filter(Boolean).join(" and ");
}

// The rows and columns that no window reads, those of the padding too, and why; empty when all are read.
export function unreadText({ rows, columns }) {
  const reasons = (a, word, words) => {
    const last = a.taps(a.outputSize - 1)[a.kernelSize - 1];
    const idle = [...a.unread, ...a.unreadRing].sort((p, q) => p - q);
    const between = idle.filter((position) => position < last);
    const end = last < 0 ? `in the padding before ${word} 0` : last < a.size ? `at ${word} ${last}` : `in the padding behind ${word} ${a.size - 1}`;
    return [
      between.length ? `Windows ${a.stride} apart with taps ${a.dilation} apart step over ${between.length > 1 ? words : word} ${between.join(", ")}.` : "",
      idle.length > between.length ? `The last window ends ${end}; the next one, ${a.stride} further, would pass the end.` : "",
    ];
  };
  const alike = reasons(rows, "row").join() === reasons(columns, "row").join();
  const why = alike ? reasons(rows, "row and column", "rows and columns") : [...reasons(rows, "row", "rows"), ...reasons(columns, "column", "columns")];
  const total = rows.size * columns.size;
  const count = total - (rows.size - rows.unread.length) * (columns.size - columns.unread.length);
  const lost = linesText(rows.unread, columns.unread);
  const ring = linesText(rows.unreadRing, columns.unreadRing);
  const read = rows.unread.length + columns.unread.length > 1 ? "are" : "is";
  const what = [
    count ? `${lost} (${count} of ${plural(total, "input")}) ${read} read by no window, and the gradient there is zero.` : "",
    ring ? `${count ? "Of the padding" : "of the padding"}, no window reads ${ring}.` : "",
  ].filter(Boolean).join(" ");
  return what ? `Hatched: ${[what, ...why].filter(Boolean).join(" ")}` : "";
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
