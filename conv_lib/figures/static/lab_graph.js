// What runs, in order: one row a step. A row knows its shape, cost, field and what it never reads, and where each number comes from:
// "computed" from the text, "assumed" (a reading that agrees with the text), "read" in it, or "unknown".

import { START, measured, reached, through, together } from "./lab_fields.js";
import { Fault, LAYERS, numbersIn, parametersOf } from "./lab_layers.js";
import { readMessage } from "./messages.js";

const CHANGES = /[Pp]ool|[Ff]old$|Bilinear|^GLU$|Embed|Loss|Merg|Cell$/; // layers whose output has another shape than their input
const LARGEST = 20000; // pixels of an axis that is followed position by position
const SIDES = [["positions"], ["rows", "columns"], ["planes", "rows", "columns"]];

// A value that the text does not tell; `names` are what the reader may fill in.
export class Unknown {
  constructor(...names) {
    this.names = names;
  }

  get name() {
    return this.names[0] ?? null;
  }
}

// Ends a run at the first layer that does not fit.
export class Stop extends Error {}

// What a model works on: { shape: list or null, fields: one a dimension or null, row }.
export class Tensor {
  constructor(shape, fields, row = null, constant = false) {
    Object.assign(this, { shape, fields, row, constant });
  }
}

export class Graph {
  constructor() {
    this.rows = [];
    this.inputs = [];
    this.failure = null;
    this.basis = "computed";
    this.used = new Map();
  }

  input(shape) {
    const tensor = new Tensor(shape, shape?.map(() => START) ?? null);
    this.inputs.push(tensor);
    return tensor;
  }

  // One layer or function on tensors. `layer`: { kind, args } of LAYERS, or { kind, forward } of its own; `module`: what holds its
  // parameters, counted once. `basis`: whether it runs here for certain.
  step(layer, inputs, { name, kind = layer.kind, module = null, line = null, note = null }) {
    const known = LAYERS[layer.kind];
    const again = module && this.used.get(module);
    const row = {
      name, kind, line, module, layer: known ? layer : null, inputs: inputs.map((x) => x.row), notes: note ? [note] : [],
      parameters: module ? (again ? 0 : parametersOf(layer)) : 0, output: null, macs: known || layer.forward ? 0 : null,
      basis: inputs.some((x) => x.row?.basis === "assumed") ? "assumed" : this.basis,
    };
    if (module) this.used.set(module, row);
    this.rows.push(row);
    if (again) row.notes.push("runs again: its parameters are counted once");
    const out = row.tensor = new Tensor(null, null, row);
    const run = layer.forward ?? known?.forward;
    if (!run) {
      row.parameters = module ? null : 0;
      row.foreign = !CHANGES.test(kind);
      row.notes.push(`${kind} is not known here: its output is ${row.foreign ? "taken to have the shape of its input" : "unknown"}`);
      if (!row.foreign) return out;
      row.basis = "assumed";
      row.output = out.shape = inputs[0]?.shape ?? null;
      out.fields = out.shape?.map(() => null) ?? null;
      return out;
    }
    const open = inputs.some((x) => !x.shape || x.shape.some((size) => size instanceof Unknown || size === null)) || hasUnknown(layer.args);
    const costs = !layer.forward && (!module || again || row.parameters !== 0);
    if (open) {
      if (costs) row.macs = null;
      return out;
    }
    let found;
    try {
      found = run(layer.args, inputs);
    } catch (error) {
      throw this.fail(row, error instanceof Fault ? error : new Fault(error.message, error.message.replace(/\.$/, "")));
    }
    if (found.weights) row.parameters = again ? 0 : numbersIn(found.weights);
    if (!found.shape) {
      if (costs) row.macs = null;
      return out;
    }
    row.macs = found.macs;
    if (found.remark) row.notes.push(found.remark);
    row.output = out.shape = found.shape;
    row.links = found.links;
    out.state = found.state;
    out.fields = fieldsOf(found, inputs);
    row.sources = inputs;
    row.fields = out.fields;
    return out;
  }

  fail(row, fault) {
    const told = readMessage(fault.message);
    const cause = fault.cause ?? told.cause.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/\.$/, "");
    this.failure ??= { row, message: fault.message, type: fault.type, cause, cures: fault.cures ?? (fault.cause ? [] : [[told.cure, null]]) };
    return new Stop(fault.message);
  }
}

function hasUnknown(args) {
  return Object.values(args ?? {}).some((value) => value instanceof Unknown || (Array.isArray(value) && value.some((part) => part instanceof Unknown)));
}

