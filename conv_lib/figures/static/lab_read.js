// A text of any kind as one report: read(text, { shape, given }) gives
// { kind, sentence, rows, parameters, macs, unknownMacs, failure, asked, shape, lost, remarks, reading, message, basis }.
// Each row: { name, kind, output, parameters, macs, field, unread, notes, basis, state: "run" | "fails" | "not reached" | "never called", layer, line, code,
// from: the places of the rows that it reads, input: the shape of the first }. All of it is plain data: it comes from another thread.

import { axesOf, called, cures, fitting, lastMap, named, producer, readCode } from "./lab_code.js";
import { plural } from "./core.js";
import { fieldOf, lost, unreadOf } from "./lab_graph.js";
import { isKeras, kerasName } from "./lab_keras.js";
import { LAYERS, parametersOf } from "./lab_layers.js";
import { notesOf } from "./lab_notes.js";
import { asMaps, grouped, total } from "./lab_numbers.js";
import { isPrint, printed } from "./lab_print.js";
import { readTree } from "./lab_reading.js";
import { isTable, readTable } from "./lab_tables.js";
import { totals } from "./lab_text.js";
import { divisor, readMessage } from "./messages.js";

const LONGEST = 1500000; // characters
const PIECE = 500; // rows that are told at a time
const PRINT = "paste what print(model) gives";

// "1, 3, 224, 224" (also [..], (..), None for the batch; several behind ;) as lists of sizes; null when empty, an Error when it is none.
export function parseShape(text) {
  const parts = text.split(";").map((part) => part.trim()).filter(Boolean);
  if (!parts.length) return null;
  return parts.map((part) => {
    const inner = /^(?:torch\.Size)?[[(\s]*((?:(?:\d[\d_]*|None|-1|N)\s*[,x×\s]\s*)*(?:\d[\d_]*|None|-1|N))\s*,?[\])\s]*$/.exec(part);
    if (!inner) throw new Error(`“${part.slice(0, 40)}” is no shape: write 1, 3, 224, 224`);
    const sizes = inner[1].split(/[\s,x×]+/).map((size) => /^\d/.test(size) ? Number(size.replaceAll("_", "")) : 1);
    if (sizes.some((size, i) => size < (i ? 1 : 0))) throw new Error("a size must be at least 1 (only a batch may be 0)");
    if (sizes.length > 6) throw new Error(`a picture has at most 6 sizes, not ${sizes.length}`);
    if (sizes.some((size) => !Number.isSafeInteger(size))) throw new Error("a size must be below 2^53");
    return sizes;
  });
}

