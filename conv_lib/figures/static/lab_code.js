// Reads code: finds the model in it, gives it a picture, and says what runs, what fails, and what would mend it.

import { Tensor } from "./lab_graph.js";
import { LAYERS } from "./lab_layers.js";
import { Module, run } from "./lab_python.js";

const TRIED = 8192; // pixels: the largest square picture that is tried when the text names none

// { graph, modules: [[name, module], ...] in order, asked, remarks, shape, source, found } of a text, or null when it holds no layer.
export function readCode(text, { given = {}, shapes = null, changes = null } = {}) {
  const found = run(text, { given, shapes, changes });
  const { graph, self } = found;
  if (!graph.rows.length && !self.children.length || found.called && !graph.rows.length) chooseClass(found);
  const tops = topModules(found);
  if (!tops.length && !graph.rows.length) return found.unread.some(({ foreign }) => foreign || found.classes.size) ? { ...found, modules: [], shape: null } : null;
  const single = found.called?.module ?? (tops.length === 1 || tops.at(-1)?.[1].defined && found.runsAlone(tops.at(-1)[1]) ? tops.at(-1)[1] : null);
  const modules = named(single ? [[tops.find(([, module]) => module === single)?.[0] ?? "", single]] : tops);
  let { shape } = found;
  let source = shape ? "the text" : null;
  if (!graph.rows.length && !graph.failure) {
    shape = found.summaries[0] ?? found.made[0]?.tensor.shape ?? null;
    source = shape ? "the text" : null;
    if (shapes) [shape, source] = [shapes[0], "given"];
    const pictures = (shapes ?? [shape]).map((one) => graph.input(one));
    if (single) found.forward(single, padded(found, single, pictures));
    else chain(found, tops, pictures[0]);
  } else if (shapes) [shape, source] = [shapes[0], "given"];
  return { ...found, modules, shape, source, single };
}

// A forward of several pictures gets as many; those that are not given are unknown.
function padded(found, module, pictures) {
  const own = module.defined && found.method(module.defined, "forward");
  const wanted = own ? own.params.slice(1).filter(({ usual, star }) => !usual && !star).length : 1;
  return [...pictures, ...Array.from({ length: Math.max(0, wanted - pictures.length) }, () => new Tensor(null, null))].slice(0, Math.max(1, wanted));
}

// A text of classes alone: the last one that no other uses is the model.
function chooseClass(found) {
  if (found.called?.module instanceof Module) return;
  const list = [...found.classes.values()].filter((cls) => cls.methods.has("forward") || cls.methods.has("__init__"));
  const used = new Set(list.flatMap((cls) => [...cls.methods.values()].flatMap((method) => namesIn(method.body))));
  const model = list.filter(({ name }) => !used.has(name)).at(-1) ?? list.at(-1);
  if (!model) return;
  const module = found.instantiate(model);
  if (module) found.self.parts.set(model.name, module);
}

function namesIn(tree) {
  const names = [];
  const walk = (node, depth) => {
    if (!node || typeof node !== "object" || depth > 400) return;
    if (node.t === "name") names.push(node.name);
    for (const value of Object.values(node)) if (typeof value === "object") walk(value, depth + 1);
  };
  walk(tree, 0);
  return names;
}

// A module and all in it, in order.
function* within(module, depth = 0) {
  yield module;
  if (depth < 60) for (const [, child] of module.children ?? []) yield* within(child, depth + 1);
}

// What `of` says of the first of them of which it says something.
export function firstOf(module, of) {
  for (const one of within(module)) {
    const found = of(one);
    if (found) return found;
  }
  return null;
}

function topModules({ self }) {
  const inner = new Set(self.children.flatMap(([, module]) => [...within(module)].slice(1)));
  return self.children.filter(([, module]) => !inner.has(module));
}

