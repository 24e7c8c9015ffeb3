// The functions of torch and the methods of a tensor that a forward() calls, by name: opOf(name)(graph, args, named, line) gives what
// they give. A function that is a layer of torch.nn without its own parameters is that layer.

import { Tensor, Unknown } from "./lab_graph.js";
import { Fault, PASSING, flattened, padded, pass, place as at, resized, same, wholeOf } from "./lab_layers.js";
import { product } from "./lab_numbers.js";

// max_pool2d as MaxPool2d; null for a function that is no layer.
export function asLayer(name) {
  return /^(?:adaptive_)?(?:max|avg)_pool[123]d$|^(?:pixel_|channel_)(?:un)?shuffle$/.test(name) ? name.replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase()) : null;
}

// What gives the same tensor back, and is no step of a network.
const SILENT = "contiguous clone detach float half double to cuda cpu type requires_grad_ type_as masked_fill round floor randn_like rand_like zeros_like ones_like".split(" ");

const rankOf = (x) => x.shape?.length;

function step(graph, name, inputs, forward, line, { kind = name, note = null } = {}) {
  return graph.step({ kind, args: {}, forward }, inputs, { name: `${name}()`, kind, line, note });
}

function whole(value) {
  return Number.isInteger(value) || value instanceof Unknown;
}

function sizes(list) {
  const flat = list.length === 1 && Array.isArray(list[0]) ? list[0] : list;
  return flat.map((size) => size?.float === undefined ? size : new Unknown());
}

