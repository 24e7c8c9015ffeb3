// What print(model) gives, as a tree of modules: over many lines or on one, a fragment, with counts of other tools in between, today's
// wording and that of torch 0.4. One pass over the text, without recursion.

import { Fault, LAYERS, signature } from "./lab_layers.js";
import { takes } from "./lab_code.js";
import { Tensor } from "./lab_graph.js";
import { Module } from "./lab_python.js";

const CHILD = /\(([\w.-]+)\):\s*(?:(\d+)\s*x\s*)?/y;
const WORDS = /[^()[\]]+/y;
const KIND = /[A-Za-z_][\w.]*/y;
const COUNT = /^[\d.,]+ ?[GMKT]? ?(?:macs?|flops?|params?)\b|% (?:macs|params|flops)|^[\d.]+ ?[MKG]$/i;
const MOST = 50000; // modules

// Whether a text looks like one: a named child with a class behind it.
export function isPrint(text) {
  return /\(\w[\w.-]*\): (?:\d+ x )?[A-Z]\w*\s*\(/.test(text);
}

// { name, module, end } of the first tree in the text, or null; `tail` is the text behind it, `before` that in front.
export function printed(text) {
  const start = /(?:\((\w[\w.-]*)\):\s*(?:\d+ x )?)?[A-Z]\w*\s*\(\s*(?=\(|[\d.]+ ?[GMK]|$)|\(\w[\w.-]*\): (?:\d+ x )?[A-Z]\w*\s*\(/m.exec(text);
  if (!start) return null;
  let at = start.index;
  const root = new Module("print");
  const stack = [{ module: root, args: "", depth: 0 }];
  let made = 0;
  let missing = 0;
  while (at < text.length && stack.length && made < MOST) {
    const top = stack.at(-1);
    if (stack.length > 1) {
      WORDS.lastIndex = at;
      const words = WORDS.exec(text);
      if (words) {
        top.args += words[0];
        at = WORDS.lastIndex;
        continue;
      }
    }
    CHILD.lastIndex = at;
    const child = !top.depth && text[at] === "(" && CHILD.exec(text);
    KIND.lastIndex = child ? CHILD.lastIndex : at;
    const kind = (child || stack.length === 1 && /^[A-Za-z_][\w.]*\s?\(/.test(text.slice(at, at + 80))) && KIND.exec(text);
    if (kind) {
      let open = KIND.lastIndex;
      while (text[open] === " ") open += 1;
      const name = child ? child[1] : "";
      const module = new Module(kind[0].split(".").at(-1));
      made += 1;
      const range = /^(\d+)-(\d+)$/.exec(name);
      const copies = child && child[2] && range ? Math.min(Number(range[2]) - Number(range[1]) + 1, 2000) : 1;
      if (text[open] === "(") {
        stack.push({ module, args: "", depth: 0, name, copies, first: range ? Number(range[1]) : null });
        at = open + 1;
      } else {
        top.module.parts.set(name, module);
        at = KIND.lastIndex;
        if (stack.length === 1 && !child) break;
      }
      continue;
    }
    const char = text[at];
    if (stack.length === 1) {
      // Between two fragments only blanks: other text ends the reading.
      if (/\S/.test(char) && char !== ")") break;
      at += 1;
      continue;
    }
    if (char === "(" || char === "[") top.depth += 1;
    else if ((char === ")" || char === "]") && top.depth) top.depth -= 1;
    else if (char === ")") {
      close(stack);
      at += 1;
      continue;
    }
    top.args += char;
    at += 1;
  }
  while (stack.length > 1) {
    missing += 1;
    close(stack);
  }
  const children = root.children;
  if (!children.length) return null;
  const single = children.length === 1;
  return { name: single ? children[0][0] : "", module: single ? children[0][1] : root, missing, before: text.slice(0, start.index), tail: text.slice(at) };
}

function close(stack) {
  const { module, args, name, copies, first } = stack.pop();
  finish(module, args);
  const { parts } = stack.at(-1).module;
  for (let i = 0; i < copies; i += 1) {
    let key = first === null ? name : String(first + i);
    if (parts.has(key)) key = `${key} (${parts.size})`;
    parts.set(key, i ? copyOf(module) : module);
  }
}

function copyOf(module) {
  const parts = new Map(module.children.map(([name, child]) => [name, copyOf(child)]));
  return Object.assign(new Module(module.kind, { args: { ...module.args }, parts, fault: module.fault }), { words: module.words });
}

// The words between the brackets of one module as its arguments.
function finish(module, text) {
  module.words = text.trim();
  const kind = module.kind.replace("NonDynamicallyQuantizable", "").replace(/(?:Static|Dynamic)SamePadding$/, "Same");
  if (kind === "CNBlock") module.parts.set("layer_scale", Object.assign(new Tensor([takes(module), 1, 1], null), { isParameter: true })); // is not printed
  const arrow = /^\s*(\d+) -> (\d+)\s*$/.exec(text);
  const known = LAYERS[kind] ? signature(kind) : null;
  const values = {};
  let place = 0;
  for (const part of pieces(arrow ? `${arrow[1]}, ${arrow[2]}` : text)) {
    if (COUNT.test(part)) continue;
    const named = /^(\w+) ?= ?([^]*)$/.exec(part);
    if (named) values[named[1] === "size" && /Pool/.test(kind) ? "kernel_size" : named[1]] = value(named[2]);
    else if (known && /^[-\d.(]/.test(part)) values[known[place++]?.[0] ?? `argument ${place}`] = value(part);
    else if (part && !known) values[`argument ${place++}`] = value(part);
  }
  if (known) {
    const missing = known.filter(([name, usual]) => usual === null && name !== "*" && values[name] === undefined).map(([name]) => name);
    for (const [name, usual] of known) if (usual !== null && values[name] === undefined) values[name] = value(usual.replace(/^'|'$/g, ""));
    if (kind !== module.kind) module.kind = kind;
    if (missing.length && !module.children.length) module.fault = new Fault("", `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not in the text`);
  }
  module.args = values;
}

// The parts between commas that stand outside brackets.
function pieces(text) {
  const list = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i += 1) {
    if (text[i] === "(" || text[i] === "[") depth += 1;
    else if (text[i] === ")" || text[i] === "]") depth -= 1;
    else if (i === text.length || text[i] === "," && !depth || text[i] === "\n" && !depth) {
      const part = text.slice(start, i).trim();
      if (part) list.push(part);
      start = i + 1;
    }
  }
  return list;
}

function value(text) {
  const trimmed = text.trim();
  if (/^[[(]/.test(trimmed)) return pieces(trimmed.slice(1, -1)).map(value);
  if (/^'.*'$/.test(trimmed)) return trimmed.slice(1, -1);
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  return { True: true, False: false, None: null }[trimmed] ?? (trimmed === "None" ? null : trimmed);
}
