// The twin of conv_lib's geometry, padding, conv2d and trace, for the browser. No document, no library.
// Names, order and refusals follow conv_lib; tests/test_figures_core.py holds the two together.

export const PADDING_MODES = ["zeros", "reflect", "replicate", "circular"];

export function pair(value) {
  return Array.isArray(value) ? [value[0], value[value.length - 1]] : [value, value];
}

export function effectiveKernelSize(kernelSize, dilation = 1) {
  return dilation * (kernelSize - 1) + 1;
}

export function samePadding(kernelSize, dilation = 1) {
  const total = effectiveKernelSize(kernelSize, dilation) - 1;
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

// One spatial axis; `padding` is a number per side, a pair [before, after], "same" or "valid". Throws when the kernel does not fit,
// and what the padding `mode` does not allow.
export function axis(size, kernelSize, stride = 1, padding = 0, dilation = 1, name = "axis", mode = "zeros") {
  for (const [what, value, least] of [["size", size, 1], ["kernel_size", kernelSize, 1], ["stride", stride, 1], ["dilation", dilation, 1]]) {
    whole(what, value, least);
  }
  if (padding === "same" && stride !== 1) {
    throw new RangeError(`padding='same' needs stride 1, not ${stride}: give the padding in numbers.`);
  }
  const [before, after] = padding === "same" ? samePadding(kernelSize, dilation) : pair(padding === "valid" ? 0 : padding);
  whole("padding", before, 0);
  whole("padding", after, 0);
  const effective = effectiveKernelSize(kernelSize, dilation);
  const paddedSize = size + before + after;
  if (effective > paddedSize) {
    throw new RangeError(`The kernel does not fit along the ${name}: it spans ${effective} pixels ` +
      `(dilation ${dilation} · (kernel size ${kernelSize} − 1) + 1), the padded input has ${paddedSize} (${size} + ${before} + ${after}).`);
  }
  const outputSize = Math.floor((paddedSize - effective) / stride) + 1;
  paddingFits(size, [before, after], mode, name);
  const sources = lazy(() => padIndex(size, [before, after], mode, name));
  const taps = (output) => range(kernelSize).map((tap) => output * stride - before + tap * dilation);
  // Every [output, tap] that touches a position of the padded input.
  const users = (position) => range(kernelSize).reverse().map((tap) => [(position + before - tap * dilation) / stride, tap])
    .filter(([output]) => Number.isInteger(output) && output >= 0 && output < outputSize);
  const untouched = lazy(() => range(paddedSize).map((index) => index - before).filter((position) => users(position).length === 0));
  const unread = lazy(() => {
    const blind = new Set(untouched());
    const read = new Set(sources().filter((_, index) => !blind.has(index - before)));
    return range(size).filter((position) => !read.has(position));
  });
  return {
    size, kernelSize, stride, dilation, before, after, effective, paddedSize, outputSize, taps, users,
    get sources() { return sources(); },
    // What the taps of an output find: input positions, and -1 for a zero.
    reads: (output) => taps(output).map((position) => sources()[position + before]),
    // The input positions that no window reads, neither where they stand nor where the padding repeats them.
    get unread() { return unread(); },
    // The positions of the padding that no window touches.
    get unreadRing() { return untouched().filter((position) => position < 0 || position >= size); },
    leftOver: size + after - 1 - taps(outputSize - 1)[kernelSize - 1],
  };
}

function lazy(make) {
  let made = null;
  return () => made ??= make();
}

function paddingFits(size, [before, after], mode, name) {
  const limit = { reflect: size - 1, circular: size }[mode] ?? Infinity;
  if (Math.max(before, after) > limit) {
    throw new RangeError(`Padding ${Math.max(before, after)} along the ${name} must be at most ${limit} for padding mode '${mode}' and size ${size}.`);
  }
}

// The input position that each padded position takes its value from; -1 stands for a zero.
export function padIndex(size, [before, after], mode = "zeros", name = "axis") {
  paddingFits(size, [before, after], mode, name);
  return range(before + size + after).map((index) => {
    const position = index - before;
    if (mode === "reflect") return size - 1 - Math.abs(size - 1 - Math.abs(position));
    if (mode === "replicate") return Math.min(Math.max(position, 0), size - 1);
    if (mode === "circular") return (position + size) % size;
    return position < 0 || position >= size ? -1 : position;
  });
}

// A checked convolution of one sample: x [C_in][H][W], weight [C_out][C_in/groups][K_h][K_w]. Throws what conv_lib refuses.
export function plan({ x, weight, bias = null, stride = 1, padding = 0, dilation = 1, groups = 1, padding_mode: mode = "zeros" }) {
  whole("groups", groups, 1);
  if (!PADDING_MODES.includes(mode)) throw new RangeError(`'${mode}' is no padding mode.`);
  const [inChannels, outChannels, perGroup] = [x.length, weight.length, weight[0].length];
  for (const [channels, what] of [[inChannels, "input channels"], [outChannels, "output channels"]]) {
    if (channels % groups) throw new RangeError(`groups (=${groups}) must divide the ${channels} ${what}.`);
  }
  if (perGroup * groups !== inChannels) {
    throw new RangeError(`The input has ${inChannels} channels; this weight with groups ${groups} takes ${perGroup * groups}.`);
  }
  const sizes = [[x[0].length, weight[0][0].length, "height"], [x[0][0].length, weight[0][0][0].length, "width"]];
  const [rows, columns] = sizes.map(([size, kernelSize, name], i) =>
    axis(size, kernelSize, pair(stride)[i], pair(padding)[i], pair(dilation)[i], name, mode));
  return {
    x, weight, bias, rows, columns, groups, mode, inChannels, outChannels, perGroup,
    firstChannel: (o) => perGroup * Math.floor(o / (outChannels / groups)),
  };
}

// The products that make output (o, i, j), in the order channel, kernel row, kernel column. `row` and `column` are those that the tap
// lies on, `source` those that it reads, or null for a zero of the padding.
export function terms({ x, weight, rows, columns, firstChannel }, o, i, j) {
  const [tapRows, tapColumns, fromRows, fromColumns] = [rows.taps(i), columns.taps(j), rows.reads(i), columns.reads(j)];
  return weight[o].flatMap((kernel, c) => kernel.flatMap((line, u) => line.map((factor, v) => {
    const [row, column, channel] = [tapRows[u], tapColumns[v], firstChannel(o) + c];
    const source = fromRows[u] < 0 || fromColumns[v] < 0 ? null : [fromRows[u], fromColumns[v]];
    const value = source ? x[channel][source[0]][source[1]] : 0;
    return {
      channel, kernelRow: u, kernelColumn: v, row, column, weight: factor, value, product: factor * value,
      isPadding: source === null || fromRows[u] !== row || fromColumns[v] !== column, source,
    };
  })));
}

export function valueAt({ x, weight, bias, firstChannel }, o, fromRows, fromColumns) {
  let sum = bias ? bias[o] : 0;
  for (let c = 0; c < weight[o].length; c += 1) {
    const [kernel, plane] = [weight[o][c], x[firstChannel(o) + c]];
    for (let u = 0; u < kernel.length; u += 1) {
      const line = plane[fromRows[u]];
      if (line) for (let v = 0; v < kernel[u].length; v += 1) if (fromColumns[v] >= 0) sum += kernel[u][v] * line[fromColumns[v]];
    }
  }
  return sum;
}

export function conv2d(layer) {
  const [rows, columns] = [layer.rows, layer.columns].map((axis) => range(axis.outputSize).map(axis.reads));
  return range(layer.outChannels).map((o) => rows.map((row) => columns.map((column) => valueAt(layer, o, row, column))));
}

// Every output that reads input cell (c, row, column), in any way the padding mode allows: { o, i, j, weight, taps: [[u, v], ...] }.
export function usersOf(layer, c, row, column) {
  const ways = (line, source) => line.sources.flatMap((from, index) => from === source ? line.users(index - line.before) : []);
  const found = new Map();
  const group = Math.floor(c / layer.perGroup);
  const outputs = layer.outChannels / layer.groups;
  for (const o of range(outputs).map((index) => group * outputs + index)) {
    for (const [i, u] of ways(layer.rows, row)) {
      for (const [j, v] of ways(layer.columns, column)) {
        const key = [o, i, j].join();
        if (!found.has(key)) found.set(key, { o, i, j, weight: 0, taps: [] });
        found.get(key).weight += layer.weight[o][c - group * layer.perGroup][u][v];
        found.get(key).taps.push([u, v]);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.o - b.o || a.i - b.i || a.j - b.j);
}

// More than this a figure does not show number by number, so that it keeps up with a moving slider; convolution.py has the same.
export const MOST_CELLS = 1600;

// How many numbers a layer shows: the padded input, the kernels of one output, and all outputs.
export function cells({ inChannels, outChannels, perGroup, rows, columns }) {
  return inChannels * rows.paddedSize * columns.paddedSize + perGroup * rows.kernelSize * columns.kernelSize + outChannels * rows.outputSize * columns.outputSize;
}

export function parameters({ outChannels, perGroup, rows, columns, bias }) {
  return outChannels * (perGroup * rows.kernelSize * columns.kernelSize + (bias ? 1 : 0));
}

export function macs({ outChannels, perGroup, rows, columns }) {
  return outChannels * rows.outputSize * columns.outputSize * perGroup * rows.kernelSize * columns.kernelSize;
}

// A line of PyTorch that makes a layer: `settings` are [name, value, usual value] and those at their usual value are left out;
// `more` stands behind them.
export function layerLine(kind, channels, weight, settings, more) {
  const text = (value) => Array.isArray(value) ? (value[0] === value[1] ? `${value[0]}` : `(${value.join(", ")})`) : typeof value === "string" ? `"${value}"` : `${value}`;
  const given = settings.map(([name, value, usual]) => [name, text(value), `${usual}`]).filter(([, value, usual]) => value !== usual)
    .map(([name, value]) => `${name}=${value}`);
  return `nn.${kind}(${[...channels, `kernel_size=${text([weight[0][0].length, weight[0][0][0].length])}`, ...given, ...more].join(", ")})`;
}

// The line of PyTorch that makes this convolution.
export function torchLine({ x, weight, bias, stride, padding, dilation, groups, padding_mode: mode }) {
  const settings = [["stride", stride, 1], ["padding", padding, 0], ["dilation", dilation, 1], ["groups", groups, 1]];
  const more = [...bias ? [] : ["bias=False"], ...mode === "zeros" ? [] : [`padding_mode="${mode}"`]];
  return layerLine("Conv2d", [x.length, weight.length], weight, settings, more);
}

// No number that a reader means is longer.
export const MOST_TYPED = 60;

// What a reader typed, as runs of digits with their points ("12", "2.5", ".5") and single other signs, spaces left out; null when it
// is longer than MOST_TYPED. One look at each character, however long or odd the text: no pattern that tries again.
export function typed(text) {
  const list = [];
  let count = 0;
  let isOpen = false;
  for (const character of text) {
    if ((count += 1) > MOST_TYPED) return null;
    const isDigit = "0123456789.".includes(character);
    if (isDigit && isOpen) list.push(list.pop() + character);
    else if (character.trim()) list.push(character);
    isOpen = isDigit;
  }
  return list;
}

// A number as a reader writes it: "3", "-2.5", "1/16". Null when it is none, or not finite.
export function parseNumber(text) {
  const parts = typed(text) ?? [];
  const sign = ["-", "−", "+"].includes(parts[0]) ? parts.shift() : "";
  const [number = "", slash, divisor] = parts.length === 1 ? [...parts, "/", "1"] : parts;
  const value = Number(number) / Number(divisor);
  if (!/\d/.test(number) || slash !== "/" || parts.length > 3 || !Number.isFinite(value)) return null;
  return (sign && sign !== "+" ? -value : value) + 0;
}

// A number as text: whole numbers as they are, small fractions such as 1/16 as fractions, others to at most `digits` digits.
export function show(value, digits = 10) {
  const short = String(Number(value.toPrecision(digits)));
  if (Number.isInteger(value) || Math.abs(value) >= 1 || short.length <= 5) return short;
  const power = [8, 16, 32, 64, 128, 256].find((p) => Number.isInteger(value * p));
  return power ? `${value * power}/${power}` : short;
}

// The sum of products as text, in full: "0 + 1 + 6 + 7" when all weights are 1, otherwise "75·1 + 80·2"; zeros of the padding are left out.
export function sumText(list, bias = null) {
  const shown = list.filter((term) => term.source !== null);
  const plain = shown.every((term) => term.weight === 1);
  const factor = (value) => value < 0 ? `(${show(value)})` : show(value);
  const texts = shown.map((term) => plain ? show(term.value) : `${factor(term.value)}·${factor(term.weight)}`);
  if (bias !== null) texts.push(`${show(bias)} (bias)`);
  return texts.join(" + ").replaceAll("+ -", "- ") || "0";
}

// What follows the sum: "= 14", to the last digit of the terms as they are shown; "≈ 8.333" when a shown number is rounded.
export function resultText(list, bias = null) {
  const factors = [...list.map((term) => [term.weight, term.value]), [bias ?? 0, 1]];
  const value = factors.reduce((sum, [a, b]) => sum + a * b, 0);
  // Whole numbers, and their sum however it is taken, are exact as they are.
  if (factors.flat().every(Number.isInteger) && factors.reduce((sum, [a, b]) => sum + Math.abs(a * b), 0) <= Number.MAX_SAFE_INTEGER) return `= ${value}`;
  const exact = factors.flat().every((number) => parseNumber(show(number)) === number);
  const total = exact ? exactSum(factors) : null;
  return total === null ? `≈ ${show(value, 6)}` : `= ${total}`;
}

// The exact sum of products of finite decimals, as text; null when a factor has more than ten decimals.
function exactSum(factors) {
  const decimals = (number) => /e/.test(number) ? 99 : (String(number).split(".")[1] ?? "").length;
  const places = 2 * Math.max(...factors.flat().map(decimals));
  if (places > 20) return null;
  const scaled = (number, by) => BigInt(String(number).replace(".", "")) * 10n ** BigInt(by - decimals(number));
  const total = factors.reduce((sum, [a, b]) => sum + scaled(a, places / 2) * scaled(b, places / 2), 0n);
  const digits = String(total < 0n ? -total : total).padStart(places + 1, "0");
  const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, "") : digits;
  return (total < 0n ? "-" : "") + text;
}

// Kernels by name, for any number of rows and columns; those that only exist in 3 x 3 are 3 x 3.
export const PRESETS = {
  identity: (rows, columns) => stencil(rows, columns, (r, c) => r === rows >> 1 && c === columns >> 1 ? 1 : 0),
  ones: (rows, columns) => stencil(rows, columns, () => 1),
  blur: (rows, columns) => stencil(rows, columns, (r, c) => binomial(rows, r) * binomial(columns, c) / 2 ** (rows + columns - 2)),
  sharpen: () => [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
  Sobel: () => [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
  edge: () => [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
};

export function stencil(rows, columns, value) {
  return range(rows).map((r) => range(columns).map((c) => value(r, c)));
}

function binomial(size, k) {
  return range(k).reduce((product, i) => product * (size - 1 - i) / (i + 1), 1);
}

// A count with its word: "1 output", "2 outputs".
export function plural(count, one) {
  return `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
}

export function range(length) {
  return Array.from({ length }, (_, index) => index);
}

// The sizes of nested lists of numbers, such as [3, 6, 6]; null when they are ragged, empty, or hold anything but numbers up to a million.
export function shapeOf(value) {
  if (!Array.isArray(value)) return typeof value === "number" && Math.abs(value) <= 1e6 ? [] : null;
  const shapes = value.map(shapeOf);
  return shapes.length && shapes.every((shape) => shape && `${shape}` === `${shapes[0]}`) ? [value.length, ...shapes[0]] : null;
}

// Whether a value, which may be anything, is nested lists of numbers with these sizes at most.
export function fits(value, most) {
  const sizes = shapeOf(value);
  return sizes !== null && sizes.length === most.length && sizes.every((size, i) => size <= most[i]);
}

// A whole number from `least` to `most`; anything else, of any kind, is not.
export function isWhole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most;
}

function whole(name, value, least) {
  if (!Number.isInteger(value)) throw new TypeError(`${name} (=${value}) must be a whole number.`);
  if (value < least) throw new RangeError(`${name} (=${value}) must be at least ${least}.`);
}