// The links of the axes at the end that a reshape leaves as they are, if they follow whole axes.
function kept(before, after) {
  let tail = 0;
  while (tail < Math.min(before.length, after.length) && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (tail === before.length && tail === after.length) return same({ shape: before });
  const links = before[0] === after[0] ? [[0, 0, 0, null]] : [];
  for (let d = 1; d <= tail; d += 1) if (before.length - d > 0) links.push([0, before.length - d, after.length - d, null]);
  return links;
}

function reshaped(name) {
  return (graph, [x, ...given], named, line) => {
    const wanted = sizes(given);
    let note = null;
    const forward = (_, [input]) => {
      const all = product(...input.shape);
      let target = wanted;
      if (target.some((size) => size instanceof Unknown)) {
        // view(-1, self.count(x)): all features of a picture.
        if (target.length !== 2 || target[0] !== -1 && target[0] !== input.shape[0]) return { shape: null, macs: 0, links: [] };
        target = [input.shape[0], -1];
        note = "taken as: all features of a picture";
      }
      const rest = product(...target.filter((size) => size !== -1));
      const shape = target.map((size) => size === -1 ? Number(all) / Number(rest) : size);
      if (shape.some((size) => !Number.isInteger(size)) || product(...shape) !== all) {
        const perPicture = Number(all) / input.shape[0];
        const fitting = target.length === 2 && target[0] === -1;
        throw new Fault(`shape '[${target.join(", ")}]' is invalid for input of size ${all}`, `${input.shape.join(" · ")} = ${all} numbers do not fill ${target.map((size) => size === -1 ? "?" : size).join(" · ")}`,
          fitting ? [[`x.view(-1, ${perPicture}), and in_features=${perPicture}`, null], ["torch.flatten(x, 1), which keeps the batch", null]] : []);
      }
      if (target.length === 2 && target[0] === -1 && shape[0] !== input.shape[0]) note = `mixes pictures: the batch of ${input.shape[0]} becomes ${shape[0]}`;
      return { shape, macs: 0, links: kept(input.shape, shape), remark: note };
    };
    return step(graph, name, [x], forward, line);
  };
}

// The links of an input whose axes of 1 are stretched.
function stretchedLinks(own, shape, input) {
  const more = shape.length - own.length;
  return own.map((size, d) => [input, d, d + more, size === shape[d + more] ? null : wholeOf(size, shape[d + more])]);
}

// a + b with the smaller one stretched: the shapes of torch's broadcasting.
function broadcast(a, b) {
  const rank = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
  // torch looks from the last axis on.
  const d = left.findLastIndex((size, axis) => size !== right[axis] && size !== 1 && right[axis] !== 1);
  if (d >= 0) {
    throw new Fault(`The size of tensor a (${left[d]}) must match the size of tensor b (${right[d]}) at non-singleton dimension ${d}`);
  }
  return left.map((size, axis) => Math.max(size, right[axis]));
}

export function joined(name, kind) {
  return (graph, [a, b], named, line) => {
    if (!(a instanceof Tensor)) [a, b] = [b, a];
    if (!(b instanceof Tensor)) return a;
    const forward = (_, inputs) => {
      const shape = broadcast(inputs[0].shape, inputs[1].shape);
      return { shape, macs: 0, links: inputs.flatMap(({ shape: own }, input) => stretchedLinks(own, shape, input)) };
    };
    return graph.step({ kind, args: {}, forward }, [a, b], { name: `${name}()`, kind, line });
  };
}

function concatenated(graph, [list, dim = 0], named, line) {
  const parts = (list?.items ?? list ?? []);
  if (!Array.isArray(parts) || !parts.length || parts.some((part) => !(part instanceof Tensor))) return new Tensor(null, null);
  const along = named.dim ?? named.axis ?? dim;
  const forward = (_, inputs) => {
    const [first] = inputs;
    const d = at(along, first.shape.length);
    inputs.forEach((part, index) => {
      if (part.shape.length !== first.shape.length) throw new Fault(`Tensors must have same number of dimensions: got ${first.shape.length} and ${part.shape.length}`, "the parts have different numbers of axes");
      const other = first.shape.findIndex((size, axis) => axis !== d && size !== part.shape[axis]);
      if (other >= 0) {
        throw new Fault(`Sizes of tensors must match except in dimension ${d}. Expected size ${first.shape[other]} but got size ${part.shape[other]} for tensor number ${index} in the list.`);
      }
    });
    const shape = first.shape.map((size, axis) => axis === d ? inputs.reduce((all, part) => all + part.shape[d], 0) : size);
    return { shape, macs: 0, links: inputs.flatMap((part, input) => same(part, input)).filter(([, axis]) => axis !== d) };
  };
  return step(graph, "cat", parts, forward, line);
}

function averaged(name) {
  return (graph, [x, dim, kept], named, line) => {
    const given = named.dim ?? named.axis ?? dim;
    const keeps = named.keepdim ?? named.keepdims ?? kept;
    const forward = (_, [input]) => {
      const rank = input.shape.length;
      const gone = given === undefined || given === null ? input.shape.map((_, d) => d) : [given].flat().map((d) => at(d, rank));
      const shape = [];
      const links = [];
      input.shape.forEach((size, d) => {
        if (gone.includes(d)) {
          if (keeps) links.push([0, d, shape.push(1) - 1, wholeOf(size, 1)]);
        } else links.push([0, d, shape.push(size) - 1, null]);
      });
      return { shape, macs: 0, links };
    };
    return step(graph, name, [x], forward, line);
  };
}

// Along one axis it gives the values and where they stood.
function largest(name) {
  return (graph, args, named, line) => {
    if (args[1] instanceof Tensor) return joined(name, name)(graph, args, named, line);
    const values = averaged(name)(graph, args, named, line);
    return named.dim === undefined && args[1] === undefined ? values : [values, new Unknown()];
  };
}

function permuted(name, orderOf) {
  return (graph, [x, ...given], named, line) => {
    const forward = (_, [input]) => {
      const order = orderOf(sizes(given), input.shape.length);
      return { shape: order.map((d) => input.shape[d]), macs: 0, links: order.map((from, to) => [0, from, to, null]) };
    };
    return step(graph, name, [x], forward, line);
  };
}

function multiplied(graph, [a, b], named, line) {
  const forward = (_, [left, right]) => {
    const inner = left.shape.at(-1);
    if (right.shape.at(-2) !== inner) {
      throw new Fault(`mat1 and mat2 shapes cannot be multiplied (${left.shape.slice(-2).join("x")} and ${right.shape.slice(-2).join("x")})`, `${inner} columns meet ${right.shape.at(-2)} rows`);
    }
    const shape = [...broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2)), left.shape.at(-2), right.shape.at(-1)];
    return { shape, macs: product(...shape, inner), links: [] };
  };
  return step(graph, "matmul", [a, b], forward, line);
}

