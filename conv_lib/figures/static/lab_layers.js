// The layers of torch.nn by name: what arguments they take, how many parameters they hold, and what they make of an input.
//
// A layer is { kind, args }. LAYERS[kind] has `signature` (the arguments in order, with their defaults), `weights(args)` (the shapes of
// its parameters, or null), and `forward(args, [x, ...])`, where x is { shape }: it gives { shape, macs, links } or throws a Fault.
// A link [input, dimension in, dimension out, map] tells along which axis what is read; null for the map means: the same place. An axis
// of the input without a link is read as a whole.

import { PADDING_MODES, axis, padIndex } from "./core.js";
import { product, total } from "./lab_numbers.js";
import { divisor } from "./messages.js";

// What torch says (`message`), why (`cause`; null for what messages.js says of it), and `cures`: [text, changes of arguments of this
// layer or null].
export class Fault extends Error {
  constructor(message, cause = null, cures = null, type = "RuntimeError") {
    super(message);
    Object.assign(this, { cause, cures, type });
  }
}

const SIDES = [["length"], ["height", "width"], ["depth", "height", "width"]];
const LARGEST = 20000; // pixels of an axis that is followed position by position

export function spread(value, n) {
  const list = [value].flat();
  if (list.length > 1 && list.length !== n) throw new RangeError(`${shown(list)} must hold 1 or ${n} numbers`);
  return list.length === 1 ? Array(n).fill(list[0]) : list;
}

function shown(shape) {
  return `[${shape.join(", ")}]`;
}

// The dimension of the channels, and its input; refuses another number of dimensions.
function planes(x, n, what, channels = 0) {
  const rank = x.shape.length;
  if (rank === n + 1 || rank === n + 2) return rank - n - 1;
  const side = Math.sqrt(x.shape[1] / channels);
  throw new Fault(`Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${what}, but got input of size: ${shown(x.shape)}`, null,
    rank === 2 && n === 2 && Number.isInteger(side) ? [[`x.reshape(${x.shape[0]}, ${channels}, ${side}, ${side})`, null]] : null);
}

const cached = new Map();

// The map of windows along one axis, by the numbers of core.js' axis. `outputs` other than those of the axis: windows of ceil_mode.
export function windows(size, kernel, stride, padding, dilation, mode = "zeros", outputs = null, name = "axis") {
  const key = [size, kernel, stride, padding, dilation, mode, outputs].join();
  if (cached.has(key)) return cached.get(key);
  if (kernel > LARGEST) throw new RangeError(`A kernel of ${kernel} is longer than can be followed here (${LARGEST}).`);
  const line = axis(size, kernel, stride, padding, dilation, name, mode);
  const map = {
    size, outputs: outputs ?? line.outputSize, period: 1, advance: stride, kernel,
    runs: (output) => [[line.taps(output)[0], kernel, dilation]],
    from: mode === "zeros" || size > LARGEST ? null : (position) => line.sources[position + line.before],
  };
  if (cached.size > 2000) cached.clear();
  cached.set(key, map);
  return map;
}

// A padding, a crop or a roll by whole positions: output i is input i − before.
function shift(size, before, outputs, mode = "zeros") {
  const after = outputs - size - before;
  const sources = mode === "zeros" || size > LARGEST ? null : padIndex(size, [Math.max(before, 0), Math.max(after, 0)], mode);
  return { size, outputs, period: 1, advance: 1, runs: (output) => [[output - before, 1, 1]], from: sources && ((position) => sources[position + Math.max(before, 0)]) };
}

function adaptive(size, outputs) {
  return { size, outputs, whole: true, runs: (i) => [[Math.floor(i * size / outputs), Math.ceil((i + 1) * size / outputs) - Math.floor(i * size / outputs), 1]] };
}

export function wholeOf(size, outputs) {
  return { size, outputs, whole: true, runs: () => [[0, size, 1]] };
}

// The way of a transposed layer: output y reads input i where y = i · stride − padding + tap · dilation, the axis the other way round.
function transposed(size, kernel, stride, padding, dilation, outputs) {
  const shared = divisor(stride, dilation);
  const every = stride / shared;
  return {
    size, outputs, period: stride, advance: 1, kernel,
    runs: (output) => {
      for (let tap = 0; tap < Math.min(every, kernel); tap += 1) {
        const at = (output + padding - tap * dilation) / stride;
        if (!Number.isInteger(at)) continue;
        const count = Math.floor((kernel - 1 - tap) / every) + 1;
        return [[at - (count - 1) * dilation / shared, count, dilation / shared]];
      }
      return [];
    },
  };
}

