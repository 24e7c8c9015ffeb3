// Gives a picture to a printed model. The order and the branches are not in the text: what a Sequential does is certain; blocks of known
// classes are read by their recipes; other containers by the one order in which every printed number of channels agrees. Rows of a reading
// are "assumed"; where no reading agrees, or two do with different numbers, what follows is unknown.

import { Graph, Stop, Tensor } from "./lab_graph.js";
import { LAYERS, signature } from "./lab_layers.js";
import { product } from "./lab_numbers.js";
import { channelsOf, firstOf, takes } from "./lab_code.js";
import { OPS, asLayer, opOf } from "./lab_ops.js";
import { constant } from "./lab_python.js";
import { isOrdered, recipeOf } from "./lab_recipes.js";

const BESIDE = /downsample|shortcut|skip|residual|proj|identity|bypass/i;
const RECENT = 300; // maps that a later one may be joined with
const LOOSE = new Set(["ModuleList", "ModuleDict", "ParameterList"]);

// No reading agrees with the text from here on.
class Lost extends Error {}

export function readTree(root, shapes) {
  const reader = new Reader(shapes);
  try {
    reader.run(root, reader.graph.inputs.slice(0, shapes?.length ?? 1));
  } catch (error) {
    if (error instanceof Lost) reader.why = error.message;
    else if (!(error instanceof Stop)) throw error;
  }
  reader.settle();
  return reader;
}

class Reader {
  constructor(shapes) {
    this.graph = new Graph();
    for (const shape of shapes ?? [null]) this.graph.input(shape);
    this.evidence = new Set();
    this.history = [];
    this.why = null;
    this.doubtful = null;
    this.confirmed = false;
  }

  // What a reading cannot know is unknown: a fault in it is no fault of the model, and a pooling by function may stand between two
  // parts of a class that is not known, unless a Linear behind them confirms the sizes.
  settle() {
    const { failure, rows } = this.graph;
    if (failure && failure.row.basis === "assumed") {
      this.why = `${failure.row.name}: ${failure.cause}`;
      rows.splice(rows.indexOf(failure.row));
      this.graph.failure = null;
    }
    if (this.doubtful === null || this.confirmed) return;
    for (const row of rows.slice(this.doubtful)) {
      if (!row.macs || !LAYERS[row.layer?.kind]?.n) continue;
      row.macs = null;
      row.notes.push("unknown: a pooling by function before it would not be printed");
    }
  }

  run(module, inputs) {
    const x = inputs[0];
    const { kind, children } = module;
    if (module.fault) throw new Lost(`${module.path}: ${module.fault.cause}`);
    if (!children.length) {
      if (["Sequential", "ModuleList"].includes(kind) || module.words === undefined) return x;
      return this.leaf(module, inputs);
    }
    if (kind === "MultiheadAttention") return this.leaf(module, inputs);
    if (kind === "Sequential") return children.reduce((value, [, child]) => this.keep(child, this.run(child, [value])), x);
    const certain = this.graph.basis;
    this.graph.basis = "assumed";
    try {
      const recipe = recipeOf(module);
      if (recipe) {
        this.evidence.add(`${kind} as its well-known class runs`);
        return this.keep(module, recipe(this.steps(module), x, module, inputs[1]));
      }
      if (LAYERS[kind]) return children.reduce((value, [, child]) => this.run(child, [value]), this.leaf(module, inputs));
      if (children.every(([name], i) => name === String(i))) {
        this.evidence.add(LOOSE.has(kind) ? `the parts of ${kind} one behind the other` : `${kind} numbers its parts as a Sequential does`);
        return children.reduce((value, [, child]) => this.keep(child, this.run(child, [value])), x);
      }
      if (!isOrdered(module)) this.evidence.add(`the parts of ${kind} in the printed order, as their channels allow; an nn.Parameter of its own would not be printed`);
      return this.keep(module, this.container(module, x));
    } finally {
      if (!this.graph.failure) this.graph.basis = certain;
      this.graph.basis = "assumed"; // what comes behind a reading stands on it
    }
  }

  keep(module, tensor) {
    if (tensor?.shape) this.history.push([module.path, tensor]);
    return tensor;
  }

  leaf(module, inputs) {
    if (!LAYERS[module.kind]) this.doubtful ??= this.graph.rows.length;
    if (module.kind === "Linear") inputs = [this.flat(module, inputs[0])];
    const out = this.graph.step(module, inputs, { name: module.path, kind: module.kind, module });
    return /^(LSTM|GRU|RNN)$/.test(module.kind) ? new Tensor(null, null, out.row) : out; // which of its steps goes on is not printed
  }