// Stretched to these sizes.
function stretched(name, sizesOf) {
  return (graph, [x, ...given], named, line) => step(graph, name, [x], (_, [input]) => {
    const wanted = sizesOf(given);
    if (!wanted?.every(Number.isInteger)) return { shape: null };
    const more = wanted.length - input.shape.length;
    const old = [...Array(Math.max(0, more)).fill(1), ...input.shape];
    const shape = old.map((size, d) => wanted[d] === -1 ? size : wanted[d]);
    if (shape.some((size, d) => size !== old[d] && old[d] !== 1)) return { shape: null };
    return { shape, macs: 0, links: stretchedLinks(input.shape, shape, 0) };
  }, line);
}

function split(name) {
  return (graph, [x, given, dim = 0], named, line) => {
    if (!x.shape) return new Unknown();
    const d = at(named.dim ?? dim, rankOf(x));
    const size = x.shape[d];
    const parts = Array.isArray(given) || given?.items ? given.items ?? given
      : name === "chunk" ? Array.from({ length: Math.ceil(size / Math.ceil(size / given)) }, (_, i) => Math.min(Math.ceil(size / given), size - i * Math.ceil(size / given)))
        : Array.from({ length: Math.ceil(size / given) }, (_, i) => Math.min(given, size - i * given));
    return parts.map((part) => step(graph, name, [x], (_, [input]) => ({
      shape: input.shape.map((old, axis) => axis === d ? part : old), macs: 0, links: same(input).filter(([, axis]) => axis !== d),
    }), line));
  };
}

// x[:, :2, 1:-1]: an index or a slice for each axis.
export function indexed(graph, x, index, line) {
  const list = Array.isArray(index) ? index : [index];
  if (!x.shape || list.some((part) => part instanceof Unknown || part instanceof Tensor)) return new Tensor(null, null, x.row);
  const dots = list.findIndex((part) => part?.dots);
  const named = list.filter((part) => part !== null && !part?.dots).length;
  const full = { slice: [null, null, null] };
  const parts = dots >= 0 ? [...list.slice(0, dots), ...Array(Math.max(0, x.shape.length - named)).fill(full), ...list.slice(dots + 1)] : list;
  return step(graph, "getitem", [x], (_, [input]) => {
    const shape = [];
    const links = [];
    let from = 0;
    for (const part of parts) {
      if (part === null) { shape.push(1); continue; }
      const size = input.shape[from];
      if (size === undefined) throw new Fault(`too many indices for tensor of dimension ${input.shape.length}`, "more indices than axes", [], "IndexError");
      if (part.slice) {
        const [begin, end, pace] = part.slice;
        const inside = (value) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
        const [first, last, by] = [inside(begin ?? 0), inside(end ?? size), pace ?? 1];
        const outputs = Math.max(0, Math.ceil((last - first) / by));
        links.push([0, from, shape.push(outputs) - 1, { size, outputs, period: 1, advance: by, runs: (output) => [[first + output * by, 1, 1]] }]);
      }
      from += 1;
    }
    for (; from < input.shape.length; from += 1) links.push([0, from, shape.push(input.shape[from]) - 1, null]);
    return { shape, macs: 0, links };
  }, line);
}

// Numbers that change their places: the shape stays, and what one of them reads is not followed.
function unmoved(name) {
  return (graph, [x], named, line) => step(graph, name, [x], (_, [input]) => ({ shape: input.shape, macs: 0, links: [] }), line);
}

// The function of this name, or nothing.
export function opOf(name) {
  if (Object.hasOwn(OPS, name)) return OPS[name];
  return PASSING.has(String(name).replaceAll("_", "")) ? (graph, [x], named, line) => step(graph, name.replace(/_$/, ""), [x], pass, line) : undefined;
}