function scaled(size, outputs, factor, mode, corners) {
  const ratio = corners ? (outputs > 1 ? (size - 1) / (outputs - 1) : 0) : factor ? 1 / factor : size / outputs;
  const inner = (position) => Math.min(Math.max(position, 0), size - 1);
  const linear = !/nearest/.test(mode);
  const reach = mode === "bicubic" ? [-1, 4] : [0, 2];
  const runs = (output) => {
    if (!linear) return [[mode === "nearest-exact" ? Math.floor((output + 0.5) * ratio) : Math.floor(output * ratio + 1e-9), 1, 1]];
    const at = corners ? output * ratio : (output + 0.5) * ratio - 0.5;
    const base = Math.floor(at + 1e-9);
    return Math.abs(at - base) < 1e-6 ? [[base, 1, 1]] : [[base + reach[0], reach[1], 1]];
  };
  const whole = corners && linear ? null : [1, 2, 3, 4, 5, 6, 7, 8].find((period) => Number.isInteger(period * ratio));
  return { size, outputs, runs, from: inner, ...(whole ? { period: whole, advance: whole * ratio } : { lost: true }) };
}

export const same = (x, input = 0) => x.shape.map((_, dimension) => [input, dimension, dimension, null]);

export function pass(args, [x]) {
  return { shape: x.shape, macs: 0, links: same(x) };
}

// The links of all axes but that of the channels and the last n, and those of the last n by these maps.
function onPlanes(x, n, maps) {
  const first = x.shape.length - n;
  return [...x.shape.map((_, d) => [0, d, d, null]).filter(([, d]) => d < first - 1), ...maps.map((map, i) => [0, first + i, first + i, map])];
}

// The input's channels are not those of the layer: what torch says, and what would mend it.
function wrongChannels(x, at, wanted, weight, groups, extra = "") {
  const got = x.shape[at];
  const shape = at ? x.shape : [1, ...x.shape];
  const cures = [[`in_channels=${got}`, { in_channels: got }]];
  const order = [...x.shape.keys()];
  order.splice(at, 0, order.pop());
  if (x.shape.at(-1) === wanted && got !== wanted) cures.unshift([`the input looks channels last: x.permute(${order.join(", ")})`, null]);
  return new Fault(`Given ${extra || `groups=${groups}`}, weight of size ${shown(weight)}, expected input${shown(shape)} to have ${wanted} channels, but got ${got} channels instead`,
    `the layer takes ${wanted} channels and gets ${got}`, cures);
}

// What torch refuses when the layer is made.
function made(args) {
  const { groups, in_channels: inside, out_channels: outside, padding, padding_mode: mode } = args;
  if (!PADDING_MODES.includes(mode)) throw new Fault(`padding_mode must be one of {'${PADDING_MODES.join("', '")}'}, but got padding_mode='${mode}'`, null, null, "ValueError");
  if (typeof padding === "string" && !/^(same|valid)$/.test(padding)) throw new Fault(`Invalid padding string '${padding}', should be one of {'same', 'valid'}`, null, null, "ValueError");
  for (const [name, channels] of [["in_channels", inside], ["out_channels", outside]]) {
    if (Number.isInteger(groups) && Number.isInteger(channels) && channels % groups) {
      throw new Fault(`${name} must be divisible by groups`, `groups (=${groups}) does not divide ${name} (=${channels})`, [[`groups=${divisor(inside, outside)}`, { groups: divisor(inside, outside) }]], "ValueError");
    }
  }
}

