// Tokens of Python as a list of statements. What cannot be read becomes { t: "unread", line, why }, and reading goes on behind it.

import { tokens } from "./lab_tokens.js";

const DEEPEST = 100;
const LONGEST = 2000;
// The operators by how closely they bind.
const BINDS = Object.fromEntries([["or"], ["and"], [], ["<", ">", "<=", ">=", "==", "!=", "in", "not in", "is"], ["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"]]
  .flatMap((names, level) => names.map((name) => [name, level])));
const NOT = 2;
const KEYWORDS = new Set("and as assert break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "));

class Unread extends Error {
  constructor(line, why) {
    super(why);
    this.line = line;
  }
}

export function statements(text) {
  const list = tokens(text);
  let at = 0;
  let depth = 0;
  const remarks = [];
  const peek = () => list[at];
  const is = (...texts) => (peek().type === "op" || peek().type === "name") && texts.includes(peek().text);
  const take = () => list[at++];
  const accept = (...texts) => is(...texts) ? take() : null;
  const quote = (token) => token.type === "newline" || token.type === "end" ? "the end of the line" : `“${token.text.slice(0, 30)}”`;
  const refuse = (why) => { throw new Unread(peek().line, why ?? `${quote(peek())} is not expected here`); };
  const expect = (text) => accept(text) ?? refuse(`${quote(peek())} stands where “${text}” should`);

  function block() {
    expect(":");
    if (peek().type !== "newline") return simpleLine();
    take();
    if (peek().type !== "indent") return [];
    take();
    const body = [];
    while (peek().type !== "dedent" && peek().type !== "end") body.push(...statement());
    if (peek().type === "dedent") take();
    return body;
  }

  function statement() {
    const { line } = peek();
    const start = at;
    try {
      if (["indent", "dedent", "newline"].includes(peek().type)) {
        take();
        return [];
      }
      return compound() ?? simpleLine();
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      skip(start);
      return [{ t: "unread", line: error.line ?? line, why: error.message }];
    }
  }

  // Behind what could not be read: the next line, and the block that belongs to it.
  function skip(start) {
    if (at === start) at += 1;
    while (!["newline", "end"].includes(peek().type)) at += 1;
    if (peek().type === "newline") take();
  }

  function compound() {
    const { line } = peek();
    if (accept("@")) {
      expression();
      while (peek().type === "newline") take();
      return compound();
    }
    accept("async");
    if (accept("class")) {
      const name = take().text;
      const bases = is("(") ? call({ t: "name", name, line }).args : [];
      return [{ t: "class", name, bases, body: block(), line }];
    }
    if (accept("def")) {
      const name = take().text;
      expect("(");
      const params = parameters();
      close();
      if (accept("->")) expression();
      return [{ t: "def", name, params, body: block(), line }];
    }
    if (accept("if")) {
      const test = expression();
      const body = block();
      let other = [];
      if (is("elif")) {
        peek().text = "if";
        other = compound();
      } else if (accept("else")) other = block();
      return [{ t: "if", test, body, other, line }];
    }
    if (accept("for")) {
      const target = targets();
      expect("in");
      const over = tupled();
      const body = block();
      return [{ t: "for", target, over, body, line }];
    }
    if (accept("while")) return [{ t: "loop", test: expression(), body: block(), line }];
    if (accept("with")) {
      do {
        expression();
        if (accept("as")) targets();
      } while (accept(","));
      return [{ t: "block", body: block(), line }];
    }
    return null;
  }

  function parameters() {
    const params = [];
    while (!is(")") && peek().type !== "unclosed" && peek().type !== "end") {
      const star = accept("*", "**", "/");
      if (star && (is(",") || star.text === "/")) { accept(","); continue; }
      const name = take();
      if (name.type !== "name") { at -= 1; refuse(); }
      if (accept(":")) expression();
      params.push({ name: name.text, star: star?.text, usual: accept("=") ? expression() : null });
      if (!accept(",")) break;
    }
    return params;
  }

  function simpleLine() {
    const found = [];
    do {
      if (peek().type === "newline") break;
      found.push(simple());
    } while (accept(";"));
    if (peek().type === "unclosed") while (peek().type === "unclosed") take();
    if (peek().type === "newline") take();
    else if (peek().type !== "end" && peek().type !== "dedent" && !peek().first) refuse();
    return found;
  }

  function simple() {
    const { line } = peek();
    if (accept("return")) return { t: "return", value: ends() ? null : tupled(), line };
    if (accept("pass", "break", "continue")) return { t: list[at - 1].text, line };
    if (accept("raise", "assert", "del", "global", "nonlocal", "yield")) {
      while (!ends()) take();
      return { t: "pass", line };
    }
    if (is("import", "from")) {
      while (!ends()) take();
      return { t: "pass", line };
    }
    const value = tupled();
    if (accept(":")) {
      expression();
      return accept("=") ? { t: "assign", targets: [value], value: tupled(), line } : { t: "pass", line };
    }
    if (is("=")) {
      const chain = [value];
      while (accept("=")) chain.push(tupled());
      if (/unary|binary|cond|call|number/.test(chain.slice(0, -1).map(({ t }) => t))) refuse("a value cannot be put there");
      return { t: "assign", targets: chain.slice(0, -1), value: chain.at(-1), line };
    }
    const change = accept("+=", "-=", "*=", "/=", "//=", "%=");
    if (change) return { t: "assign", targets: [value], value: { t: "binary", op: change.text.slice(0, -1), left: value, right: tupled(), line }, line };
    return { t: "expr", value, line };
  }

  function ends() {
    return ["newline", "end", "unclosed"].includes(peek().type) || is(";");
  }

  function targets() {
    const { line } = peek();
    const items = [postfix()];
    while (accept(",")) if (!is("in")) items.push(postfix());
    return items.length > 1 ? { t: "tuple", items, line } : items[0];
  }

  function tupled() {
    const { line } = peek();
    const items = [starred()];
    let comma = false;
    while (accept(",")) {
      comma = true;
      if (ends() || is("=", ")", "]", "}", ":")) break;
      items.push(starred());
    }
    return comma ? { t: "tuple", items, line } : items[0];
  }

  function starred() {
    const star = accept("*");
    return star ? { t: "star", value: expression(), line: star.line } : expression();
  }

  function expression() {
    if (depth > DEEPEST) refuse(`nested more than ${DEEPEST} deep`);
    depth += 1;
    try {
      const { line } = peek();
      if (is("lambda")) refuse("a lambda is not followed");
      const value = binary(0);
      if (accept("if")) {
        const test = binary(0);
        expect("else");
        return { t: "cond", test, value, other: expression(), line };
      }
      return value;
    } finally {
      depth -= 1;
    }
  }

  function binary(level) {
    const { line } = peek();
    let left = level <= NOT && accept("not") ? { t: "unary", op: "not", value: nested(() => binary(NOT)), line } : unary();
    for (let count = 0; ; count += 1) {
      if (count > LONGEST) refuse("an expression of more than 2,000 parts");
      const token = peek();
      const name = token.text === "not" && list[at + 1].text === "in" ? "not in" : token.text;
      const binds = token.type === "op" || token.type === "name" ? BINDS[name] : undefined;
      if (binds === undefined || binds < level) return left;
      at += name === "not in" ? 2 : 1;
      const negated = name === "is" && accept("not");
      left = { t: "binary", op: negated ? "is not" : name, left, right: binary(binds + 1), line };
    }
  }

  function unary() {
    const sign = accept("-", "+", "~");
    if (sign) return { t: "unary", op: sign.text, value: nested(unary), line: sign.line };
    const base = postfix();
    return accept("**") ? { t: "binary", op: "**", left: base, right: nested(unary), line: base.line } : base;
  }

  function nested(read) {
    if (depth > DEEPEST) refuse(`nested more than ${DEEPEST} deep`);
    depth += 1;
    try {
      return read();
    } finally {
      depth -= 1;
    }
  }

  function postfix() {
    let value = atom();
    for (let count = 0; ; count += 1) {
      if (count > LONGEST) refuse("a chain of more than 2,000 parts");
      const { line } = peek();
      if (is("(") && !(peek().first && !openBefore())) value = call(value);
      else if (accept(".")) value = { t: "attr", value, name: take().text, line };
      else if (is("[") && !(peek().first && !openBefore())) {
        take();
        const items = [];
        let comma = false;
        while (!is("]") && peek().type !== "unclosed" && peek().type !== "newline") {
          items.push(slice());
          if (!accept(",")) break;
          comma = true;
        }
        close("]");
        value = { t: "index", value, index: comma ? { t: "tuple", items, line } : items[0], line };
      } else return value;
    }
  }

  // Whether this token is within brackets: then a line's start means nothing.
  function openBefore() {
    return at > 0 && list[at - 1].type !== "newline";
  }

  function slice() {
    const { line } = peek();
    const parts = [null, null, null];
    let colons = 0;
    if (is("...")) { take(); return { t: "dots", line }; }
    while (!is(",", "]") && peek().type !== "newline" && peek().type !== "unclosed") {
      if (accept(":")) colons += 1;
      else parts[colons] = starred();
      if (colons > 2) refuse();
    }
    return colons ? { t: "slice", parts, line } : parts[0] ?? refuse();
  }

  function call(callee) {
    const { line } = expect("(");
    const args = [];
    const named = [];
    while (!is(")") && peek().type !== "unclosed" && peek().type !== "end") {
      const star = accept("*", "**");
      if (!star && peek().type === "name" && list[at + 1].text === "=" && list[at + 1].type === "op") {
        const name = take();
        take();
        named.push({ name: name.text, value: expression(), line: name.line });
      } else {
        const value = expression();
        if (is("for")) args.push(comprehension("list", value, line));
        else if (star?.text !== "**") args.push(star ? { t: "star", value, line } : value);
      }
      if (accept(",")) {
        if (closesHere()) break;
        continue;
      }
      if (is(")") || peek().type === "unclosed") break;
      if (closesHere()) break;
      // A comma that was forgotten at the end of a line.
      if (peek().first && peek().type === "name" && !KEYWORDS.has(peek().text)) { remarks.push({ line: peek().line, text: "a comma is missing before this line; read as if it stood there" }); continue; }
      refuse();
    }
    close(")", line);
    return { t: "call", callee, args, named, line };
  }

  // A line that begins a new assignment: the brackets before it were never closed.
  function closesHere() {
    if (!peek().first || peek().type !== "name") return false;
    if (peek().text === "self" && list[at + 1]?.text === ".") {
      let ahead = at + 1;
      while (list[ahead]?.text === "." && list[ahead + 1]?.type === "name") ahead += 2;
      return list[ahead]?.text === "=" && list[ahead].type === "op";
    }
    return list[at + 1]?.text === "=" && list[at + 1].type === "op" && list[at - 1].text !== ",";
  }

  function close(end = ")", line = peek().line) {
    if (accept(end)) return;
    if (peek().type === "unclosed") take();
    else if (!closesHere() && !ends()) refuse();
    if (remarks.at(-1)?.line !== line) remarks.push({ line, text: `the bracket of line ${line} is never closed; read as if it were` });
  }

  function comprehension(kind, value, line) {
    expect("for");
    const target = targets();
    expect("in");
    const over = binary(0);
    const tests = [];
    while (accept("if")) tests.push(binary(0));
    if (is("for")) refuse("a comprehension of two loops is not read");
    return { t: "comp", kind, value, target, over, tests, line };
  }

  function atom() {
    const token = peek();
    const { line } = token;
    if (token.type === "number") {
      take();
      return { t: "number", value: Number(token.text.replace(/[_lLjJ]/g, "")), isFloat: /[.eE]/.test(token.text) && !/^0x/i.test(token.text), line };
    }
    if (token.type === "string") {
      // f"conv{i}" holds expressions.
      const parts = [];
      while (peek().type === "string") {
        const { text, format } = take();
        parts.push(...(format ? text.split(/\{([^{}!:]+)[^{}]*\}/) : [text]).map((part, i) => i % 2 ? statements(part).statements[0]?.value : part));
      }
      return { t: "string", parts, line };
    }
    if (token.type === "name") {
      if (KEYWORDS.has(token.text)) refuse();
      take();
      return { t: "name", name: token.text, line };
    }
    if (accept("...")) return { t: "dots", line };
    if (accept("(")) {
      if (accept(")")) return { t: "tuple", items: [], line };
      const value = tupled();
      const found = is("for") ? comprehension("list", value, line) : value;
      close(")", line);
      return found;
    }
    if (accept("[")) {
      const items = [];
      while (!is("]") && peek().type !== "unclosed" && peek().type !== "newline") {
        items.push(starred());
        if (is("for")) {
          const found = comprehension("list", items[0], line);
          close("]", line);
          return found;
        }
        if (!accept(",") || closesHere()) break;
      }
      close("]", line);
      return { t: "list", items, line };
    }
    if (accept("{")) {
      const items = [];
      while (!is("}") && peek().type !== "unclosed" && peek().type !== "newline") {
        const key = starred();
        items.push([key, accept(":") ? expression() : null]);
        if (is("for")) refuse("a comprehension of a dict is not read");
        if (!accept(",")) break;
      }
      close("}", line);
      return { t: "dict", items, line };
    }
    return refuse();
  }

  const all = [];
  while (peek().type !== "end") all.push(...statement());
  return { statements: all, remarks };
}
