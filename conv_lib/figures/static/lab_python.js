// Runs the part of Python that builds a network and passes a picture through it, on shapes instead of numbers. Nothing is evaluated by
// the browser: each statement and operator that is known here has its line below, and all others are told as not read.

import { Graph, Stop, Tensor, Unknown } from "./lab_graph.js";
import { Fault, LAYERS, signature } from "./lab_layers.js";
import { OPS, asLayer, indexed, joined, opOf } from "./lab_ops.js";
import { statements } from "./lab_syntax.js";

const MOST_STEPS = 400000;
const MOST_CALLS = 60;
const CONTAINERS = ["Sequential", "ModuleList", "ModuleDict", "Module"];
const PACKAGES = new Set("nn torch F np numpy math tv torchvision functional tf keras layers models collections os sys time random".split(" "));
// What every module has.
const NATIVE = /^(?:_|register|add_module|named_|get_|train|to$|cpu|cuda|eval|half|float|double|type|apply|requires|param|modules|children|buffers|state|load_|zero|forward)/;
const PAIRS = new Set("LSTM GRU RNN MultiheadAttention".split(" ")); // layers that give two things
const INPUT_NAMES = new Set("x input inputs img image images data batch picture pictures X".split(" "));

// What the interpreter cannot follow, at its line.
class Unread extends Error {
  constructor(line, why) {
    super(why);
    this.line = line;
  }
}

class Return {
  constructor(value) {
    this.value = value;
  }
}

class List {
  constructor(items) {
    this.items = items;
  }
}

class Float {
  constructor(value) {
    this.float = value;
  }
}

// A layer, a container, or an object of a class of the text. `parts` are its modules and other attributes by name, in order.
export class Module {
  constructor(kind, { args = {}, parts = new Map(), defined = null, line = null, fault = null } = {}) {
    Object.assign(this, { kind, args, parts, defined, line, fault, path: null });
  }

  get children() {
    return [...this.parts].filter(([, part]) => part instanceof Module);
  }
}

const namesOf = (value) => value instanceof Unknown ? value.names : [];
const number = (value) => value instanceof Float ? value.float : typeof value === "boolean" ? Number(value) : value;
const isNumber = (value) => typeof value === "number" || value instanceof Float || typeof value === "boolean";