export function read(text, { shape = "", given = {} } = {}) {
  let shapes = null;
  let wrongShape = null;
  try {
    shapes = parseShape(shape);
  } catch (error) {
    wrongShape = error.message;
  }
  const report = { kind: "nothing", rows: [], remarks: [], asked: [], failure: null, shape: null, lost: null, message: null, reading: [], given };
  const finish = () => {
    if (wrongShape) report.remarks.unshift({ line: null, text: `The input shape: ${wrongShape}` });
    report.sentence = sentenceOf(report);
    report.totals = totals(report);
    return report;
  };
  const odd = trouble(text);
  if (odd) {
    report.remarks.push({ line: null, text: odd });
    return finish();
  }
  const short = plain(text.slice(0, LONGEST));
  if (text.length > LONGEST) report.remarks.push({ line: null, text: `Only the first ${grouped(LONGEST)} of ${grouped(text.length)} characters are read.` });
  report.partial = text.length > LONGEST;
  const found = readMessage(short);
  report.message = found?.known ? found : null;
  if (isTable(short)) fromTable(report, short);
  else if (isPrint(short)) fromPrint(report, short, shapes);
  else if (!(report.message && !/\b(?:nn|layers)\.|Conv\w*\(|Linear\(|class /.test(withoutMessage(short)))) fromCode(report, short, { shapes, given });
  if (report.kind === "nothing" && report.message) report.kind = "message";
  return finish();
}

// The same in pieces of a few rows, [report, rows, whether more follow], so that whoever takes them never works long; the first has the report.
export function answer([text, options], post) {
  const { rows, ...report } = read(text, options);
  for (let at = 0; !at || at < rows.length; at += PIECE) post([at ? null : { ...report, count: rows.length }, rows.slice(at, at + PIECE), at + PIECE < rows.length]);
}

// The lines of a text that are no traceback and no message.
function withoutMessage(text) {
  return text.split("\n").filter((line) => !/^\s*File "|Error|xpected/.test(line)).join("\n");
}

// The text as Python writes it: without the signs of other keyboards and of Markdown, and without numbers before its lines.
function plain(text) {
  const signs = text.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 65248)).replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/^```.*/gm, "");
  const numbered = /^ *\d+[:|.]?(?: |$)/;
  const lines = signs.split("\n");
  return lines.length > 1 && lines.every((line) => !line.trim() || numbered.test(line)) ? lines.map((line) => line.replace(numbered, "")).join("\n") : signs;
}

// Why a text cannot be read at all, or null.
function trouble(text) {
  if (!text.trim()) return null;
  const part = text.slice(0, 20000);
  // eslint-disable-next-line no-control-regex
  const control = (part.match(/[\u0000-\u0008\u000e-\u001f\ufffd]/g) ?? []).length;
  if (control > part.length / 50) return "This is no text but the bytes of a file. Paste what print(model) gives.";
  if (/^\s*<(?:!doctype|html|head|body|script|svg|\?xml)/i.test(text)) return "This is HTML. Paste the code itself, without the page around it.";
  return null;
}

function fromCode(report, text, options) {
  const result = readCode(text, options);
  if (!result) return void unreadable(report, text);
  const keras = isKeras(text);
  const { graph, modules } = result;
  for (const { line, why } of result.unread) {
    if (report.message && !/hangs on|not followed|loop/.test(why)) continue;
    report.remarks.push({ line, text: `Not read: ${why}.` });
  }
  report.remarks.push(...result.remarks.map(({ line, text: told }) => ({ line, text: `${told}.` })));
  report.kind = keras ? "keras" : "model";
  const open = result.unread.filter(({ why }) => !report.message || /hangs on|not followed|loop/.test(why));
  report.stopped = open.find(({ stops }) => stops) ?? null;
  report.partial ||= open.length > 0;
  report.asked = [...result.asked.keys()].map((name) => ({ name, value: options.given[name] ?? "" }));
  const lines = text.split(/\r\n?|\n/);
  assemble(report, { graph, modules, keras, shape: result.shape, source: result.source, code: (row) => row.line ? lines[row.line - 1]?.trim().replace(/,$/, "") : null });
  if (graph.failure) report.failure.cures = cures(text, options, result).slice(0, 4);
  if (!report.rows.length && result.unread.length) report.remarks.push({ line: null, text: `Nothing could be followed: ${PRINT}.` });
  if (!result.shape && !graph.failure) {
    const fits = fitting(text, options, result);
    if (fits) report.fits = fits;
  }
  if (keras) kerasRemarks(report, text, result);
}

function kerasRemarks(report, text, { summaries, shape }) {
  const named = summaries[0]?.slice(1);
  if (named?.length === 4) report.remarks.push({ line: null, text: `input_shape=(${named.join(", ")}) holds a batch, which Keras adds itself: with it there are 5 axes. One picture is input_shape=(${named.slice(1).join(", ")}).` });
  if (report.failure) {
    const before = report.rows.slice(0, report.failure.row + 1);
    const { kind } = before.at(-1);
    const place = before.filter((row) => row.kind === kind).length;
    const heights = [report.shape?.sizes[1], ...before.map((row) => row.output?.[1])].filter(Number.isInteger);
    report.failure.cause = `${kind} number ${place}: ${report.failure.cause} (heights ${heights.join(" → ")})`;
  }
  const first = shape?.slice(1);
  if (first?.length === 3 && first[0] <= 4 && first[0] < first[2] + 1 && !/channels_first/.test(text)) {
    report.remarks.push({ line: null, text: `Keras reads (${first.join(", ")}) with the channels last: ${first[0]} rows, ${first[1]} columns, ${first[2]} channels.` });
  }
}

function unreadable(report, text) {
  const first = text.split("\n").findIndex((line) => line.trim());
  if (text.trim()) report.remarks.push({ line: first + 1, text: `No layer was found here, from “${text.trim().slice(0, 40)}” on. Paste nn.Conv2d(…), a class with its forward, what print(model) gives, or an error message.` });
}

function fromPrint(report, text, shapes) {
  const tree = printed(text);
  if (!tree) return void unreadable(report, text);
  const modules = named([[tree.module.children.length ? "" : tree.name, tree.module]]);
  if (tree.missing) report.remarks.push({ line: null, text: `${plural(tree.missing, "bracket")} never closed; read as if closed.` });
  for (const part of [tree.before, tree.tail]) {
    if (part.trim() && !report.message) report.remarks.push({ line: null, text: `Not read: “${part.trim().slice(0, 60)}”.` });
  }
  const reader = readTree(tree.module, shapes);
  report.kind = "print";
  report.lostAt = reader.why;
  assemble(report, { graph: reader.graph, modules, keras: false, shape: shapes?.[0] ?? null, source: shapes ? "given" : null, code: () => null });
  report.reading = [...reader.evidence];
  if (reader.graph.failure) report.failure.cures = (reader.graph.failure.cures ?? []).map(([words]) => words);
}

function fromTable(report, text) {
  const table = readTable(text);
  if (!table.rows.length) return void unreadable(report, text);
  report.kind = "table";
  report.tool = table.tool;
  report.n = 2;
  report.rows = table.rows.map((row) => ({ ...row, field: null, unread: {}, state: "run", basis: "read", macsBasis: row.basis ?? "unknown", layer: null, line: null }));
  report.parameters = table.parameters;
  report.macs = total(report.rows.map((row) => row.macs));
  report.unknownMacs = report.rows.filter((row) => row.macs === null).length;
  if (table.totalSaid === null) report.remarks.push({ line: null, text: "The table is cut off or has no totals: the sums are of these rows only." });
  else if (table.totalSaid !== Number(table.parameters)) report.remarks.push({ line: null, text: `The table says ${grouped(table.totalSaid)} parameters in all; its rows make ${grouped(table.parameters)}.` });
  if (table.channelsFirst && table.tool === "Keras") report.remarks.push({ line: null, text: "Channels first, as Theano had them." });
  report.remarks.push({ line: null, text: "Functions such as F.relu are not in such a table." });
}

// The rows of a graph, and those of its modules that did not run.
function assemble(report, { graph, modules, keras, shape, source, code }) {
  const n = axesOf(modules, graph);
  const names = new Map(modules.map(([path, module]) => [module, path]));
  report.n = n;
  report.shape = shape && { sizes: shape, source };
  const ran = new Set();
  const used = {};
  const failing = graph.failure?.row;
  const size = (list) => list && list.map((side) => typeof side === "object" ? null : side);
  const picture = graph.inputs[0]?.shape?.slice(keras ? 1 : -n, keras ? 1 + n : undefined) ?? null;
  report.picture = picture;
  const places = new Map(graph.rows.map((row, i) => [row, i]));
  report.rows = graph.rows.map((row) => {
    ran.add(row.module);
    let name = row.module ? names.get(row.module) ?? row.name : row.name;
    if (keras) {
      const plain = row.layer?.args?.name ?? kerasName(row.kind);
      used[plain] = (used[plain] ?? 0) + 1;
      name = used[plain] > 1 ? `${plain}_${used[plain] - 1}` : plain;
    }
    row.name = name;
    const output = size(row.output);
    return {
      name, kind: row.kind, output: keras && output ? [null, ...output.slice(1)] : output, parameters: row.parameters, macs: row.macs,
      field: row.output ? fieldOf(row, n, keras) : null, unread: unreadOf(row, n, keras), notes: [...row.notes, ...notesOf(row, n)],
      basis: row.output || row === failing ? row.basis : row.basis === "assumed" ? "assumed" : "unknown", state: row === failing ? "fails" : "run",
      layer: plainLayer(row.layer), line: row.line, code: code(row), from: row.inputs.map((one) => places.get(one) ?? null), input: row.sources?.[0]?.shape ?? null, foreign: row.foreign,
    };
  });
  for (const [name, module] of modules) {
    if (ran.has(module)) continue;
    const known = LAYERS[module.kind];
    const parameters = known && !module.fault ? safely(() => parametersOf(module)) : module.children.length ? 0 : null;
    report.rows.push({ name, kind: module.kind, output: null, parameters, macs: null, field: null, unread: {}, notes: [], basis: "unknown", state: module.kind === "Parameter" ? "a parameter" : graph.failure || report.lostAt || report.stopped ? "not reached" : "never called", layer: known ? plainLayer(module) : null, line: module.line, code: null, from: [], input: null });
  }
  const once = report.rows.map((row) => row.parameters);
  report.parameters = total(once);
  report.unknownParameters = once.filter((number) => number === null).length + (report.partial ? 1 : 0);
  report.macs = total(report.rows.map((row) => row.macs));
  report.unknownMacs = report.rows.filter((row) => row.macs === null && (row.state === "run" ? true : row.state === "never called" ? false : costs(row))).length;
  report.lost = shape ? lost(graph, n, keras) : null;
  if (!graph.failure) return;
  const { row, message, type, cause } = graph.failure;
  report.failure = { name: row.name, row: places.get(row), message, type: type ?? "RuntimeError", cause: inContext(row, cause, n), cures: [] };
}

function plainLayer(layer) {
  const simple = (value) => Array.isArray(value) ? value.map(simple) : typeof value === "object" && value ? value.name ?? "…" : value;
  return layer && { kind: layer.kind, args: Object.fromEntries(Object.entries(layer.args).map(([name, value]) => [name, simple(value)])) };
}

function costs(row) {
  return Boolean(row.layer) && /Conv|Linear|Dense|Attention/.test(row.kind);
}

function safely(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

// The cause with the name of the layer that made the number, and the map behind a Linear's features.
function inContext(row, cause, n) {
  const maker = producer(row);
  const name = called(row.name);
  const wrong = /^the layer takes (\d+) channels and gets (\d+)$/.exec(cause);
  if (wrong) {
    const makes = maker && [maker.layer?.args.out_channels, ...maker.output.slice(0, 2)].includes(Number(wrong[2]));
    return `${name} takes ${wrong[1]} channels, and ${makes ? `${called(maker.name)} makes` : "the input has"} ${wrong[2]}${shared(wrong[1], wrong[2])}`;
  }
  const map = lastMap(row);
  const features = /^the Linear takes (\d+) features and gets (\d+)$/.exec(cause);
  if (features && map?.output) {
    const sizes = map.output.slice(-n - 1);
    const before = sizes.reduce((all, side) => all * side, 1) === Number(features[2]) ? ` = ${sizes.join(" · ")} of ${called(map.name)}` : "";
    const meant = before && asMaps(Number(features[1]), sizes[0]);
    return `${name} takes ${features[1]} features${meant ? ` = ${meant}` : ""} and gets ${features[2]}${before}`;
  }
  return cause.replace("the Linear:", `${name}:`);
}

// "1280 = 5 · 256 and 1024 = 4 · 256" where two numbers share a large factor.
function shared(a, b) {
  const x = divisor(Number(a), Number(b));
  return x >= 8 && x < Math.min(a, b) ? ` (${a} = ${a / x} · ${x}, ${b} = ${b / x} · ${x})` : "";
}

function sentenceOf(report) {
  const { kind, rows, failure, message, asked, shape, fits } = report;
  if (kind === "nothing") return report.remarks.length ? report.remarks[0].text : "Paste a layer, a model or a message.";
  if (kind === "message") return `${message.cause} ${message.cure}`;
  const layers = rows.filter((row) => !/\(\)$|^self\./.test(row.name)).length;
  const parts = [`${plural(layers, "layer")} read`];
  const open_ = shape && rows.find((row) => row.state === "run" && !row.output);
  const open = asked.filter(({ value }) => !value.trim());
  if (kind === "table") parts[0] = `${plural(rows.length, "row")} of a ${report.tool} table read`;
  if (failure) parts.push(`${called(failure.name)} does not fit: ${failure.cause}`);
  else if (report.lostAt) parts.push(`the order is not in the text, and its numbers do not tell it: ${report.lostAt}. Parameters are exact`);
  else if (report.stopped && !open.length) parts.push(`the reading stops${report.stopped.line ? ` at line ${report.stopped.line}` : ""}: ${report.stopped.why}`);
  else if (open.length) parts.push(`fill in ${open.map(({ name }) => name).join(", ")}`);
  else if (fits) {
    const map = fits.map ? ` = ${fits.map.slice(1).join(" · ")}` : "";
    const range = fits.lowest === fits.highest ? `${fits.lowest} pixels` : `${fits.lowest} to ${fits.highest ?? "any number of"} pixels`;
    parts.push(`no input size is given; ${called(fits.name)} takes ${fits.features}${map} features, so square pictures of ${range} fit, and no others`);
  } else if (kind !== "table" && !shape) parts.push("give the input shape for sizes and MACs");
  else if (report.partial) parts.push("a part is not read: see below");
  else if (kind !== "table") parts.push(`every ${report.reading.length ? "printed number agrees" : "size fits"}${open_ ? ` up to ${called(open_.name)}, which is not followed here` : ""}${report.reading.length ? "; the order is a reading, not in the text" : ""}`);
  const foreign = [...new Set(rows.filter(({ foreign: own }) => own).map((row) => row.kind))];
  if (foreign.length && kind !== "table") parts.push(`this holds if ${foreign.slice(0, 3).join(", ")} keep${foreign.length > 1 ? "" : "s"} the shape of what comes in`);
  const idle = rows.filter((row) => row.state === "never called" && row.parameters);
  if (!failure && idle.length && !report.lostAt && shape) parts.push(`${idle.slice(0, 3).map(({ name }) => called(name)).join(", ")} never called`);
  return `${parts.join("; ")}.`;
}