function conv(n) {
  const numbers = (args) => ["kernel_size", "stride", "dilation"].map((name) => spread(args[name], n));
  const padding = (args, i) => typeof args.padding === "string" ? args.padding : spread(args.padding, n)[i];
  return {
    n, signature: "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros'",
    check: made,
    weights: ({ in_channels: i, out_channels: o, kernel_size: k, groups, bias }) => [[o, i / groups, ...spread(k, n)], ...(bias ? [[o]] : [])],
    forward(args, [x]) {
      const { in_channels: inside, out_channels: outside, groups } = args;
      const at = planes(x, n, `conv${n}d`, inside);
      const [kernel, stride, dilation] = numbers(args);
      if (x.shape[at] !== inside) throw wrongChannels(x, at, inside, [outside, inside / groups, ...kernel], groups);
      const sizes = x.shape.slice(at + 1);
      if (args.padding_mode !== "zeros" && typeof args.padding !== "string") within(x, at + 1, sizes.map((_, i) => [padding(args, i), padding(args, i)]), args.padding_mode);
      let maps;
      try {
        maps = sizes.map((size, i) => windows(size, kernel[i], stride[i], padding(args, i), dilation[i], args.padding_mode, null, SIDES[n - 1][i]));
      } catch (error) {
        throw tooLarge(error, sizes, kernel, dilation, sizes.map((_, i) => padding(args, i)), stride);
      }
      const out = maps.map((map) => map.outputs);
      return {
        shape: [...x.shape.slice(0, at), outside, ...out], links: onPlanes(x, n, maps),
        macs: product(...x.shape.slice(0, at), outside, ...out, inside / groups, ...kernel),
      };
    },
  };
}

function tooLarge(error, sizes, kernel, dilation, padding, stride) {
  if (padding.includes("same") && stride.some((step) => step !== 1)) {
    return new Fault("padding='same' is not supported for strided convolutions", null,
      [[`padding=${Math.floor(dilation[0] * (kernel[0] - 1) / 2)}`, { padding: kernel.map((k, i) => Math.floor(dilation[i] * (k - 1) / 2)) }]], "ValueError");
  }
  const spans = kernel.map((k, i) => dilation[i] * (k - 1) + 1);
  const padded = sizes.map((size, i) => size + (Number.isInteger(padding[i]) ? 2 * padding[i] : 0));
  if (stride.some((step) => step < 1)) return new Fault("non-positive stride is not supported");
  if (padding.some((side) => side < 0)) return new Fault("negative padding is not supported");
  if (spans.every((span, i) => span <= padded[i])) return error;
  const enough = sizes.map((size, i) => Math.max(padding[i] || 0, Math.ceil((spans[i] - size) / 2)));
  return new Fault(`Calculated padded input size per channel: (${padded.join(" x ")}). Kernel size: (${spans.join(" x ")}). Kernel size can't be greater than actual input size`, null,
    [[`padding=${enough.length > 1 ? `(${enough.join(", ")})` : enough}`, { padding: enough }], ["a larger input, or fewer layers that shrink it", null]]);
}