function fieldsOf({ shape, links }, inputs) {
  const parts = shape.map(() => []);
  for (const [input, from, to, map] of links) {
    const field = inputs[input].fields?.[from];
    if (field === undefined || inputs[input].constant) continue;
    parts[to].push(map ? (map.lost || map.size > LARGEST * 100 ? null : through(field, map)) : field);
  }
  return parts.map((fields) => fields.length ? fields.length > 1 ? together(fields) : fields[0] : undefined);
}

// The dimensions of the pixels in a shape: the last n, or with the channels last those before them.
function planesOf(rank, n, channelsLast) {
  const first = channelsLast ? 1 : rank - n;
  return Array.from({ length: n }, (_, i) => first + i);
}

// The field of a row on the n axes of pixels: { size, jump, read } of each, or whole: true where it is all of the picture; null if none.
export function fieldOf(row, n, channelsLast = false) {
  if (!row.fields || row.output.length < n + 1) return null;
  const fields = planesOf(row.output.length, n, channelsLast).map((d) => row.fields[d]);
  if (fields.some((field) => field === undefined)) return null;
  if (fields.some((field) => field?.whole)) return { whole: true };
  const sides = fields.map(measured);
  return sides.includes(null) ? { tooLarge: true } : { size: sides.map((side) => side.size), jump: sides.map((side) => side.jump), read: sides.map((side) => side.read) };
}

// The positions of its own input, by axis, that a row never reads; { rows: [..], columns: [..] } without empty ones.
export function unreadOf(row, n, channelsLast = false) {
  const found = {};
  if (!row.links || !row.sources[0]?.shape) return found;
  const planes = planesOf(row.sources[0].shape.length, n, channelsLast);
  for (const [input, from, , map] of row.links) {
    if (input || !map || !planes.includes(from)) continue;
    const missed = missedBy(map);
    if (missed?.length) found[SIDES[n - 1][planes.indexOf(from)]] = missed;
  }
  return found;
}

function missedBy(map) {
  if (map.missed === undefined) {
    const small = map.size <= LARGEST && map.outputs <= LARGEST && (map.kernel ?? 1) <= LARGEST;
    map.missed = small ? unmarked(readBy(map, full(map.outputs))) : null;
  }
  return map.missed;
}

// Marks are shared and never changed, so that the same map on the same marks is followed once, however many layers repeat it.
const fulls = new Map();

function full(size) {
  if (!fulls.has(size)) fulls.set(size, new Uint8Array(Math.min(size, LARGEST)).fill(1));
  return fulls.get(size);
}

function readBy(map, used) {
  map.read ??= new WeakMap();
  if (!map.read.has(used)) {
    const marks = reached(map, used);
    map.read.set(used, marks.includes(0) ? marks : full(map.size));
  }
  return map.read.get(used);
}

function unmarked(marks) {
  const list = [];
  marks.forEach((mark, position) => { if (!mark) list.push(position); });
  return list;
}

// The positions of the picture, by axis, that reach no output, followed from the last rows back. Null where an axis is too long.
export function lost(graph, n, channelsLast = false) {
  const [input] = graph.inputs;
  if (!input?.shape || graph.failure || input.shape.length < n + 1) return null;
  const planes = planesOf(input.shape.length, n, channelsLast);
  if (planes.some((d) => input.shape[d] > LARGEST)) return null;
  const needed = new Map();
  const mark = (tensor, dimension, marks) => {
    const all = needed.get(tensor) ?? new Map();
    needed.set(tensor, all);
    const old = all.get(dimension);
    all.set(dimension, old && old !== marks ? old.map((on, i) => on | marks[i]) : marks);
  };
  const read = new Set(graph.rows.flatMap((row) => row.sources ?? []));
  for (const row of [...graph.rows].reverse()) {
    if (!row.links) {
      if (row.output) return null;
      continue;
    }
    if (!read.has(row.tensor)) row.output.forEach((size, d) => mark(row.tensor, d, full(size)));
    const own = needed.get(row.tensor);
    row.sources.forEach((source, index) => {
      if (source.constant || !own) return;
      const linked = new Set();
      for (const [input, from, to, map] of row.links) {
        if (input !== index) continue;
        linked.add(from);
        if (!own.get(to) || source.shape[from] > LARGEST) continue;
        const small = !map || (map.outputs <= LARGEST && (map.kernel ?? 1) <= LARGEST);
        mark(source, from, !map ? own.get(to) : small ? readBy(map, own.get(to)) : full(source.shape[from]));
      }
      source.shape.forEach((size, d) => { if (!linked.has(d)) mark(source, d, full(size)); });
    });
  }
  const marks = needed.get(input);
  if (!marks) return null;
  const found = {};
  SIDES[n - 1].forEach((side, i) => {
    const missed = marks.get(planes[i]) ? unmarked(marks.get(planes[i])) : [];
    if (missed.length) found[side] = missed;
  });
  return found;
}