// All layers below, with the paths that torch gives them; a module met twice keeps its first name.
export function named(tops) {
  const list = [];
  const seen = new Set();
  const walk = (name, module, depth) => {
    if (seen.has(module) || depth > 60) return;
    seen.add(module);
    module.path = name || module.kind;
    const { children } = module;
    if (children.length && LAYERS[module.kind]) list.push([module.path, module]);
    if (!children.length) {
      if (!["Sequential", "ModuleList", "ModuleDict"].includes(module.kind) && !(module.defined && !LAYERS[module.kind] && !LAYERS[module.args?.kind])) list.push([module.path, module]);
    }
    for (const [key, part] of module.parts) {
      if (part instanceof Tensor && part.isParameter && part.shape) list.push([name ? `${name}.${key}` : key, new Module("Parameter", { args: { shape: part.shape } })]);
    }
    for (const [key, child] of children) walk(name ? `${name}.${key}` : key, child, depth + 1);
  };
  const alone = tops.length === 1 && tops[0][1].children.length;
  for (const [name, module] of tops) walk(alone ? "" : name, module, 0);
  return list;
}

// The channels that a module takes, by the first layer in it that says so.
export function takes(module) {
  return firstOf(module, channelsOf);
}

export function channelsOf({ args = {} }) {
  const value = args.in_channels ?? args.num_features ?? args.num_channels ?? args.in_features;
  return Number.isInteger(value) ? value : null;
}

// Lines of layers without a forward: one behind the other, unless the channels of an earlier one fit and those of the last do not.
function chain(found, tops, picture) {
  const { graph } = found;
  const made = [["the input", picture]];
  for (const [name, module] of tops) {
    if (graph.failure) break;
    let [, value] = made.at(-1);
    const wanted = takes(module);
    const got = value?.shape?.[Math.max(0, value.shape.length - (spatial(module) ?? 2) - 1)];
    if (wanted !== null && got !== undefined && got !== wanted && spatial(module)) {
      const [other, fits] = made.slice(0, -1).findLast(([, tensor]) => tensor?.shape?.[Math.max(0, tensor.shape.length - spatial(module) - 1)] === wanted) ?? [];
      if (fits) {
        found.remarks.push({ line: module.line, text: `${called(name)} takes ${wanted} channels and ${called(made.at(-1)[0])} makes ${got}: they do not stand one behind the other, so both are read as taking ${called(other)}` });
        graph.basis = "assumed";
        value = fits;
      }
    }
    const next = found.forward(module, [value]);
    if (!(next instanceof Tensor)) break;
    made.push([name, next]);
  }
}

function spatial(module) {
  return firstOf(module, ({ kind }) => LAYERS[kind]?.n);
}

// The number of axes of the pictures: that of the first layer that has one.
export function axesOf(modules, graph) {
  for (const [, module] of modules) if (LAYERS[module.kind]?.n) return LAYERS[module.kind].n;
  for (const row of graph.rows) if (row.layer && LAYERS[row.layer.kind]?.n) return LAYERS[row.layer.kind].n;
  return 2;
}