function convTransposed(n) {
  return {
    n,
    signature: "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1, padding_mode='zeros'",
    check: made,
    weights: ({ in_channels: i, out_channels: o, kernel_size: k, groups, bias }) => [[i, o / groups, ...spread(k, n)], ...(bias ? [[o]] : [])],
    forward(args, [x]) {
      const { in_channels: inside, out_channels: outside, groups } = args;
      const at = planes(x, n, `conv_transpose${n}d`, inside);
      const [kernel, stride, dilation, padding, extra] = ["kernel_size", "stride", "dilation", "padding", "output_padding"].map((name) => spread(args[name], n));
      if (x.shape[at] !== inside) throw wrongChannels(x, at, inside, [inside, outside / groups, ...kernel], groups, "transposed=1");
      const sizes = x.shape.slice(at + 1);
      extra.forEach((more, i) => {
        if (more >= Math.max(stride[i], dilation[i])) {
          throw new Fault(`output padding must be smaller than either stride or dilation, but got output_padding_height: ${extra[0]} output_padding_width: ${extra.at(-1)} stride_height: ${stride[0]} stride_width: ${stride.at(-1)} dilation_height: ${dilation[0]} dilation_width: ${dilation.at(-1)}`,
            null, [["output_padding=0", { output_padding: 0 }]]);
        }
      });
      const out = sizes.map((size, i) => (size - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + extra[i] + 1);
      if (out.some((size) => size < 1)) {
        throw new Fault(`Given input size per channel: (${sizes.join(" x ")}). Calculated output size per channel: (${out.join(" x ")}). Output size is too small`);
      }
      const maps = sizes.map((size, i) => transposed(size, kernel[i], stride[i], padding[i], dilation[i], out[i]));
      return { shape: [...x.shape.slice(0, at), outside, ...out], links: onPlanes(x, n, maps), macs: product(...x.shape, outside / groups, ...kernel) };
    },
  };
}

function pool(n, signature) {
  return {
    n, signature, weights: () => [],
    forward(args, [x]) {
      const at = planes(x, n, `pool${n}d`);
      const kernel = spread(args.kernel_size, n);
      const [stride, padding, dilation] = [args.stride ?? kernel, args.padding ?? 0, args.dilation ?? 1].map((value) => spread(value, n));
      const sizes = x.shape.slice(at + 1);
      const half = padding.findIndex((p, i) => p > (dilation[i] * (kernel[i] - 1) + 1) / 2);
      if (half >= 0) {
        throw new Fault(`pad should be at most half of effective kernel size, but got pad=${padding[half]}, kernel_size=${kernel[half]} and dilation=${dilation[half]}`,
          null, [[`padding=${Math.floor(kernel[half] / 2)}`, { padding: Math.floor(kernel[half] / 2) }]]);
      }
      const out = sizes.map((size, i) => pooledSize(size, kernel[i], stride[i], padding[i], dilation[i], args.ceil_mode));
      if (out.some((size) => size < 1)) {
        const form = (list) => list.join("x");
        const channels = x.shape[at];
        throw new Fault(`Given input size: (${form([channels, ...sizes])}). Calculated output size: (${form([channels, ...out])}). Output size is too small`,
          null,
          [["ceil_mode=True", { ceil_mode: true }], ["an adaptive pooling, which fits any size", null]]);
      }
      const maps = sizes.map((size, i) => windowsOfPool(size, kernel[i], stride[i], padding[i], dilation[i], out[i]));
      return { shape: [...x.shape.slice(0, at + 1), ...out], macs: 0, links: [[0, at, at, null], ...onPlanes(x, n, maps)] };
    },
  };
}

// A window that hangs over the end counts with ceil_mode if it starts inside the input or its left padding.
function pooledSize(size, kernel, stride, padding, dilation, ceil) {
  const steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride;
  const outputs = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceil && (outputs - 1) * stride >= size + padding ? outputs - 1 : outputs;
}

function windowsOfPool(size, kernel, stride, padding, dilation, outputs) {
  // The last windows of ceil_mode need room behind the input, which the axis has to know.
  const after = Math.max(padding, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - size - padding);
  return windows(size, kernel, stride, [padding, after], dilation, "zeros", outputs);
}

function adaptivePool(n) {
  return {
    n, signature: "output_size, return_indices=False", weights: () => [],
    forward(args, [x]) {
      const at = planes(x, n, `adaptive_pool${n}d`);
      const sizes = x.shape.slice(at + 1);
      const out = spread(args.output_size, n).map((size, i) => size ?? sizes[i]);
      return { shape: [...x.shape.slice(0, at + 1), ...out], macs: 0, links: [[0, at, at, null], ...onPlanes(x, n, sizes.map((size, i) => adaptive(size, out[i])))] };
    },
  };
}

function norm(n, batch) {
  return {
    n, signature: `num_features, eps=1e-05, momentum=0.1, affine=${batch ? "True" : "False"}, track_running_stats=${batch ? "True" : "False"}`,
    weights: ({ num_features: c, affine }) => affine ? [[c], [c]] : [],
    forward(args, [x]) {
      const rank = x.shape.length;
      const ranks = n === 1 ? [2, 3] : batch ? [n + 2] : [n + 1, n + 2];
      if (!ranks.includes(rank)) throw new Fault(`expected ${ranks.map((r) => `${r}D`).join(" or ")} input (got ${rank}D input)`, `the norm takes an input of ${ranks.join(" or ")} axes, and ${shown(x.shape)} arrives`,
        rank > 2 && rank < 6 ? [[`nn.${batch ? "Batch" : "Instance"}Norm${rank - 2}d(${args.num_features})`, null]] : [], "ValueError");
      const got = x.shape[batch || rank === n + 2 ? 1 : 0];
      if (got !== args.num_features && (batch || args.affine || args.track_running_stats)) {
        throw new Fault(batch || args.track_running_stats ? `running_mean should contain ${got} elements not ${args.num_features}` : `expected input's size at dim=${rank - n - 1} to match num_features (${args.num_features}), but got: ${got}.`,
          null, [[`num_features=${got}`, { num_features: got }]], batch || args.track_running_stats ? "RuntimeError" : "ValueError");
      }
      return pass(args, [x]);
    },
  };
}

function padLayer(n, mode, more = "") {
  return {
    n, signature: `padding${more}`, weights: () => [],
    forward(args, [x]) {
      const at = planes(x, n, `pad${n}d`);
      const sides = Array.isArray(args.padding) ? args.padding : Array(2 * n).fill(args.padding);
      const sizes = x.shape.slice(at + 1);
      // torch's order begins at the last axis: (left, right, top, bottom).
      const pairs = sizes.map((_, i) => sides.slice(2 * (n - 1 - i), 2 * (n - i)));
      return padded(x, at + 1, pairs, mode);
    },
  };
}

// Refuses a padding that would copy more than there is; torch looks from the last axis on.
function within(x, first, pairs, mode) {
  const limits = x.shape.slice(first).map((size) => ({ reflect: size - 1, circular: size })[mode] ?? Infinity);
  const i = pairs.findLastIndex((pair, axis) => Math.max(...pair) > limits[axis]);
  if (i < 0) return;
  throw new Fault(mode === "circular" ? "Padding value causes wrapping around more than once."
    : `Argument #${2 * (pairs.length - i) + 2}: Padding size should be less than the corresponding input dimension, but got: padding (${pairs[i].join(", ")}) at dimension ${first + i} of input ${shown(x.shape)}`);
}

export function padded(x, first, pairs, mode) {
  const sizes = x.shape.slice(first);
  within(x, first, pairs, mode);
  const out = sizes.map((size, i) => size + pairs[i][0] + pairs[i][1]);
  if (out.some((size) => size < 1)) throw new Fault("The input size, plus negative padding, resulted in a negative output size", "the padding takes off more than there is");
  const maps = sizes.map((size, i) => shift(size, pairs[i][0], out[i], mode));
  return { shape: [...x.shape.slice(0, first), ...out], macs: 0, links: [...same(x).slice(0, first), ...maps.map((map, i) => [0, first + i, first + i, map])] };
}

export function resized(x, { size, scale_factor: factor, mode = "nearest", align_corners: corners = false }) {
  const n = x.shape.length - 2;
  const sizes = x.shape.slice(2);
  const factors = factor === null || factor === undefined ? null : spread(factor, n);
  const out = factors ? sizes.map((old, i) => Math.floor(old * factors[i])) : spread(size, n);
  const maps = sizes.map((old, i) => scaled(old, out[i], factors?.[i], mode ?? "nearest", corners));
  return { shape: [...x.shape.slice(0, 2), ...out], macs: 0, links: [...same(x).slice(0, 2), ...maps.map((map, i) => [0, 2 + i, 2 + i, map])] };
}

function linear(args, [x]) {
  const got = x.shape.at(-1);
  const { in_features: wanted, out_features: outside } = args;
  if (got !== wanted) {
    const rows = product(...x.shape.slice(0, -1));
    const maps = x.shape.slice(1);
    const all = product(...maps);
    const flat = `nn.Flatten() before the Linear`;
    const own = x.shape.length < 4 && all !== wanted;
    const [cause, cures] = own ? [`the Linear takes ${wanted} features and gets ${got}`, [[`in_features=${got}`, { in_features: got }]]]
      : [`no flatten before the Linear: it takes the last axis (${got}) for its ${wanted} features`, [[all === wanted ? `${flat}: ${maps.join(" · ")} = ${all}` : `${flat}, and in_features=${all} (${maps.join(" · ")})`, null]]];
    throw new Fault(`mat1 and mat2 shapes cannot be multiplied (${rows}x${got} and ${wanted}x${outside})`, cause, cures);
  }
  const shape = [...x.shape.slice(0, -1), outside];
  return { shape, macs: product(...x.shape, outside), links: same(x).slice(0, -1) };
}

// An axis counted from the end, or from the start.
export function place(d, rank) {
  if (d < -rank || d >= rank) throw new Fault(`Dimension out of range (expected to be in range of [${-rank}, ${rank - 1}], but got ${d})`, `the input has ${rank} axes`, [], "IndexError");
  return d < 0 ? d + rank : d;
}

export function flattened(x, start, end) {
  const [first, last] = [start, end].map((d) => place(d, x.shape.length));
  const shape = [...x.shape.slice(0, first), product(...x.shape.slice(first, last + 1)), ...x.shape.slice(last + 1)];
  const links = same(x).filter(([, d]) => d < first || d > last || first === last).map(([input, d, , map]) => [input, d, d > last ? d - (last - first) : d, map]);
  return { shape, macs: 0, links };
}

function shuffled(x, factor, grows) {
  const at = x.shape.length - 3;
  const [channels, rows, columns] = x.shape.slice(at);
  const square = factor * factor;
  const fits = grows ? channels % square === 0 : rows % factor === 0 && columns % factor === 0;
  if (!fits) throw new Fault(grows ? `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${square}`
    : `pixel_unshuffle expects height to be divisible by downscale_factor, but input.size(-2)=${rows} is not divisible by ${factor}`, grows ? `${square} = ${factor} · ${factor} does not divide the ${channels} channels` : `${factor} does not divide ${rows} x ${columns}`, []);
  const out = grows ? [channels / square, rows * factor, columns * factor] : [channels * square, rows / factor, columns / factor];
  const maps = [rows, columns].map((size, i) => grows
    ? { size, outputs: out[1 + i], period: factor, advance: 1, runs: (output) => [[Math.floor(output / factor), 1, 1]] }
    : { size, outputs: out[1 + i], period: 1, advance: factor, runs: (output) => [[output * factor, factor, 1]] });
  return { shape: [...x.shape.slice(0, at), ...out], macs: 0, links: onPlanes(x, 2, maps) };
}

// One product with the input and one with the state before it a step, a layer and a direction.
function recurrent(gates, more = "") {
  const weights = ({ input_size: inside, hidden_size: hidden, num_layers: layers, bias, bidirectional: both, proj_size: projected }) => {
    if (projected || !(layers > 0)) return null;
    const ways = both ? 2 : 1;
    return Array.from({ length: layers * ways }, (_, i) => [[gates * hidden, i < ways ? inside : ways * hidden], [gates * hidden, hidden], ...(bias ? [[gates * hidden], [gates * hidden]] : [])]).flat();
  };
  return {
    signature: `input_size, hidden_size, num_layers=1, ${more}bias=True, batch_first=False, dropout=0.0, bidirectional=False, proj_size=0`, weights,
    forward(args, [x]) {
      const { input_size: wanted, hidden_size: hidden, num_layers: layers, bidirectional: both } = args;
      const got = x.shape.at(-1);
      if (got !== wanted) throw new Fault(`input.size(-1) must be equal to input_size. Expected ${wanted}, got ${got}`, null, [[`input_size=${got}`, { input_size: got }]]);
      if (args.proj_size) return { shape: null };
      const steps = x.shape.slice(0, -1);
      const batch = steps.length > 1 ? (args.batch_first ? 0 : 1) : -1;
      const ways = both ? 2 : 1;
      return {
        shape: [...steps, ways * hidden], links: same(x).filter(([, d]) => d === batch), state: [layers * ways, ...steps.filter((_, d) => d === batch), hidden],
        macs: product(...steps, numbersIn(weights({ ...args, bias: false }))),
      };
    },
  };
}

const product_ = (shape) => product(...[shape].flat());
const simple = (signature = "inplace=False") => ({ signature, weights: () => [], forward: pass });
const MAX = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False";
const AVERAGE = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None";
const UP = "size=None, scale_factor=None, mode='nearest', align_corners=False, *";

export const LAYERS = {
  __proto__: null, // a text may name what every object has
  Linear: {
    signature: "in_features, out_features, bias=True", forward: linear,
    weights: ({ in_features: i, out_features: o, bias }) => [[o, i], ...(bias ? [[o]] : [])],
  },
  Flatten: { signature: "start_dim=1, end_dim=-1", weights: () => [], forward: (args, [x]) => flattened(x, args.start_dim, args.end_dim) },
  Upsample: { signature: UP, weights: () => [], forward: (args, [x]) => resized(x, args) },
  UpsamplingBilinear2d: { signature: "size=None, scale_factor=None", weights: () => [], forward: (args, [x]) => resized(x, { ...args, mode: "bilinear", align_corners: true }) },
  PixelShuffle: { signature: "upscale_factor", weights: () => [], forward: (args, [x]) => shuffled(x, args.upscale_factor, true) },
  PixelUnshuffle: { signature: "downscale_factor", weights: () => [], forward: (args, [x]) => shuffled(x, args.downscale_factor, false) },
  GroupNorm: {
    signature: "num_groups, num_channels, eps=1e-05, affine=True",
    weights: ({ num_channels: c, affine }) => affine ? [[c], [c]] : [],
    check({ num_groups: groups, num_channels: c }) {
      if (c % groups) throw new Fault(`num_channels (${c}) must be divisible by num_groups (${groups})`, null, [[`num_groups=${divisor(groups * groups, c)}`, null]], "ValueError");
    },
    forward(args, [x]) {
      const got = x.shape[1];
      if (got % args.num_groups) throw new Fault(`Expected number of channels in input to be divisible by num_groups, but got input of shape ${shown(x.shape)} and num_groups=${args.num_groups}`);
      if (args.affine && got !== args.num_channels) {
        throw new Fault(`Expected weight to be a vector of size equal to the number of channels in input, but got weight of shape [${args.num_channels}] and input of shape ${shown(x.shape)}`,
          null, [[`num_channels=${got}`, { num_channels: got }]]);
      }
      return pass(args, [x]);
    },
  },
  LayerNorm: {
    signature: "normalized_shape, eps=1e-05, elementwise_affine=True, bias=True",
    weights: ({ normalized_shape: shape, elementwise_affine: affine, bias }) => affine ? [[product_(shape)], ...(bias ? [[product_(shape)]] : [])] : [],
    forward(args, [x]) {
      const wanted = [args.normalized_shape].flat();
      const got = x.shape.slice(-wanted.length);
      if (`${wanted}` !== `${got}`) {
        throw new Fault(`Given normalized_shape=${shown(wanted)}, expected input with shape [*, ${wanted.join(", ")}], but got input of size${shown(x.shape)}`,
          null, [[`normalized_shape=${got.length > 1 ? `(${got.join(", ")})` : got}`, { normalized_shape: got }]]);
      }
      const kept = x.shape.length - wanted.length;
      return { shape: x.shape, macs: 0, links: x.shape.map((size, d) => [0, d, d, d < kept ? null : wholeOf(size, size)]) };
    },
  },
  PReLU: { signature: "num_parameters=1, init=0.25", weights: ({ num_parameters: n }) => [[n]], forward: pass },
  Unflatten: {
    signature: "dim, unflattened_size", weights: () => [],
    forward: ({ dim, unflattened_size: sizes }, [x]) => {
      const at = dim < 0 ? dim + x.shape.length : dim;
      const rest = x.shape[at] / product(...sizes.filter((size) => size !== -1));
      if (!Number.isInteger(rest) || rest > 1 && !sizes.includes(-1)) throw new Fault(`unflatten: Provided sizes ${shown(sizes)} don't multiply up to the size of dim ${at} (${x.shape[at]}) in the input tensor`, `${sizes.join(" · ")} is not ${x.shape[at]}`);
      return { shape: [...x.shape.slice(0, at), ...sizes.map((size) => size === -1 ? rest : size), ...x.shape.slice(at + 1)], macs: 0, links: same(x).filter(([, d]) => d < at) };
    },
  },
  Embedding: {
    signature: "num_embeddings, embedding_dim, padding_idx=None", weights: ({ num_embeddings: n, embedding_dim: d }) => [[n, d]],
    forward: (args, [x]) => ({ shape: [...x.shape, args.embedding_dim], macs: 0, links: [] }),
  },
  LSTM: recurrent(4),
  GRU: recurrent(3),
  RNN: recurrent(1, "nonlinearity='tanh', "),
  MultiheadAttention: {
    signature: "embed_dim, num_heads, dropout=0.0, bias=True, *",
    weights: ({ embed_dim: d, bias, kdim, vdim, add_bias_kv: more }) => kdim || vdim || more ? null : [[3 * d, d], [d, d], ...(bias ? [[3 * d], [d]] : [])],
    forward: (args, [x]) => ({ shape: x.shape, macs: null, links: [], remark: "MACs of attention are not counted here" }),
  },
  Parameter: { signature: "", weights: ({ shape }) => [shape], forward: pass },
  FrozenBatchNorm2d: { signature: "num_features, eps=1e-05", weights: () => [], forward: pass },
};

for (const n of [1, 2, 3]) {
  LAYERS[`Conv${n}d`] = conv(n);
  LAYERS[`ConvTranspose${n}d`] = convTransposed(n);
  LAYERS[`MaxPool${n}d`] = pool(n, MAX);
  LAYERS[`AvgPool${n}d`] = pool(n, AVERAGE);
  LAYERS[`AdaptiveAvgPool${n}d`] = LAYERS[`AdaptiveMaxPool${n}d`] = adaptivePool(n);
  LAYERS[`BatchNorm${n}d`] = norm(n, true);
  LAYERS[`InstanceNorm${n}d`] = norm(n, false);
  for (const [name, mode] of [["Reflection", "reflect"], ["Replication", "replicate"], ["Circular", "circular"], ["Zero", "zeros"]]) LAYERS[`${name}Pad${n}d`] = padLayer(n, mode);
  LAYERS[`ConstantPad${n}d`] = padLayer(n, "zeros", ", value=0");
}
LAYERS.SyncBatchNorm = LAYERS.BatchNormAct2d = norm(2, true);
LAYERS.LayerNorm2d = { ...LAYERS.LayerNorm, forward: pass };
LAYERS.Conv2dSame = { ...LAYERS.Conv2d, forward: () => ({ shape: null }) }; // pads as TensorFlow does
LAYERS.UpsamplingNearest2d = LAYERS.Upsample;
LAYERS.Permute = { signature: "*", weights: () => [], forward: () => ({ shape: null }) }; // its order is not printed
LAYERS.SelectAdaptivePool2d = {
  signature: "pool_type='avg', flatten=None", weights: () => [],
  forward: ({ flatten }, [x]) => flatten === true || /^Flatten/.test(flatten) ? { shape: x.shape.slice(0, 2), macs: 0, links: same(x).slice(0, 1) } : LAYERS.AdaptiveAvgPool2d.forward({ output_size: 1 }, [x]),
};

const PLAIN = "Identity ReLU ReLU6 ELU SELU CELU GELU SiLU Mish LeakyReLU RReLU Sigmoid LogSigmoid Tanh Hardtanh Hardswish Hardsigmoid Hardshrink Softshrink Tanhshrink "
  + "Softplus Softsign Softmin Softmax Softmax2d LogSoftmax Threshold Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout DropPath StochasticDepth LocalResponseNorm ChannelShuffle";
const FIRST = { Softmax: "dim=None", LogSoftmax: "dim=None", Softmin: "dim=None", Sigmoid: "", Tanh: "",
  LeakyReLU: "negative_slope=0.01, inplace=False", Dropout: "p=0.5, inplace=False", Dropout2d: "p=0.5, inplace=False" };
// The names of functions that give an input its shape back, without their underscores.
export const PASSING = new Set(`${PLAIN.toLowerCase()} prelu batchnorm instancenorm layernorm groupnorm normalize abs neg exp log sqrt rsqrt pow square clamp clip sin cos erf`.split(" "));
for (const name of PLAIN.split(" ")) LAYERS[name] = simple(FIRST[name] ?? "*, inplace=False");

// Layers whose input side is that of what they get.
for (const [name, given] of [["Linear", "in_features"], ...[1, 2, 3].flatMap((n) => [[`Conv${n}d`, "in_channels"], [`ConvTranspose${n}d`, "in_channels"]]), ...[1, 2, 3].map((n) => [`BatchNorm${n}d`, "num_features"])]) {
  const full = LAYERS[name];
  LAYERS[`Lazy${name}`] = {
    ...full, signature: full.signature.replace(`${given}, `, ""), weights: () => null,
    forward: (args, [x]) => {
      const found = { ...args, [given]: given === "in_features" ? x.shape.at(-1) : x.shape[full.n ? Math.max(0, x.shape.length - full.n - 1) : 1] };
      return { ...full.forward(found, [x]), weights: full.weights(found) };
    },
  };
}

// "in_channels, kernel_size, stride=1" as [[name, default text or null], ...].
export function signature(kind) {
  const layer = LAYERS[kind];
  layer.named ??= layer.signature.split(", ").filter(Boolean).map((part) => part.split("=")).map(([name, usual]) => [name, usual === undefined ? null : usual]);
  return layer.named;
}

export function parametersOf({ kind, args }) {
  const shapes = LAYERS[kind]?.weights(args);
  return shapes ? numbersIn(shapes) : null;
}

// How many numbers arrays of these shapes hold.
export function numbersIn(shapes) {
  const counts = shapes.map((shape) => product(...shape));
  return counts.includes(null) ? null : total(counts);
}