  // In a Sequential nothing is hidden; elsewhere a Linear tells what forward() does to the map before it.
  flat(linear, x) {
    if (this.graph.basis === "computed" || !x.shape || x.shape.length < 4) return x;
    const wanted = linear.args.in_features;
    const maps = x.shape.slice(1);
    if (x.shape.at(-1) === wanted) return x;
    if (product(...maps) === wanted) {
      this.evidence.add(`a flatten that is not printed: ${maps.join(" · ")} = ${wanted}`);
      this.confirmed ||= maps.at(-1) > 1;
      return OPS.flatten(this.graph, [x, 1], {}, null);
    }
    if (maps[0] === wanted) {
      this.evidence.add(`a global average that is not printed: ${wanted} features are the ${wanted} channels`);
      return OPS.mean(this.graph, [x, [2, 3]], {}, null);
    }
    throw new Lost(`${linear.path} takes ${wanted} features, and the printed layers alone give ${maps.join(" · ")} = ${product(...maps)}`);
  }

  steps(module) {
    const find = (name) => name.split(".").reduce((at, key) => at?.parts.get(key), module);
    return {
      has: (name) => Boolean(name) && Boolean(find(name)),
      run: (name, ...tensors) => this.run(find(name), tensors),
      call: (op, ...args) => asLayer(op) ? this.layerOf(op, args) : opOf(op)(this.graph, args, {}, null),
      fits: (a, b) => a.shape && b.shape ? `${a.shape}` === `${b.shape}` : false,
      takes: (name) => takes(find(name)),
      earlier: (y, wanted) => this.earlier(y, wanted),
      lose: (why) => { throw new Lost(`${module.path}: ${why}`); },
    };
  }

  layerOf(op, [x, ...given]) {
    const kind = asLayer(op);
    const args = Object.fromEntries(signature(kind).map(([name, usual], i) => [name, given[i] ?? (usual === null ? null : constant(usual))]));
    return this.graph.step({ kind, args }, [x], { name: `${op}()`, kind: op });
  }

  // A map that was made before, which joined to y has the channels that are wanted.
  earlier(y, wanted) {
    if (!y.shape || wanted === null) return null;
    const found = this.history.slice(-RECENT).filter(([, tensor]) => tensor !== y && tensor.shape.length === y.shape.length && tensor.shape[1] + y.shape[1] === wanted && `${tensor.shape.slice(2)}` === `${y.shape.slice(2)}`);
    return found.at(-1)?.[1] ?? null;
  }

  // A small net whose layers stand in one list: its poolings are often functions, or one module called several times. Where they
  // run follows from the first Linear, if only one way gives what it takes.
  flatNet(module, x) {
    const list = module.children.map(([, child]) => child);
    const first = list.findIndex(({ kind }) => kind === "Linear");
    const convs = list.slice(0, Math.max(first, 0)).filter(({ kind }) => /^Conv\d?d?/.test(kind));
    if (first < 0 || !convs.length || convs.length > 6 || !x.shape || list.some(({ children, kind }) => children.length || /Adaptive/.test(kind))) return null;
    const pools = list.filter(({ kind }) => /Pool/.test(kind));
    const wanted = list[first].args.in_features;
    const printedFeatures = this.tried(module, x, null);
    if (printedFeatures.features === wanted && pools.length > 1) return null;
    const ways = [];
    for (let choice = 0; choice < 2 ** convs.length; choice += 1) {
      const where = new Set(convs.filter((_, i) => choice >> i & 1));
      if (this.tried(module, x, where).features === wanted) ways.push(where);
    }
    if (!ways.length) return null;
    if (ways.length > 1 && new Set(ways.map((where) => String(this.tried(module, x, where).macs))).size > 1) {
      const told = ways.map((where) => where.size ? `behind ${[...where].map(({ path }) => path).join(" and ")}` : "nowhere");
      throw new Lost(`${list[first].path} takes ${wanted} features, and poolings by 2 in ${ways.length} different places give that (${told.slice(0, 3).join("; ")})`);
    }
    const [where] = ways;
    const alone = pools.length ? `${pools[0].path} runs` : `${where.size || "no"} pooling${where.size === 1 ? "" : "s"} by 2 not printed,`;
    const places = where.size ? `behind ${[...where].map(({ path }) => path).join(" and ")}` : "nowhere";
    if (printedFeatures.features !== wanted) {
      this.evidence.add(`${list[first].path} takes ${wanted} features, the printed layers alone give ${printedFeatures.map}: ${alone} ${places}, the only way that fits`);
    }
    return this.flatWay(module, x, where, pools[0]);
  }