// What would mend the first fault, tried out: [text, ...]. A change of arguments counts when the model then runs further.
export function cures(text, options, read) {
  const { failure, rows } = read.graph;
  const tried = [];
  const reaches = (changes, shapes = options.shapes) => {
    const again = readCode(text, { ...options, changes, shapes });
    const { failure: next } = again.graph;
    return { fits: !next, further: !next || again.graph.rows.length > rows.length || next.row !== undefined && again.graph.rows.indexOf(next.row) > rows.indexOf(failure.row), next, last: again.graph.rows.at(-1), at: next?.row?.name };
  };
  const { module } = failure.row;
  const wanted = module?.args?.in_channels ?? module?.args?.num_features;
  const maker = producer(failure.row);
  const got = failure.row.inputs?.[0]?.output;
  if (maker?.module?.number && Number.isInteger(wanted) && /channels, but got|running_mean/.test(failure.message) && got) {
    const outcome = reaches(new Map([[maker.module.number, { out_channels: wanted }]]));
    if (outcome.further) tried.push(`out_channels=${wanted} in ${called(maker.name)}${told(outcome)}`);
  }
  for (const [words, change] of failure.cures ?? []) {
    if (!change || !module?.number) tried.push(words.replace(/^in_(\w+)=(\d+)$/, "a weight for $2 $1"));
    else {
      const outcome = reaches(new Map([[module.number, change]]));
      if (outcome.further || module.fault) tried.push(`${words}${module.fault ? "" : ` in ${called(failure.row.name)}`}${told(outcome)}`);
    }
  }
  const size = read.shape;
  if (/must match|can't be greater|too small|pad should/.test(failure.message) && size?.length >= 3 && text.length < 30000) {
    for (const { module: part, name } of /must match/.test(failure.message) ? rows : []) {
      const change = /^ConvT/.test(part?.kind) ? { output_padding: 1 } : /^(Max|Avg)P/.test(part?.kind) ? { ceil_mode: true } : null;
      if (change && reaches(new Map([[part.number, change]])).fits) tried.unshift(`${change.ceil_mode ? "ceil_mode=True" : "output_padding=1"} in ${called(name)}`);
    }
    const up = (step, more = 0) => size.map((side, d) => d < size.length - 2 ? side : (Math.ceil(side / step) + more) * step);
    const step = [2, 4, 8, 16, 32, 64, 128].find((one) => `${up(one)}` !== `${size}` && reaches(null, [up(one)]).fits);
    const sides = step && up(step).slice(-2).join(" x ");
    if (step) tried.unshift(/must match/.test(failure.message) && reaches(null, [up(step, 1)]).fits ? `an input whose sides are multiples of ${step}, such as ${sides}` : `an input of ${sides}`);
    return tried.map((words) => words.replace(/^A picture .*?; or /, ""));
  }
  return tried;
}

// A layer's name in a sentence: that of a Sequential is a number.
export function called(name) {
  return /^\d/.test(name) ? `layer ${name}` : name;
}

function told({ fits, next, at }) {
  return fits ? " (tried: then everything fits)" : next && at ? ` (tried: then ${called(at)} is the next that does not fit)` : "";
}

// The last step that set the channels of what this row gets: what came to it had others, or it is a layer that makes as many.
export function producer(row) {
  let at = row.inputs?.[0];
  for (let steps = 0; at && steps < 1000; steps += 1) {
    const before = at.inputs[0];
    if (at.layer?.args?.out_channels !== undefined || at.inputs.length > 1 && /cat/.test(at.name)) return at;
    at = before;
  }
  return null;
}

// Without an input: the square pictures that the model takes, found by trying. { lowest, highest, row, features } or null.
export function fitting(text, options, read) {
  if (text.length > 30000) return null;
  const linear = read.modules.find(([, module]) => module.kind === "Linear");
  const channels = read.modules.map(([, module]) => module).find((module) => LAYERS[module.kind]?.n === 2 && Number.isInteger(module.args.in_channels))?.args.in_channels;
  if (!linear || !channels || !Number.isInteger(linear[1].args.in_features)) return null;
  const wanted = linear[1].args.in_features;
  // Below, above or on what the Linear takes; null for another trouble.
  const side = (size) => {
    const { failure } = readCode(text, { ...options, shapes: [[1, channels, size, size]] }).graph;
    if (!failure) return 0;
    const got = /cannot be multiplied \(\d+x(\d+)/.exec(failure.message);
    if (got && failure.row.module?.path === linear[0]) return Math.sign(Number(got[1]) - wanted);
    return /can't be greater|too small|at most half/.test(failure.message) ? -1 : null;
  };
  const first = (least) => {
    let [low, high] = [1, TRIED];
    if (side(high) === null || side(high) < least) return null;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = side(middle);
      if (at === null) return null;
      if (at >= least) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const lowest = first(0);
  if (lowest === null || side(lowest) !== 0) return null;
  const above = first(1);
  const row = readCode(text, { ...options, shapes: [[1, channels, lowest, lowest]] }).graph.rows.find((one) => one.module?.path === linear[0]);
  const before = lastMap(row);
  return { lowest, highest: above === null ? null : above - 1, name: linear[0], features: wanted, map: before?.output ?? null };
}

export function lastMap(row) {
  let at = row?.inputs?.[0];
  while (at && !(at.output?.length >= 3)) at = at.inputs?.[0];
  return at ?? null;
}

