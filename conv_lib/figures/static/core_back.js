// The twin of conv_lib's way back: gradients and transposed convolution, and the terms of each of their numbers. No document.
// A layer is that of core.js (`plan`), and `grad` [C_out][H_out][W_out] the gradient of each output; tests/test_figures_core_back.py.

import { plan, range } from "./core.js";

// Every [output, tap, position] that joins input position `place` of an axis to an output, itself or a copy of it in the padding.
function meetings(axis, place, outputs) {
  return axis.sources.flatMap((from, index) => {
    const position = index - axis.before;
    return from === place ? axis.users(position).filter(([output]) => output < outputs).map(([output, tap]) => [output, tap, position]) : [];
  });
}

function term(output, tap, position, weight, value, source) {
  return { output, tap, position, weight, value, product: weight * value, source };
}

// What input (c, row, column) gets: from every output in whose window it lies, the gradient times the weight between them.
export function inputTerms(layer, grad, c, row, column) {
  const { weight, perGroup, outChannels, groups } = layer;
  const group = Math.floor(c / perGroup);
  const outputs = outChannels / groups;
  const [down, across] = [meetings(layer.rows, row, grad[0].length), meetings(layer.columns, column, grad[0][0].length)];
  const list = range(outputs).flatMap((index) => down.flatMap(([i, u, y]) => across.map(([j, v, x]) => {
    const o = group * outputs + index;
    return term([o, i, j], [u, v], [y, x], weight[o][c % perGroup][u][v], grad[o][i][j], [row, column]);
  })));
  const order = (a) => [...a.output, ...a.tap];
  return list.sort((a, b) => order(a).map((number, k) => number - order(b)[k]).find((difference) => difference) ?? 0);
}

// What weight (o, c, u, v) gets: for every window the input on which it lay, times the gradient of that output.
export function weightTerms(layer, grad, o, c, u, v) {
  const { rows, columns, firstChannel } = layer;
  const along = (axis, tap) => range(axis.outputSize).map((output) => [axis.taps(output)[tap], axis.reads(output)[tap]]);
  const across = along(columns, v);
  return along(rows, u).flatMap(([y, row], i) => across.map(([x, column], j) => {
    const source = row < 0 || column < 0 ? null : [row, column];
    return term([o, i, j], [u, v], [y, x], grad[o][i][j], source ? layer.x[firstChannel(o) + c][row][column] : 0, source);
  }));
}

// Call found(o, c, u, v, channel, row, column, output gradient) for every tap of every window that lies on an input or on a copy of one.
function eachTap({ weight, rows, columns, firstChannel }, grad, found) {
  const [downs, acrosses] = [rows, columns].map((axis) => range(axis.outputSize).map(axis.reads));
  weight.forEach((kernels, o) => kernels.forEach((kernel, c) => kernel.forEach((line, u) => line.forEach((_, v) => grad[o].forEach((values, i) => {
    const row = downs[i][u];
    if (row >= 0) values.forEach((value, j) => acrosses[j][v] >= 0 && found(o, c, u, v, firstChannel(o) + c, row, acrosses[j][v], value));
  })))));
}

export function inputGradient(layer, grad) {
  const sums = range(layer.inChannels).map(() => range(layer.rows.size).map(() => Array(layer.columns.size).fill(0)));
  eachTap(layer, grad, (o, c, u, v, channel, row, column, value) => { sums[channel][row][column] += layer.weight[o][c][u][v] * value; });
  return sums;
}

export function weightGradient(layer, grad) {
  const sums = layer.weight.map((kernels) => kernels.map((kernel) => kernel.map((line) => line.map(() => 0))));
  eachTap(layer, grad, (o, c, u, v, channel, row, column, value) => { sums[o][c][u][v] += layer.x[channel][row][column] * value; });
  return sums;
}

export function biasGradient(grad) {
  return grad.map((map) => map.flat().reduce((sum, value) => sum + value, 0));
}

// How many outputs of a transposed convolution there are along an axis: as many as the stamps span, less the padding.
export function transposedSize(size, kernelSize, stride, padding, outputPadding, dilation) {
  return (size - 1) * stride - 2 * padding + dilation * (kernelSize - 1) + outputPadding + 1;
}

// A checked transposed convolution of x [C_in][H][W] by weight [C_in][C_out/groups][K_h][K_w]: the layer that it goes backwards, of
// which x is `grad`. Numbers are per axis: [height, width]. Throws what conv_lib refuses.
export function transposedPlan({ x, weight, bias = null, stride, padding, output_padding: extra, groups, dilation }) {
  const kernel = [weight[0][0].length, weight[0][0][0].length];
  const sizes = [x[0].length, x[0][0].length].map((size, i) => {
    const name = ["height", "width"][i];
    const limit = Math.max(stride[i], dilation[i]) - 1;
    if (extra[i] > limit) {
      throw new RangeError(`output_padding ${extra[i]} along the ${name} must be smaller than stride ${stride[i]} or dilation ${dilation[i]}: at most ${limit}.`);
    }
    const found = transposedSize(size, kernel[i], stride[i], padding[i], extra[i], dilation[i]);
    if (found < 1) {
      throw new RangeError(`Padding ${padding[i]} leaves nothing of the ${name}: (${size} − 1)·${stride[i]} − 2·${padding[i]} + ${dilation[i]}·(${kernel[i]} − 1) + ${extra[i]} + 1 = ${found}.`);
    }
    return found;
  });
  if (x.length !== weight.length) throw new RangeError(`The input has ${x.length} channels; this weight takes ${weight.length}.`);
  const nothing = range(weight[0].length * groups).map(() => range(sizes[0]).map(() => Array(sizes[1]).fill(0)));
  return { ...plan({ x: nothing, weight, bias: null, stride, padding, dilation, groups }), grad: x, stampBias: bias };
}

export function convTranspose2d(layer) {
  return inputGradient(layer, layer.grad).map((map, c) => map.map((line) => line.map((value) => value + (layer.stampBias ? layer.stampBias[c] : 0))));
}