export const OPS = {
  flatten: (graph, [x, start = 0, end = -1], named, line) => step(graph, "flatten", [x], (_, [input]) => flattened(input, named.start_dim ?? start, named.end_dim ?? end), line),
  view: reshaped("view"),
  reshape: (graph, [x, ...rest], named, line) => reshaped("reshape")(graph, [x, ...(named.shape ? [named.shape] : rest)], named, line),
  cat: concatenated,
  concat: concatenated,
  add: joined("add", "+"),
  sub: joined("sub", "-"),
  mul: joined("mul", "*"),
  div: joined("div", "/"),
  maximum: joined("maximum", "maximum"),
  stack: (graph, [list, dim = 0], named, line) => concatenated(graph, [(list?.items ?? list).map((part) => OPS.unsqueeze(graph, [part, named.dim ?? dim], {}, line)), named.dim ?? dim], {}, line),
  flip: unmoved("flip"),
  roll: unmoved("roll"),
  matmul: multiplied,
  bmm: multiplied,
  mm: multiplied,
  mean: averaged("mean"),
  sum: averaged("sum"),
  amax: averaged("amax"),
  max: largest("max"),
  min: largest("min"),
  expand: stretched("expand", sizes),
  expand_as: stretched("expand_as", ([other]) => other?.shape),
  permute: permuted("permute", (order, rank) => order.map((d) => at(d, rank))),
  transpose: permuted("transpose", ([a, b], rank) => swapped(rank, at(a, rank), at(b, rank))),
  t: permuted("t", (_, rank) => swapped(rank, 0, 1)),
  chunk: split("chunk"),
  split: split("split"),
  squeeze: (graph, [x, dim], named, line) => step(graph, "squeeze", [x], (_, [input]) => {
    const rank = input.shape.length;
    const given = named.dim ?? dim;
    const stays = input.shape.map((size, d) => size !== 1 || given !== undefined && at(given, rank) !== d);
    const dims = input.shape.map((_, d) => d).filter((d) => stays[d]);
    return { shape: dims.map((d) => input.shape[d]), macs: 0, links: dims.map((from, to) => [0, from, to, null]) };
  }, line),
  unsqueeze: (graph, [x, dim], named, line) => step(graph, "unsqueeze", [x], (_, [input]) => {
    const d = at(named.dim ?? dim, input.shape.length + 1);
    return { shape: [...input.shape.slice(0, d), 1, ...input.shape.slice(d)], macs: 0, links: input.shape.map((_, from) => [0, from, from < d ? from : from + 1, null]) };
  }, line),
  pad: (graph, [x, given, mode = "constant"], named, line) => step(graph, "pad", [x], (_, [input]) => {
    const sides = [named.pad ?? given].flat();
    const rank = input.shape.length;
    const pairs = Array.from({ length: sides.length / 2 }, (_, i) => sides.slice(sides.length - 2 * (i + 1), sides.length - 2 * i));
    return padded(input, rank - pairs.length, pairs, { constant: "zeros" }[named.mode ?? mode] ?? named.mode ?? mode);
  }, line),
  interpolate: (graph, [x, size = null, factor = null, mode = "nearest", corners = false], named, line) => step(graph, "interpolate", [x], (_, [input]) => resized(input, {
    size: plainSize(named.size ?? size), scale_factor: number(named.scale_factor ?? factor), mode: named.mode ?? mode, align_corners: named.align_corners ?? corners,
  }), line),
  size: (graph, [x, dim]) => dim === undefined ? x.shape ?? new Unknown() : x.shape ? x.shape[at(dim, rankOf(x))] ?? new Unknown() : new Unknown(),
  dim: (graph, [x]) => rankOf(x) ?? new Unknown(),
  numel: (graph, [x]) => x.shape ? product(...x.shape) : new Unknown(),
};
OPS.upsample = OPS.interpolate;
OPS.ndimension = OPS.dim;

for (const name of SILENT) OPS[name] = (graph, [x]) => x;

function swapped(rank, a, b) {
  const order = Array.from({ length: rank }, (_, d) => d);
  [order[a], order[b]] = [b, a];
  return order;
}

function number(value) {
  return Array.isArray(value) ? value.map(number) : value?.float ?? value;
}

function plainSize(value) {
  if (value === null || value === undefined) return null;
  if ([value].flat().some((size) => !whole(size))) throw new Fault("size should be whole numbers", "the size of interpolate is no whole number: write // instead of /", [], "TypeError");
  return value;
}
