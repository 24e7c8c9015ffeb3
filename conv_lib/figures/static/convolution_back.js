// The way back of ConvolutionFigure: what it points at, and what it says, when the grids hold gradients.

import { macs, plural, range, resultText, show, sumText } from "./core.js";
import { biasGradient, inputGradient, inputTerms, weightGradient, weightTerms } from "./core_back.js";
import { h } from "./ui.js";

// The gradients of the outputs: the reader's where they fit the layer, else ones.
export function outputGradient({ outChannels, rows, columns }, given) {
  const fits = given?.length === outChannels && given[0].length === rows.outputSize && given[0][0].length === columns.outputSize;
  return fits ? given : range(outChannels).map(() => range(rows.outputSize).map(() => Array(columns.outputSize).fill(1)));
}

// `layer` with its gradients in the places of its numbers, as the stage paints it.
export function gradients(layer, grad) {
  return { ...layer, x: inputGradient(layer, grad), weight: weightGradient(layer, grad), bias: null, ring: () => null };
}

const line = (list) => [["", sumText(list), resultText(list)]];

// What an input gets: { lines, where, list }.
export function inputBack(layer, grad, c, row, column) {
  const list = inputTerms(layer, grad, c, row, column);
  const where = `Gradient of input ${layer.inChannels > 1 ? `channel ${c}, ` : ""}row ${row}, column ${column}`;
  const senders = plural(new Set(list.map(({ output }) => `${output}`)).size, "output");
  return list.length
    ? { lines: line(list), where: `${where} · from ${senders}, each gradient · weight`, list }
    : { lines: "0: no window reads this input, so nothing flows back to it.", where, list };
}

// What a weight gets: one product for every output of its kernel.
export function weightBack(layer, grad, o, c, u, v) {
  const list = weightTerms(layer, grad, o, c, u, v);
  const zeros = list.filter(({ source }) => source === null).length;
  const where = `Gradient of ${layer.outChannels > 1 ? `kernel ${o}, ` : ""}weight row ${u}, column ${v} · each input it met · the gradient of that output`;
  return { lines: line(list), where: zeros ? `${where} · ${zeros} of ${list.length} on the zero padding` : where, list };
}

// What the bias gets, and what the way back costs, as children of a <dl>.
export function backFacts(layer, grad) {
  const bias = biasGradient(grad);
  const work = macs(layer);
  return [
    ...layer.bias ? [h("dt", {}, "Bias gradient"), h("dd", {}, "the sum of all output gradients of its channel: ", h("b", {}, bias.map((value) => show(value)).join(", ")))] : [],
    h("dt", {}, "MACs backward"), h("dd", {}, `${work.toLocaleString("en")} for the input + ${work.toLocaleString("en")} for the weight = `, h("b", {}, (2 * work).toLocaleString("en"))),
  ];
}

// What an output sends, and where.
export function outputBack(layer, grad, o, i, j) {
  const where = `Gradient of output ${layer.outChannels > 1 ? `channel ${o}, ` : ""}row ${i}, column ${j}`;
  return { lines: `${show(grad[o][i][j])} goes back to every input of this window, each time times the weight between them.`, where };
}