  flatWay(module, x, where, pool) {
    let y = x;
    for (const [, child] of module.children) {
      if (where && child.kind === "Linear" && y.shape?.length === x.shape.length) y = OPS.flatten(this.graph, [y, 1], {}, null);
      if (where && /Pool/.test(child.kind)) continue;
      y = this.run(child, [y]);
      if (where?.has(child)) y = pool ? this.run(pool, [y]) : this.layerOf("max_pool2d", [y, 2]);
    }
    return y;
  }

  // What arrives at the first Linear, and what that costs, without leaving a trace.
  tried(module, x, where) {
    const trial = new Reader([x.shape]);
    const pool = module.children.map(([, child]) => child).find(({ kind }) => /Pool/.test(kind));
    const front = { ...module, children: module.children.slice(0, module.children.findIndex(([, child]) => child.kind === "Linear")) };
    try {
      const y = trial.flatWay(front, trial.graph.inputs[0], where ?? undefined, pool);
      return { features: product(...y.shape.slice(1)), map: `${y.shape.slice(1).join(" · ")} = ${product(...y.shape.slice(1))}`, macs: trial.graph.rows.reduce((all, row) => all + Number(row.macs), 0) };
    } catch (error) {
      if (error instanceof Lost || error instanceof Stop) return { features: null };
      throw error;
    }
  }

  // The parts of a class that is not known, in the printed order.
  container(module, x) {
    const flat = this.flatNet(module, x);
    if (flat) {
      this.confirmed = true;
      return flat;
    }
    const { children } = module;
    const known = isOrdered(module);
    let spatial = 0;
    let y = x;
    const beside = [];
    let branches = [];
    for (const [name, child] of children) {
      if (/^aux/i.test(name)) continue; // auxiliary heads run in training only
      const wanted = takes(child);
      if (wanted !== null && LAYERS[firstKind(child)]?.n && (spatial += 1) === 2 && !known) this.doubtful ??= this.graph.rows.length;
      const [fromLast, fromFirst] = [y, x].map((tensor) => this.accepts(child, wanted, tensor));
      if (BESIDE.test(name) && fromFirst && y !== x) beside.push(this.run(child, [x]));
      else if (BESIDE.test(name) && children.length > 1 && children[0][0] === name && fromFirst) beside.push(this.run(child, [x]));
      else if (wanted === null || fromLast) {
        y = this.run(child, [y]);
      } else {
        const joined = branches.length && this.sumOf([...branches, y], wanted);
        const skip = this.earlier(y, wanted);
        if (joined) {
          y = this.run(child, [OPS.cat(this.graph, [[...branches, y], 1], {}, null)]);
          branches = [];
        } else if (skip) {
          this.evidence.add(`${child.path} takes ${wanted} channels: a map from before is joined`);
          y = this.run(child, [OPS.cat(this.graph, [[skip, y], 1], {}, null)]);
        } else if (fromFirst) {
          branches.push(y);
          y = this.run(child, [x]);
        } else {
          throw new Lost(`${child.path} takes ${wanted} channels, and nothing printed before it gives so many in one order`);
        }
      }
    }
    if (branches.length) throw new Lost(`${module.path || module.kind} has parallel parts: how they are joined is not in the text`);
    for (const other of beside) {
      if (!y.shape || `${other.shape}` !== `${y.shape}`) throw new Lost(`${module.path || module.kind}: its branches have the shapes ${other.shape} and ${y.shape}`);
      y = OPS.add(this.graph, [y, other], {}, null);
    }
    return y;
  }

  accepts(child, wanted, tensor) {
    if (wanted === null || !tensor?.shape) return true;
    if (firstKind(child) === "Linear") return true;
    const n = LAYERS[firstKind(child)]?.n ?? 2;
    return tensor.shape[Math.max(0, tensor.shape.length - n - 1)] === wanted;
  }

  sumOf(tensors, wanted) {
    return tensors.every((tensor) => tensor.shape) && tensors.reduce((all, tensor) => all + tensor.shape[1], 0) === wanted;
  }
}

function firstKind(module) {
  return firstOf(module, (one) => one.children.length || channelsOf(one) === null ? null : one.kind);
}

