// Layers of Keras under their names, with TensorFlow's padding rule and the channels last. They join LAYERS; a text that uses one is one
// of Keras. Shapes hold the batch as 1, which Keras writes as None.

import { Fault, LAYERS, pass, same, spread, wholeOf, windows } from "./lab_layers.js";
import { product } from "./lab_numbers.js";

const COMMON = "activation=None, use_bias=True, kernel_initializer=None, name=None, input_shape=None, data_format='channels_last', *";

// "same": ceil(size / stride) outputs, the total padding split with the odd pixel at the end. Gives [before, after].
export function samePadding(size, kernel, stride, dilation = 1) {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

const first = (args) => args.data_format === "channels_first";
const told = (shape) => `(None, ${shape.slice(1).join(", ")})`;

// The sizes of a picture and its channels, whatever their order.
function apart(x, args) {
  if (x.shape.length !== 4) {
    throw new Fault(`Input 0 of layer "${args.name ?? "conv2d"}" is incompatible with the layer: expected min_ndim=4, found ndim=${x.shape.length}. Full shape received: ${told(x.shape)}`,
      null, [[`input_shape=(${x.shape.slice(x.shape.length > 4 ? 2 : 1).join(", ")}${x.shape.length < 4 ? ", 1" : ""})`, null]], "ValueError");
  }
  const [, a, b, c] = x.shape;
  return first(args) ? { sizes: [b, c], channels: a, at: 2 } : { sizes: [a, b], channels: c, at: 1 };
}

function together(args, channels, sizes) {
  return first(args) ? [channels, ...sizes] : [...sizes, channels];
}

function mapsOf(sizes, kernel, stride, dilation, padding, channels, out, x) {
  return sizes.map((size, i) => {
    const pads = padding === "same" ? samePadding(size, kernel[i], stride[i], dilation[i]) : 0;
    try {
      return windows(size, kernel[i], stride[i], pads, dilation[i]);
    } catch {
      throw new Fault(`Computed output size would be zero or negative. Received \`inputs shape=${told(x.shape)}\`, \`kernel shape=(${[...kernel, ...(out === null ? [] : [channels, out])].join(", ")})\`, \`dilation_rate=[${dilation.join(" ")}]\`, \`strides=(${stride.join(", ")})\`, \`padding=${padding}\`.`,
        null, [["padding='same'", { padding: "same" }], ["a larger picture, or fewer layers that shrink it", null]], "ValueError");
    }
  });
}

function placed(at, maps, rest = []) {
  return [[0, 0, 0, null], ...maps.map((map, i) => [0, at + i, at + i, map]), ...rest];
}

function convolution(depthwise, pointwise) {
  return {
    n: 2, keras: true, weights: () => null,
    signature: `${depthwise && !pointwise ? "" : "filters, "}kernel_size, strides=1, padding='valid', dilation_rate=1, groups=1, depth_multiplier=1, ${COMMON}`,
    forward(args, [x]) {
      const { sizes, channels, at } = apart(x, args);
      const [kernel, stride, dilation] = [args.kernel_size, args.strides, args.dilation_rate].map((value) => spread(value, 2));
      const multiplier = args.depth_multiplier ?? 1;
      const middle = channels * multiplier;
      const out = depthwise && !pointwise ? middle : args.filters;
      const maps = mapsOf(sizes, kernel, stride, dilation, args.padding, depthwise ? channels : channels / args.groups, depthwise ? multiplier : out, x);
      const pixels = maps.map((map) => map.outputs);
      const bias = args.use_bias ? [[out]] : [];
      const weights = depthwise ? [[...kernel, channels, multiplier], ...(pointwise ? [[middle, out]] : []), ...bias] : [[...kernel, channels / args.groups, out], ...bias];
      const macs = product(x.shape[0], ...pixels) * (weights.slice(0, weights.length - bias.length).reduce((all, shape) => all + product(...shape), 0));
      return { shape: [x.shape[0], ...together(args, out, pixels)], macs, links: placed(at, maps), weights };
    },
  };
}

function pooling(unbiased = "") {
  return {
    n: 2, keras: true, weights: () => [], signature: `pool_size=2, strides=None, padding='valid', data_format='channels_last', name=None${unbiased}, *`,
    forward(args, [x]) {
      const { sizes, channels, at } = apart(x, args);
      const kernel = spread(args.pool_size, 2);
      const maps = mapsOf(sizes, kernel, spread(args.strides ?? kernel, 2), [1, 1], args.padding, channels, null, x);
      const channel = first(args) ? 1 : 3;
      return { shape: [x.shape[0], ...together(args, channels, maps.map((map) => map.outputs))], macs: 0, links: placed(at, maps, [[0, channel, channel, null]]) };
    },
  };
}

const plain = (signature, weights = () => []) => ({ keras: true, signature, weights, forward: pass });

const MORE = {
  Conv2D: convolution(false, false),
  Convolution2D: convolution(false, false),
  DepthwiseConv2D: convolution(true, false),
  SeparableConv2D: convolution(true, true),
  MaxPooling2D: pooling(),
  MaxPool2D: pooling(),
  AveragePooling2D: pooling(),
  Conv2DTranspose: {
    n: 2, keras: true, weights: () => null, signature: `filters, kernel_size, strides=1, padding='valid', output_padding=None, dilation_rate=1, ${COMMON}`,
    forward(args, [x]) {
      const { sizes, channels } = apart(x, args);
      const [kernel, stride] = [args.kernel_size, args.strides].map((value) => spread(value, 2));
      const pixels = sizes.map((size, i) => args.padding === "same" ? size * stride[i] : size * stride[i] + Math.max(kernel[i] - stride[i], 0));
      const weights = [[...kernel, args.filters, channels], ...(args.use_bias ? [[args.filters]] : [])];
      return { shape: [x.shape[0], ...together(args, args.filters, pixels)], macs: product(...x.shape, args.filters, ...kernel), links: [[0, 0, 0, null]], weights };
    },
  },
  UpSampling2D: {
    n: 2, keras: true, weights: () => [], signature: "size=2, data_format='channels_last', interpolation='nearest', name=None, *",
    forward(args, [x]) {
      const { sizes, channels, at } = apart(x, args);
      const factor = spread(args.size, 2);
      const maps = sizes.map((size, i) => ({ size, outputs: size * factor[i], period: factor[i], advance: 1, runs: (output) => [[Math.floor(output / factor[i]), 1, 1]] }));
      return { shape: [x.shape[0], ...together(args, channels, maps.map((map) => map.outputs))], macs: 0, links: placed(at, args.interpolation === "nearest" ? maps : maps.map((map) => ({ ...map, lost: true }))) };
    },
  },
  ZeroPadding2D: {
    n: 2, keras: true, weights: () => [], signature: "padding=1, data_format='channels_last', name=None, *",
    forward(args, [x]) {
      const { sizes, channels, at } = apart(x, args);
      const pairs = spread(args.padding, 2).map((side) => Array.isArray(side) ? side : [side, side]);
      const maps = sizes.map((size, i) => ({ size, outputs: size + pairs[i][0] + pairs[i][1], period: 1, advance: 1, runs: (output) => [[output - pairs[i][0], 1, 1]] }));
      return { shape: [x.shape[0], ...together(args, channels, maps.map((map) => map.outputs))], macs: 0, links: placed(at, maps) };
    },
  },
  Dense: {
    keras: true, weights: () => null, signature: `units, ${COMMON}`,
    forward(args, [x]) {
      const weights = [[x.shape.at(-1), args.units], ...(args.use_bias ? [[args.units]] : [])];
      return { shape: [...x.shape.slice(0, -1), args.units], macs: product(...x.shape, args.units), links: same(x).slice(0, -1), weights };
    },
  },
  BatchNormalization: {
    ...plain("axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, name=None, *", () => null),
    forward: (args, [x]) => ({ ...pass(args, [x]), weights: [[4, x.shape.at(args.axis === 1 ? 1 : -1)]] }),
  },
  Activation: plain("activation, name=None, *"),
  SpatialDropout2D: plain("rate, name=None, *"),
};
for (const name of ["GlobalAveragePooling2D", "GlobalMaxPooling2D"]) {
  MORE[name] = {
    n: 2, keras: true, weights: () => [], signature: "data_format='channels_last', keepdims=False, name=None, *",
    forward(args, [x]) {
      const { sizes, channels, at } = apart(x, args);
      const shape = args.keepdims ? [x.shape[0], ...together(args, channels, [1, 1])] : [x.shape[0], channels];
      return { shape, macs: 0, links: [[0, 0, 0, null], ...(args.keepdims ? sizes.map((size, i) => [0, at + i, at + i, wholeOf(size, 1)]) : [])] };
    },
  };
}

Object.assign(LAYERS, MORE);

// Conv2D as conv2d, MaxPooling2D as max_pooling2d.
export function kerasName(kind) {
  return kind.replace(/(?<=.)[A-Z][a-z]+/g, "_$&").toLowerCase();
}

export function isKeras(text) {
  return /\b(?:keras|tensorflow)\b|\b(?:Conv2D|MaxPooling2D|Dense|Conv2DTranspose|UpSampling2D|SeparableConv2D|DepthwiseConv2D)\s*\(/.test(text) && !/\bnn\.\w+\(/.test(text);
}