// text → { modules (by name, in order), classes, graph of what the text itself runs, shapes it names, asked, remarks }.
// `given`: texts for the names that the text leaves open; `shape`: what stands for the first picture that the text makes.
export function run(text, { given = {}, shapes = null, changes = null } = {}) {
  const { statements: body, remarks } = statements(text);
  const asked = new Map();
  const unread = [];
  const graph = new Graph();
  const classes = new Map();
  const self = new Module("self");
  const found = { graph, classes, self, remarks, unread, asked, shape: null, summaries: [], called: null, inputs: [], made: [] };
  let steps = 0;
  let calls = 0;
  let sizing = false;
  let alone = 0;
  const stop = (line, why) => { throw new Unread(line, why); };
  const missing = (line, what, name) => stop(line, `this ${what} hangs on ${name}, which is not in the text: fill it in, or paste what print(model) gives`);

  const top = { names: new Map(), up: null };
  const filled = new Map();
  for (const [name, value] of Object.entries(given)) {
    const parsed = value.trim() ? statements(value).statements[0] : null;
    if (parsed?.t === "expr") filled.set(name, parsed.value);
  }

  // A name whose value decides a number: it is asked for.
  function need(value, line) {
    for (const part of [value].flat()) {
      if (part instanceof Unknown) for (const name of part.names) if (!asked.has(name)) asked.set(name, line);
    }
  }

  function lookup(name, env, line) {
    for (let scope = env; scope; scope = scope.up) if (scope.names.has(name)) return scope.names.get(name);
    if (filled.has(name)) {
      if (!asked.has(name)) asked.set(name, line);
      return evaluate(filled.get(name), { names: new Map(), up: null });
    }
    if (name === "True" || name === "False") return name === "True";
    if (name === "None") return null;
    if (classes.has(name)) return classes.get(name);
    if (name === "self") return self;
    if (PACKAGES.has(name)) return { space: name };
    const known = common(name);
    if (known) return known;
    if (["zeros", "reflect", "replicate", "circular", "same", "valid", "nearest", "bilinear", "trunc"].includes(name)) return name;
    if (INPUT_NAMES.has(name) && !env.up) return input(name);
    return /^[A-Z]/.test(name) && !/^[A-Z\d_]+$/.test(name) ? { layer: name } : new Unknown(name);
  }

  // What a name means alone and behind a package.
  function common(name) {
    const builtin = BUILTINS[name];
    return builtin ? { builtin } : LAYERS[name] || CONTAINERS.includes(name) ? { layer: name } : null;
  }

  // The picture that the text speaks of and does not make.
  function input() {
    return graph.input(shapes?.[graph.inputs.length] ?? null);
  }

  function summary(args, named, line) {
    const shape = named.input_size ?? named.input_shape ?? args[1];
    const list = shape instanceof List ? shape.items : shape;
    if (Array.isArray(list) && list.every((size) => Number.isInteger(size))) {
      found.summaries.push(list.length === 3 || list.length === 2 && !args[0]?.defined ? [1, ...list] : list);
    } else if (Array.isArray(list) && Array.isArray(list[0])) found.summaries.push(list[0]);
    if (args[0] instanceof Module) found.called ??= { module: args[0], line };
    return null;
  }

  // Keras names one picture without the batch, in a first layer or by itself.
  function kerasInput(args, named) {
    const shape = plain(named.shape ?? named.input_shape ?? args[0]);
    if (!Array.isArray(shape)) return new Unknown();
    found.shape ??= [1, ...shape.map((size) => size ?? new Unknown())];
    return graph.input(shapes?.[graph.inputs.length] ?? found.shape);
  }

  function tick(line) {
    steps += 1;
    if (steps > MOST_STEPS) stop(line, "more than 400,000 steps: the rest is not followed");
  }

  function execute(list, env) {
    for (const statement of list) {
      const done = one(statement, env);
      if (done) return done;
    }
    return null;
  }

  // One statement; at the level of the text, and in a body that builds, what cannot be read is told and the next one tried.
  function one(statement, env) {
    tick(statement.line);
    const { t, line } = statement;
    if (t === "unread") {
      if (env.strict) stop(line, statement.why);
      unread.push({ line, why: statement.why });
      return null;
    }
    if (t === "assign") {
      const value = evaluate(statement.value, env);
      for (const target of statement.targets) assign(target, value, env);
    } else if (t === "expr") {
      const value = evaluate(statement.value, env);
      if (!env.up) for (const each of Array.isArray(value) ? value : [value]) if (each instanceof Module && each.path === null) bare(each);
    } else if (t === "def") {
      if (!env.up && statement.params[0]?.name === "self") classes.set("self", { name: "self", methods: (classes.get("self")?.methods ?? new Map()).set(statement.name, statement), bases: [] });
      else env.names.set(statement.name, { def: statement, env });
    } else if (t === "class") define(statement, env);
    else if (t === "return") return new Return(statement.value ? evaluate(statement.value, env) : null);
    else if (t === "if") {
      const test = truth(evaluate(statement.test, env), line, "if");
      if (test === null) return null;
      return execute(test ? statement.body : statement.other, env);
    } else if (t === "for") return loop(statement, env);
    else if (t === "loop") stop(line, "a `while` loop is not followed here: paste what print(model) gives");
    else if (t === "block") return execute(statement.body, env);
    else if (t === "break" || t === "continue") return t;
    return null;
  }

  // A layer that stands alone on a line of the text.
  function bare(module) {
    self.parts.set(String(alone), module);
    alone += 1;
    module.path = "";
  }

  function truth(value, line, what) {
    if (value instanceof Unknown) {
      need(value, line);
      if (value.name) missing(line, `\`${what}\``, value.name);
      stop(line, `this \`${what}\` hangs on what is only known when the model runs: paste what print(model) gives`);
    }
    if (value instanceof Tensor) stop(line, `this \`${what}\` hangs on the numbers in a tensor: it is not followed`);
    if (value instanceof List) return value.items.length > 0;
    if (value instanceof Float) return value.float !== 0;
    if (Array.isArray(value)) return value.length > 0;
    if (value instanceof Map) return value.size > 0;
    return Boolean(value);
  }

  function loop({ target, over, body, line }, env) {
    const items = iterate(evaluate(over, env), line);
    for (const item of items) {
      tick(line);
      assign(target, item, env);
      const done = execute(body, env);
      if (done === "break") break;
      if (done instanceof Return) return done;
    }
    return null;
  }

  function iterate(value, line) {
    if (Array.isArray(value)) return value;
    if (value instanceof List) return value.items;
    if (value instanceof Map) return [...value.keys()];
    if (value instanceof Module) {
      if (value.parts.size || ["Sequential", "ModuleList"].includes(value.kind)) return value.children.map(([, child]) => child);
    }
    need(value, line);
    if (value instanceof Unknown && value.name) return missing(line, "loop", value.name);
    return stop(line, "this loop runs over what is not known: paste what print(model) gives");
  }

  function define({ name, bases, body: content }, env) {
    const methods = new Map();
    const statics = { names: new Map(), up: env };
    for (const part of content) {
      if (part.t === "def") methods.set(part.name, part);
      else if (part.t === "unread") unread.push({ line: part.line, why: part.why });
      else if (part.t === "assign") one(part, statics);
    }
    const parents = bases.map((base) => base.t === "name" ? base.name : base.t === "attr" ? base.name : "");
    classes.set(name, { name, methods, statics: statics.names, bases: parents });
  }

  function method(cls, name) {
    for (let at = cls, depth = 0; at && depth < 20; depth += 1) {
      if (at.methods.has(name)) return at.methods.get(name);
      at = at.bases.map((base) => classes.get(base)).find(Boolean);
    }
    return null;
  }

  function nativeBase(cls) {
    for (let at = cls, depth = 0; at && depth < 20; depth += 1) {
      const base = at.bases.find((name) => LAYERS[name] || CONTAINERS.includes(name));
      if (base) return base;
      at = at.bases.map((name) => classes.get(name)).find(Boolean);
    }
    return "Module";
  }

  function assign(target, value, env) {
    const { t, line } = target;
    if (t === "name") {
      env.names.set(target.name, value);
      if (!env.up && value instanceof Module) adopt(target.name, value);
    } else if (t === "attr") {
      const owner = evaluate(target.value, env);
      if (owner instanceof Module) owner.parts.set(target.name, value);
      else if (value instanceof Module) unread.push({ line, foreign: true, why: "its model is not in the text: paste what print(model) gives" });
    } else if (t === "tuple" || t === "list") {
      if (value instanceof Unknown || value instanceof Tensor && !value.shape) {
        target.items.forEach((item) => assign(item, value instanceof Tensor ? new Tensor(null, null) : new Unknown(), env));
        return;
      }
      if (value instanceof Tensor) stop(line, "a tensor is taken apart here: not followed");
      const items = iterate(value, line);
      const star = target.items.findIndex((item) => item.t === "star");
      if (star >= 0) {
        const rest = items.length - target.items.length + 1;
        const taken = [...items.slice(0, star), new List(items.slice(star, star + rest)), ...items.slice(star + rest)];
        target.items.forEach((item, i) => assign(item.t === "star" ? item.value : item, taken[i], env));
      } else target.items.forEach((item, i) => assign(item, items[i] ?? null, env));
    } else if (t === "index") {
      const owner = evaluate(target.value, env);
      const index = evaluate(target.index, env);
      if (owner instanceof List) owner.items[index < 0 ? index + owner.items.length : index] = value;
      else if (owner instanceof Map) owner.set(index, value);
      else if (owner instanceof Module) owner.parts.set(String(index), value);
    }
  }

  function adopt(name, module) {
    if (module.path !== null) return;
    self.parts.set(name, module);
    module.path = "";
  }

  function evaluate(node, env) {
    tick(node.line);
    const { t, line } = node;
    switch (t) {
      case "number": return node.isFloat ? new Float(node.value) : node.value;
      case "string": {
        const parts = node.parts.map((part) => typeof part === "string" ? part : part && evaluate(part, env));
        return parts.find((part) => part instanceof Unknown) ?? parts.map((part) => String(number(part))).join("");
      }
      case "name": return lookup(node.name, env, line);
      case "tuple": return spreadOut(node.items, env);
      case "list": return new List(spreadOut(node.items, env));
      case "dict": return new Map(node.items.filter(([, value]) => value).map(([key, value]) => [evaluate(key, env), evaluate(value, env)]));
      case "star": return evaluate(node.value, env);
      case "dots": return { dots: true };
      case "slice": return { slice: node.parts.map((part) => part ? evaluate(part, env) : null) };
      case "cond": {
        const test = truth(evaluate(node.test, env), line, "if");
        return evaluate(test ? node.value : node.other, env);
      }
      case "unary": return unary(node.op, evaluate(node.value, env), line);
      case "binary": return binary(node, env);
      case "attr": return attribute(evaluate(node.value, env), node.name, line, env);
      case "index": return index(evaluate(node.value, env), evaluate(node.index, env), line);
      case "comp": {
        const scope = { names: new Map(), up: env, strict: env.strict };
        const items = [];
        for (const item of iterate(evaluate(node.over, env), line)) {
          assign(node.target, item, scope);
          if (node.tests.every((test) => truth(evaluate(test, scope), line, "if"))) items.push(evaluate(node.value, scope));
        }
        return new List(items);
      }
      case "call": return call(node, env);
      default: return stop(line, "not read");
    }
  }

  function spreadOut(items, env) {
    return items.flatMap((item) => item.t === "star" ? iterate(evaluate(item.value, env), item.line) : [evaluate(item, env)]);
  }

  function unary(op, value, line) {
    if (op === "not") return !truth(value, line, "not");
    if (value instanceof Unknown || value instanceof Tensor) return value;
    const result = op === "-" ? -number(value) : number(value);
    return value instanceof Float ? new Float(result) : result;
  }

  function binary({ op, left: leftNode, right: rightNode, line }, env) {
    const left = evaluate(leftNode, env);
    if (op === "and") return !(left instanceof Unknown) && !truth(left, line, "and") ? left : evaluate(rightNode, env);
    if (op === "or") return !(left instanceof Unknown) && truth(left, line, "or") ? left : evaluate(rightNode, env);
    const right = evaluate(rightNode, env);
    if (op === "is" || op === "is not") {
      if (left instanceof Unknown || right instanceof Unknown) return new Unknown(...namesOf(left), ...namesOf(right));
      return (left === right) === (op === "is");
    }
    if (op === "in" || op === "not in") {
      if (left instanceof Unknown || right instanceof Unknown) return new Unknown(...namesOf(left), ...namesOf(right));
      const inside = typeof right === "string" ? right.includes(left) : iterate(right, line).includes(left);
      return inside === (op === "in");
    }
    if (left instanceof Tensor || right instanceof Tensor) return tensors(op, left, right, line);
    if (left instanceof Unknown || right instanceof Unknown) return new Unknown(...namesOf(left), ...namesOf(right));
    if (op === "+" && left instanceof List && right instanceof List) return new List([...left.items, ...right.items]);
    if (op === "+" && left instanceof List) return new List([...left.items, ...iterate(right, line)]);
    if (op === "+" && Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
    if (op === "+" && typeof left === "string") return left + String(right);
    if (op === "%" && typeof left === "string") {
      const values = [right].flat();
      return left.replace(/%\w/g, () => String(number(values.shift())));
    }
    if (op === "*" && (left instanceof List || Array.isArray(left)) && Number.isInteger(right)) {
      const items = left.items ?? left;
      if (items.length * right > 20000) stop(line, "a list of more than 20,000 parts");
      const all = Array.from({ length: Math.max(0, right) }, () => items).flat();
      return left instanceof List ? new List(all) : all;
    }
    if (["==", "!="].includes(op)) return same(left, right) === (op === "==");
    if (!isNumber(left) || !isNumber(right)) return stop(line, `“${op}” between things that are no numbers`);
    const [a, b] = [number(left), number(right)];
    const isFloat = left instanceof Float || right instanceof Float || op === "/" || op === "**" && b < 0;
    if (["/", "//", "%"].includes(op) && b === 0) stop(line, "a division by zero");
    const result = {
      "+": () => a + b, "-": () => a - b, "*": () => a * b, "/": () => a / b, "//": () => Math.floor(a / b), "%": () => a - b * Math.floor(a / b), "**": () => a ** b,
      "<": () => a < b, ">": () => a > b, "<=": () => a <= b, ">=": () => a >= b, "<<": () => a * 2 ** b, ">>": () => Math.floor(a / 2 ** b),
    }[op]?.();
    if (result === undefined) return stop(line, `“${op}” is not read here`);
    if (typeof result === "boolean") return result;
    return isFloat ? Object.assign(new Float(result), { from: op === "/" ? [a, b] : null }) : result;
  }

  function same(left, right) {
    if (isNumber(left) && isNumber(right)) return number(left) === number(right);
    if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, i) => same(item, right[i]));
    return left === right;
  }

  function tensors(op, left, right, line) {
    const kinds = { "+": ["add", "+"], "-": ["sub", "-"], "*": ["mul", "*"], "/": ["div", "/"], "@": null };
    if (op === "@") return OPS.matmul(graph, [left, right], {}, line);
    if (!kinds[op]) return new Unknown();
    return joined(...kinds[op])(graph, [left, right], {}, line);
  }

  function attribute(owner, name, line, env) {
    if (owner?.space !== undefined) return inSpace(name, line);
    if (owner instanceof Tensor) {
      if (name === "shape") return owner.shape ?? new Unknown();
      if (name === "T") return OPS.t(graph, [owner], {}, line);
      if (["data", "device", "dtype", "requires_grad", "is_cuda"].includes(name)) return name === "data" ? owner : new Unknown();
      return { method: name, owner };
    }
    if (owner instanceof Module) {
      if (owner.parts.has(name)) return owner.parts.get(name);
      const own = owner.defined && method(owner.defined, name);
      if (own) return { def: own, env: top, self: owner };
      if (owner.defined?.statics?.has(name)) return owner.defined.statics.get(name);
      if (owner.args && name in owner.args) return owner.args[name];
      if (env.strict && !sizing && complete(owner) && !NATIVE.test(name)) throw absent(owner, name, line);
      return { method: name, owner };
    }
    if (owner?.methods) return owner.statics?.get(name) ?? (method(owner, name) ? { def: method(owner, name), env: top } : new Unknown());
    if (owner instanceof Unknown) return new Unknown(...owner.names);
    if (owner?.super) return { ...owner, name };
    if (Array.isArray(owner) && name === "values") return owner[0];
    if (owner instanceof List || owner instanceof Map || typeof owner === "string" || Array.isArray(owner)) return { method: name, owner };
    return new Unknown();
  }

  // Whether all that an object of a class of the text holds is in the text.
  function complete({ defined, open: unsure }) {
    if (!defined || unsure || !method(defined, "__init__")) return false;
    return defined.bases.every((base) => base === "Module" || classes.has(base) && complete({ defined: classes.get(base) }));
  }

  function absent(owner, name, line) {
    const near = name.length > 2 ? nearest(name, [...owner.parts.keys()]) : null;
    return faultAt(`self.${name}`, owner.kind, line, new Fault(`'${owner.kind}' object has no attribute '${name}'`, `line ${line} uses self.${name}, and __init__ of ${owner.kind} does not make it`,
      [...(near ? [[`self.${near}, if that is meant`, null]] : []), [`self.${name} = … in __init__`, null]], "AttributeError"));
  }

  function inSpace(name, line) {
    if (name === "Parameter") return { builtin: ([value]) => value instanceof Tensor ? Object.assign(value, { isParameter: true }) : value };
    if (opOf(name) || asLayer(name)) return { fn: name };
    if (["zeros", "ones", "randn", "rand", "empty", "full"].includes(name)) return { builtin: (args, named) => made(args, named, line) };
    return common(name) ?? (/^[A-Z]/.test(name) ? { layer: name } : { space: name, fn: name });
  }

  // torch.zeros(4, 3, 32, 32): at the level of the text, a picture that a model may be given.
  function made(args, named, line) {
    const list = (args.length === 1 && (Array.isArray(args[0]) || args[0] instanceof List) ? args[0].items ?? args[0] : named.size ? named.size.items ?? named.size : args).filter((size) => !(typeof size === "string"));
    if (!list.every((size) => Number.isInteger(size) || size instanceof Unknown)) return new Unknown();
    const tensor = new Tensor(list.some((size) => size instanceof Unknown) ? null : list, null, null, true);
    found.made.push({ tensor, line });
    return tensor;
  }

  // A made tensor that meets a layer at the level of the text is a picture.
  function asPicture(value) {
    if (!(value instanceof Tensor) || !value.constant || value.isParameter || graph.inputs.includes(value)) return value;
    const instead = shapes?.[graph.inputs.length];
    found.shape ??= value.shape;
    const tensor = graph.input(instead ?? value.shape);
    Object.assign(value, { shape: tensor.shape, fields: tensor.fields, constant: false });
    graph.inputs[graph.inputs.length - 1] = value;
    return value;
  }

  function index(owner, at, line) {
    if (owner instanceof Tensor) return indexed(graph, owner, at, line);
    if (owner instanceof Unknown || at instanceof Unknown) return new Unknown(...namesOf(owner), ...namesOf(at));
    if (owner instanceof Map) return owner.get(at) ?? new Unknown();
    if (owner instanceof Module) {
      const children = owner.children;
      if (Number.isInteger(at)) return children.at(at)?.[1] ?? new Unknown();
      if (at?.slice) {
        const [begin, end] = at.slice;
        return new Module("Sequential", { parts: new Map(children.slice(begin ?? 0, end ?? children.length)), line });
      }
      return owner.parts.get(at) ?? new Unknown();
    }
    const items = owner?.items ?? owner;
    if (at?.slice) {
      const [begin, end, pace] = at.slice;
      if (pace === -1) return owner instanceof List ? new List([...items].reverse()) : [...items].reverse();
      const part = items.slice(begin ?? 0, end ?? items.length);
      return owner instanceof List ? new List(part) : part;
    }
    if (!Array.isArray(items) && typeof items !== "string") return new Unknown();
    const value = items.at(number(at));
    return value === undefined ? stop(line, `index ${at} is outside a list of ${items.length}`) : value;
  }

  function call(node, env) {
    const { line } = node;
    if (node.callee.t === "name" && node.callee.name === "super") {
      const owner = lookupSelf(env);
      return { super: true, owner };
    }
    const callee = evaluate(node.callee, env);
    if (callee?.super) return superCall(callee, node, env);
    const args = [];
    const named = {};
    const outer = sizing;
    sizing = /^(?:view|reshape)$/.test(callee?.method); // a helper that counts features is often not pasted
    for (const arg of node.args) args.push(...(arg.t === "star" ? starred(arg, env) : [evaluate(arg, env)]));
    for (const { name, value, line: at } of node.named) {
      if (named[name] !== undefined) stop(at, `${name} is given twice`);
      named[name] = evaluate(value, env);
    }
    sizing = outer;
    return apply(callee, args, named, node, env);
  }

  function starred(arg, env) {
    const value = evaluate(arg.value, env);
    return value instanceof Unknown ? [value] : iterate(value, arg.line);
  }

  function lookupSelf(env) {
    for (let scope = env; scope; scope = scope.up) if (scope.names.get("self") instanceof Module) return scope.names.get("self");
    return self;
  }

  function superCall({ owner, name }, node, env) {
    const args = node.args.flatMap((arg) => arg.t === "star" ? starred(arg, env) : [evaluate(arg, env)]);
    const named = Object.fromEntries(node.named.map((one) => [one.name, evaluate(one.value, env)]));
    if (!(owner instanceof Module) || !owner.defined) return null;
    const above = owner.defined.bases.map((base) => classes.get(base)).find(Boolean);
    const own = above && method(above, name);
    if (own) return invoke({ def: own, env: top, self: owner }, args, named, node.line);
    if (name === "__init__") {
      const base = nativeBase(owner.defined);
      if (base === "Sequential") args.forEach((part, i) => owner.parts.set(String(i), part));
      else if (LAYERS[base]) Object.assign(owner, construct(base, args, named, node), { defined: owner.defined });
    } else if (name === "forward") return forwardOf(owner, args, node.line);
    return null;
  }

  function apply(callee, args, named, node, env) {
    const { line } = node;
    if (callee instanceof Module) return env.up || args[0] instanceof Tensor ? runModule(callee, args.map((arg) => env.up ? arg : asPicture(arg)), named, line) : new Unknown();
    if (callee?.layer) return construct(callee.layer, args, named, node);
    if (callee?.builtin) return callee.builtin(args, named, line);
    if (callee?.def) return invoke(callee, args, named, line);
    if (callee?.methods) return instantiate(callee, args, named, line);
    if (callee?.fn) return torchFunction(callee.fn, args.map((arg) => env.up ? arg : asPicture(arg)), named, line);
    if (callee?.method) return methodOf(callee, args, named, line);
    if (callee instanceof Unknown && node.callee.t === "attr" && node.callee.name === "add" && args[0] instanceof Module && !env.up) bare(args[0]);
    const tensor = env.up && args.find((arg) => arg instanceof Tensor);
    return tensor ? unfollowed(node.callee.name ?? "a function", tensor, line) : new Unknown(...namesOf(callee));
  }

  // Lists and tuples alike, for functions that take both.
  const open = (value) => value instanceof List ? value.items : value;

  function torchFunction(name, tensors_, named_, line) {
    const args = tensors_.map(open);
    const named = Object.fromEntries(Object.entries(named_).map(([key, value]) => [key, open(value)]));
    if (/^(?:conv.*\dd|linear)$/.test(name) && args[0] instanceof Tensor && args[1]?.shape) return weighted(name, args, named, line);
    const kind = asLayer(name);
    if (kind) {
      const [x, ...rest] = args;
      if (!(x instanceof Tensor)) return new Unknown();
      const layer = bound(kind, rest, named, line, name);
      if (layer.fault) throw faultAt(`${name}()`, name, line, layer.fault);
      return graph.step({ kind, args: layer.args }, [x], { name: `${name}()`, kind: name, line });
    }
    if (opOf(name) && args.some((arg) => arg instanceof Tensor || arg instanceof List || Array.isArray(arg))) return opOf(name)(graph, args, named, line);
    const first = args.flat().find((arg) => arg instanceof Tensor);
    if (!first) return name === "tensor" || !opOf(name) ? new Unknown() : args[0] ?? new Unknown();
    return unfollowed(name, first, line);
  }

  // A step whose output nobody knows here.
  function unfollowed(name, x, line) {
    const out = graph.step({ kind: name, args: {}, forward: () => ({ shape: null }) }, [x], { name: `${name}()`, kind: name, line, note: `${name} is not followed here: what comes behind it is unknown` });
    out.row.macs = null;
    return out;
  }

  // F.conv2d(x, weight, bias, stride, …): the layer of that weight's shape; its parameters are the weight's own.
  function weighted(name, [x, weight, , ...rest], named, line) {
    const [outside, inside, ...kernel] = weight.shape;
    const turned = /transpose/.test(name);
    const kind = kernel.length ? `Conv${turned ? "Transpose" : ""}${kernel.length}d` : "Linear";
    const names = ["stride", "padding", ...(turned ? ["output_padding", "groups", "dilation"] : ["dilation", "groups"])];
    const args = { ...defaults(signature(kind)), ...Object.fromEntries(rest.map((value, i) => [names[i], value])), ...named, kernel_size: kernel };
    const all = inside * args.groups;
    const [from, to] = turned ? [outside, all] : [all, outside];
    Object.assign(args, kernel.length ? { in_channels: from, out_channels: to } : { in_features: inside, out_features: outside });
    return graph.step({ kind, args }, [x], { name: `${name}()`, kind: name, line });
  }

  // The row at which a fault stands that is no fault of a layer on its input.
  function faultAt(name, kind, line, fault, module = null) {
    const row = { name, kind, line, module, output: null, macs: null, parameters: module ? null : 0, basis: "unknown", notes: [], inputs: [] };
    graph.rows.push(row);
    return graph.fail(row, fault);
  }

  function methodOf({ method: name, owner }, args, named, line) {
    if (owner instanceof Tensor) {
      if (["item", "tolist", "backward", "argmax", "topk", "numpy"].includes(name)) return new Unknown();
      return torchFunction(name, [owner, ...args], named, line);
    }
    if (owner instanceof Module) return ofModule(owner, name, args, named, line);
    if (owner instanceof List) return ofList(owner, name, args, line);
    if (owner instanceof Map) {
      if (name === "items") return [...owner.entries()];
      if (name === "keys") return [...owner.keys()];
      if (name === "values") return [...owner.values()];
      if (name === "get") return owner.has(args[0]) ? owner.get(args[0]) : args[1] ?? null;
    }
    if (typeof owner === "string" && name === "format") return owner.replace(/\{[^}]*\}/g, () => String(args.shift() ?? ""));
    if (typeof owner === "string" && name === "lower") return owner.toLowerCase();
    return new Unknown();
  }

  function ofList(owner, name, args, line) {
    if (owner.items.length > 20000) stop(line, "a list of more than 20,000 parts");
    if (name === "append") owner.items.push(args[0]);
    else if (name === "extend") owner.items.push(...iterate(args[0], line));
    else if (name === "insert") owner.items.splice(number(args[0]), 0, args[1]);
    else if (name === "pop") return owner.items.splice(args.length ? number(args[0]) : -1, 1)[0] ?? null;
    return new Unknown();
  }

  function ofModule(owner, name, args, named, line) {
    if (name === "add_module" || name === "register_module") owner.parts.set(args[0], args[1]);
    else if (name === "register_parameter" || name === "register_buffer") owner.parts.set(args[0], name === "register_parameter" && args[1] instanceof Tensor ? Object.assign(args[1], { isParameter: true }) : args[1]);
    else if (name === "append" || name === "add" && args[0] instanceof Module) owner.parts.set(String(owner.children.length), args[0]);
    else if (name === "extend") for (const part of iterate(args[0], line)) owner.parts.set(String(owner.children.length), part);
    else if (/^(?:children|modules|values)$/.test(name)) return owner.children.map(([, child]) => child);
    else if (/^(?:named_children|items)$/.test(name)) return owner.children;
    else if (name === "forward") return forwardOf(owner, args, line);
    else if (["to", "cuda", "cpu", "eval", "train", "half", "float", "double", "apply", "requires_grad_"].includes(name)) return owner;
    else if (owner.defined && args[0] instanceof Tensor && !sizing) return unfollowed(`self.${name}`, args[0], line);
    else if (owner.defined && !["parameters", "state_dict", "zero_grad", "named_parameters"].includes(name)) return new Unknown();
    return null;
  }

  // The arguments of a layer of torch.nn by name, or why torch would refuse them.
  function bound(kind, args, named, line, title = kind) {
    const list = signature(kind);
    const open = list.find(([name]) => name === "*");
    const names = list.map(([name]) => name).filter((name) => name !== "*");
    const values = {};
    if (!open && args.length > names.length) return { fault: new Fault(`${title} takes at most ${names.length} arguments, not ${args.length}`, `${args.length} arguments are given`, [], "TypeError") };
    args.forEach((value, i) => { if (names[i]) values[names[i]] = value; });
    for (const [name, value] of Object.entries(named)) {
      if (name === "device" || name === "dtype") continue;
      if (!names.includes(name) && !open) {
        if (open === undefined && LAYERS[kind].keras) continue;
        const near = nearest(name, names);
        return { fault: new Fault(`${title}.__init__() got an unexpected keyword argument '${name}'`, `${title} has no argument ${name}${near ? `: ${near} is meant` : ""}`, near ? [[`${near}=${plainText(value)}`, { [near]: plain(value) }]] : [[`the arguments are ${names.slice(0, 8).join(", ")}`, null]], "TypeError") };
      }
      values[name] = value;
    }
    const inside = Object.entries(values).find(([, value]) => value instanceof Module);
    if (inside) return { fault: new Fault(`${inside[0]} must be a number, not ${inside[1].kind}`, `${inside[1].kind} stands inside the brackets of ${title}, as its ${inside[0]}`, [[`close the bracket of ${title} before ${inside[1].kind}`, null]], "TypeError") };
    const missing = list.filter(([name, usual]) => usual === null && name !== "*" && values[name] === undefined).map(([name]) => name);
    if (missing.length) {
      const needs = list.filter(([name, usual]) => usual === null).map(([name]) => name);
      const example = { kernel_size: 3, out_channels: 16, in_channels: 3, out_features: 10, num_features: 16 };
      const change = Object.fromEntries(missing.map((name) => [name, example[name] ?? 1]));
      const shapes = Object.values(values).some((value) => value instanceof Unknown) ? null : LAYERS[kind].weights?.({ ...defaults(list), ...plainAll(values), ...change });
      const then = shapes?.[0] ? `; then the weight is (${shapes[0].join(", ")})` : "";
      return { fault: new Fault(`${title}.__init__() missing ${missing.length} required positional argument${missing.length > 1 ? "s" : ""}: ${missing.map((name) => `'${name}'`).join(" and ")}`,
        `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing: ${title} needs ${needs.slice(0, -1).join(", ")}${needs.length > 1 ? " and " : ""}${needs.at(-1)}`,
        [[`add ${missing.map((name) => `${name}=${change[name]}`).join(", ")}${then}`, change]], "TypeError") };
    }
    const all = { ...defaults(list), ...plainAll(values) };
    for (const [name, value] of Object.entries(values)) {
      const floats = [value].flat().find((part) => part instanceof Float);
      if (floats && /channels|size|stride|padding|dilation|groups|features|factor$/.test(name) && name !== "scale_factor") {
        const [a, b] = floats.from ?? [];
        const whole = Number.isInteger(floats.float);
        return { fault: new Fault(`${name} must be a whole number, not ${floats.float}${whole ? ".0" : ""}`, b ? `${a} / ${b} is ${floats.float}${whole ? ".0" : ""}, a float; ${title} takes whole numbers` : `${name} is a float`,
          [[b ? `${a} // ${b}` : `int(${floats.float})`, { [name]: Math.floor(floats.float) }]], "TypeError") };
      }
    }
    return { args: all };
  }

  function construct(kind, args, named, node) {
    const { line } = node;
    if (found.count > 20000) stop(line, "more than 20,000 layers");
    found.count = (found.count ?? 0) + 1;
    if (CONTAINERS.includes(kind)) return container(kind, args, line);
    if (!LAYERS[kind]) return new Module(kind, { args: { ...named }, line });
    const { args: values, fault } = bound(kind, args, named, line);
    const module = new Module(kind, { args: values ?? {}, line, fault });
    const picture = plain(named.input_shape);
    if (Array.isArray(picture)) found.summaries.push([1, ...picture]);
    [...args, ...Object.values(named)].forEach((value) => need(plain(value), line));
    module.number = found.count;
    const change = changes?.get(found.count);
    if (change) {
      const again = fault ? bound(kind, args, { ...Object.fromEntries(Object.entries(named).filter(([name]) => signature(kind).some(([known]) => known === name))), ...change }, line) : { args: { ...values, ...change } };
      Object.assign(module, { args: again.args ?? {}, fault: again.fault ?? null });
    }
    if (!module.fault) {
      try {
        if (!Object.values(module.args).some((value) => value instanceof Unknown)) LAYERS[kind].check?.(module.args);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        module.fault = error;
      }
    }
    return module;
  }

  function container(kind, args, line) {
    const parts = new Map();
    const [first] = args;
    const items = args.length === 1 && (first instanceof List || Array.isArray(first)) ? first.items ?? first : args.length === 1 && first instanceof Map ? [...first] : args;
    items.forEach((item, i) => {
      if (Array.isArray(item) && typeof item[0] === "string") parts.set(item[0], item[1]);
      else if (item?.layer || item?.methods) {
        const name = item.layer ?? item.name;
        remarks.push({ line, text: `nn.${name} without () is a class, no layer: torch refuses it (TypeError: ${name} is not a Module subclass); read as nn.${name}()` });
        parts.set(String(i), item.layer ? construct(item.layer, [], {}, { line }) : instantiate(item, [], {}, line));
      } else if (item instanceof Module) parts.set(String(i), item);
      else if (item instanceof Unknown) need(item, line), parts.set(String(i), new Module(item.name ?? "unknown", { line, args: {} }));
    });
    return new Module(kind, { parts, line });
  }

  function instantiate(cls, args, named, line) {
    const module = new Module(cls.name, { defined: cls, line });
    const init = method(cls, "__init__");
    if (init) invoke({ def: init, env: top, self: module }, args, named, line, true);
    else if (nativeBase(cls) === "Sequential") container("Sequential", args, line).parts.forEach((part, key) => module.parts.set(key, part));
    return module;
  }

  // A function of the text. `builds`: what cannot be read in it is told, and the rest is tried; in a forward it ends the run.
  function invoke({ def, env, self: owner }, args, named, line, builds = false) {
    if (calls > MOST_CALLS) stop(line, "calls nested more than 60 deep");
    const names = new Map();
    const scope = { names, up: env, strict: !builds };
    const params = owner ? def.params.slice(1) : def.params;
    if (owner) names.set(def.params[0]?.name ?? "self", owner);
    let at = 0;
    for (const { name, star, usual } of params) {
      if (star === "*") names.set(name, args.slice(at));
      else if (star === "**") names.set(name, new Map(Object.entries(named)));
      else if (named[name] !== undefined) names.set(name, named[name]);
      else if (at < args.length) names.set(name, args[at++]);
      else if (usual) names.set(name, filled.has(name) ? evaluate(filled.get(name), top) : evaluate(usual, scope));
      else names.set(name, filled.has(name) ? (asked.set(name, def.line), evaluate(filled.get(name), top)) : new Unknown(name));
    }
    calls += 1;
    try {
      for (const statement of def.body) {
        try {
          const done = one(statement, scope);
          if (done instanceof Return) return done.value;
        } catch (error) {
          if (!builds || !(error instanceof Unread)) throw error;
          unread.push({ line: error.line, why: error.message });
          if (owner) owner.open = true;
        }
      }
      return null;
    } finally {
      calls -= 1;
    }
  }

  function runModule(module, args, named, line) {
    if (module.fault) throw faultAt(module.path ?? module.kind, module.kind, module.line, module.fault, module);
    const [x] = args;
    if (module.defined && method(module.defined, "forward")) return forwardOf(module, args, line, named);
    if (["Sequential"].includes(module.kind) || module.defined && nativeBase(module.defined) === "Sequential") {
      return module.children.reduce((value, [, child]) => runModule(child, [value], {}, line), x);
    }
    if (module.kind === "ModuleList" || module.kind === "ModuleDict") stop(line, `an nn.${module.kind} is no layer and cannot be called: torch raises NotImplementedError`);
    const out = graph.step(module, x instanceof Tensor ? args.filter((arg) => arg instanceof Tensor) : [new Tensor(null, null)], { name: module.path ?? module.kind, kind: module.kind, module, line: module.line });
    const state = out.state ? new Tensor(out.state, null, out.row) : new Unknown();
    return module.args.return_indices || PAIRS.has(module.kind) ? [out, module.kind === "LSTM" ? [state, state] : state] : out;
  }

  function forwardOf(module, args, line, named = {}) {
    const own = module.defined && method(module.defined, "forward");
    if (!own) return runModule(module, args, named, line);
    return invoke({ def: own, env: top, self: module }, args, named, line);
  }

  // A function of one value; of one that is not known, not known.
  const pure = (work) => ([value], named, line) => value instanceof Unknown ? value : work(value, line);

  const BUILTINS = {
    __proto__: null, Size: () => null, Model: () => null, summary, Input: kerasInput, InputLayer: kerasInput, OrderedDict: ([first]) => first ?? new Map(), print: () => null,
    range: (args, named, line) => {
      if (args.some((arg) => arg instanceof Unknown)) return args.find((arg) => arg instanceof Unknown);
      const [start, end, pace] = args.length === 1 ? [0, number(args[0]), 1] : [number(args[0]), number(args[1]), number(args[2] ?? 1)];
      const length = Math.max(0, Math.ceil((end - start) / pace));
      if (length > 20000) stop(line, "a range of more than 20,000");
      return Array.from({ length }, (_, i) => start + i * pace);
    },
    int: pure((value) => typeof value === "string" ? Number(value) : Math.trunc(number(value))),
    float: pure((value) => new Float(Number(number(value)))),
    round: pure((value) => rounded(number(value))),
    abs: pure((value) => Math.abs(number(value))),
    ceil: pure((value) => Math.ceil(number(value))),
    floor: pure((value) => Math.floor(number(value))),
    sqrt: pure((value) => new Float(Math.sqrt(number(value)))),
    log2: pure((value) => new Float(Math.log2(number(value)))),
    str: pure((value) => String(number(value))),
    list: pure((value = [], line) => new List([...iterate(value, line)])),
    tuple: pure((value = [], line) => [...iterate(value, line)]),
    sum: pure((list, line) => iterate(list, line).reduce((all, value) => all + number(value), 0)),
    prod: pure((list, line) => iterate(list, line).reduce((all, value) => all * number(value), 1)),
    len: pure((value, line) => value instanceof Tensor ? value.shape?.[0] ?? new Unknown() : value.length ?? iterate(value, line).length),
    max: (args, named, line) => extreme(Math.max, args, line),
    min: (args, named, line) => extreme(Math.min, args, line),
    dict: (args, named) => new Map(Object.entries(named)),
    enumerate: ([value], named, line) => iterate(value, line).map((item, i) => [i, item]),
    zip: (args, named, line) => {
      const lists = args.map((arg) => iterate(arg, line));
      return Array.from({ length: Math.min(...lists.map((list) => list.length)) }, (_, i) => lists.map((list) => list[i]));
    },
    reversed: ([value], named, line) => new List([...iterate(value, line)].reverse()),
    isinstance: ([value, cls]) => {
      if (value instanceof Unknown) return value;
      const names = (Array.isArray(cls) ? cls : [cls]).map((one) => one?.layer ?? one?.name ?? one?.builtin);
      if (value instanceof Module) return names.includes(value.kind);
      return names.some((name) => name === BUILTINS.int && Number.isInteger(value) || name === BUILTINS.tuple && Array.isArray(value) || name === BUILTINS.list && value instanceof List);
    },
    getattr: ([owner, name, usual]) => owner instanceof Module ? owner.parts.get(name) ?? usual ?? new Unknown() : new Unknown(),
    hasattr: ([owner, name]) => owner instanceof Module && owner.parts.has(name),
    setattr: ([owner, name, value]) => { if (owner instanceof Module) owner.parts.set(name, value); return null; },
  };

  function extreme(choose, args, line) {
    const list = args.length === 1 ? iterate(args[0], line) : args;
    const open = list.find((value) => value instanceof Unknown);
    if (open) return open;
    const value = choose(...list.map(number));
    return list.some((one) => one instanceof Float) ? new Float(value) : value;
  }

  function attempt(work) {
    try {
      return work();
    } catch (error) {
      if (error instanceof Unread) unread.push({ line: error.line, why: error.message, stops: true });
      else if (error instanceof RangeError) unread.push({ line: null, why: "nested too deep to follow" });
      else if (!(error instanceof Stop)) throw error;
      return null;
    }
  }
  for (const statement of body) {
    if (graph.failure) break;
    attempt(() => one(statement, top));
  }

  Object.assign(found, {
    method,
    instantiate: (cls) => attempt(() => instantiate(cls, [], {}, null)),
    forward: (module, tensors) => attempt(() => runModule(module, tensors, {}, null)),
    runsAlone: (module) => Boolean(module.defined && method(module.defined, "forward")),
  });
  return found;
}

function rounded(value) {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value); // half to even, as Python does
}

function defaults(list) {
  return Object.fromEntries(list.filter(([, usual]) => usual !== null).map(([name, usual]) => [name, constant(usual)]));
}

export function constant(text) {
  if (text === "True" || text === "False") return text === "True";
  if (text === "None") return null;
  if (/^'.*'$/.test(text)) return text.slice(1, -1);
  return Number(text);
}

// A Python value as plain numbers, strings and lists.
function plain(value) {
  if (value instanceof Float) return value.float;
  if (value instanceof List) return value.items.map(plain);
  return Array.isArray(value) ? value.map(plain) : value;
}

function plainAll(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]));
}

function plainText(value) {
  const simple = plain(value);
  return Array.isArray(simple) ? `(${simple.join(", ")})` : simple instanceof Unknown ? simple.name : typeof simple === "boolean" ? (simple ? "True" : "False") : String(simple);
}

// The argument that was meant: one or two letters away.
function nearest(word, names) {
  const ranked = names.map((name) => [distance(word, name), name]).sort((a, b) => a[0] - b[0]);
  return ranked.length && ranked[0][0] <= 3 ? ranked[0][1] : null;
}

function distance(a, b) {
  if (a.length > 40) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
