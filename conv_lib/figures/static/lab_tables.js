// The tables of torchsummary, torchinfo and Keras: rows with their output and parameters as they are printed, and what the numbers tell
// about the layers: kernel, bias and groups, where one reading alone gives the count.

import { grouped, product, total } from "./lab_numbers.js";

const ROW = /^[\s│├└─┬|:]*(?:(\w[\w.]*)-(\d+)|(\w[\w.]*): ?([\d-]+)|(\w[\w./-]*) +\((\w+)\)?|(\w+) \((\w+)\):? ?([\d-]+)?)\s+(?:\[?\(?((?:-1|None|\d+L?)(?:, *\d+L?)*),?\)?\]?|--)\s*(?:\[[^\]]*\]\s*)?([\d,]+|--|\(recursive\))?/;

export function isTable(text) {
  return /Layer \(type/.test(text) && /Param/.test(text);
}

// { rows: [{ name, kind, output, parameters, note }], tool, cut, totalSaid }
export function readTable(text) {
  const tool = /depth-idx/.test(text) ? "torchinfo" : /Layer \(type\) *Output Shape *Param # *Connected|\(None|keras/i.test(text) ? "Keras" : "torchsummary";
  const rows = [];
  for (const line of text.split("\n")) {
    const found = !/Layer \(type|^[=─_-]+$/.test(line) && ROW.exec(line.replace(/[│┃|]/g, " "));
    if (!found) continue;
    const [, kind1, number, kind2, index, name3, kind3, name4, kind4, , shape, count] = found;
    const kind = kind1 ?? kind2 ?? kind3 ?? kind4;
    const name = kind1 ? `${kind1}-${number}` : kind2 ? `${kind2} ${index}` : name3 ?? name4;
    if (!shape && !count) continue;
    const output = shape ? shape.split(",").map((size) => size.trim()).map((size) => size === "-1" || size === "None" ? null : Number(size.replace("L", ""))) : null;
    const parameters = count && /\d/.test(count) ? Number(count.replaceAll(",", "")) : 0;
    // A container of torchinfo is no layer: the rows below it, one deeper, are.
    const depth = index ? Number(index.split("-")[0]) : 0;
    if (depth && rows.at(-1)?.depth < depth && !rows.at(-1).counted) rows.pop();
    rows.push({ name, kind, output, parameters, notes: [], macs: null, depth, counted: Boolean(count && /\d/.test(count)) });
  }
  const channelsFirst = tool !== "Keras" || rows.some(({ kind, output }) => /^Conv/.test(kind) && output?.length === 4 && output[1] !== null && output[3] === output[2]);
  rows.forEach((row, i) => explain(row, rows[i - 1] ?? null, channelsFirst, tool === "Keras"));
  const said = /Total params: *([\d,]+)/.exec(text);
  return { rows, tool, channelsFirst, totalSaid: said ? Number(said[1].replaceAll(",", "")) : null, parameters: total(rows.map((row) => row.parameters)) };
}

const CONV = /^(?:Conv|Convolution|SeparableConv|DepthwiseConv)\d?[dD]?/;

// What a row's count says of its layer.
function explain(row, before, channelsFirst, isKeras) {
  const { kind, output, parameters: count } = row;
  if (CONV.test(kind) && output?.length === 4 && count) {
    const [channels, ...pixels] = channelsFirst ? output.slice(1) : [output[3], output[1], output[2]];
    const known = before?.output?.length === 4 ? [channelsFirst ? before.output[1] : before.output[3]] : [1, 3];
    const ways = [];
    for (const inside of known) {
      for (const groups of inside > 1 && channels % inside === 0 ? [1, inside] : [1]) {
        for (const bias of [0, 1]) {
          const square = (count / channels - bias) / (inside / groups);
          const side = Math.sqrt(square);
          if (Number.isInteger(side) && side > 0 && side < 12 && (groups === 1 || side % 2)) ways.push({ inside, groups, bias, side });
        }
      }
    }
    if (ways.length === 1) {
      const [{ inside, groups, bias, side }] = ways;
      const weights = inside / groups * side * side;
      const kinds = groups > 1 ? "depthwise " : side === 1 ? "pointwise " : "";
      row.notes.push(`${grouped(count)} = ${channels} · ${bias ? `(${inside / groups} · ${side * side} + 1)` : groups > 1 ? `${side * side}` : side === 1 ? inside : `${inside} · ${side * side}`}: ${kinds}${side}x${side} ${bias ? "with" : "without"} bias, from ${inside} channel${inside > 1 ? "s" : ""}`);
      row.macs = product(...pixels, channels, weights);
      row.basis = "assumed";
      const size = before?.output?.slice(channelsFirst ? 2 : 1, channelsFirst ? 4 : 3);
      if (!before && isKeras) {
        const sizes = pixels.map((pixel) => pixel + side - 1);
        row.notes.push(`without padding and stride the picture is ${sizes.join(" x ")}`);
      } else if (before && size && size[0] >= 2 * pixels[0] && CONV.test(before.kind)) {
        row.notes.push(`${size[0]} → ${pixels[0]}: a stride of 2, or a pooling that the table does not show`);
      }
    } else if (ways.length > 1) row.notes.push("its kernel is open: two readings give this count");
    return;
  }
  if (/^(Linear|Dense)$/.test(kind) && count && output) {
    const outside = output.at(-1);
    const [withBias, without] = [count / outside - 1, count / outside];
    const inside = Number.isInteger(withBias) ? withBias : Number.isInteger(without) ? without : null;
    if (inside === null) return;
    row.macs = product(...output.slice(1, -1), inside, outside);
    row.basis = "assumed";
    row.notes.push(`${grouped(count)} = ${outside} · ${Number.isInteger(withBias) ? `(${inside} + 1)` : inside}`);
    if (before?.output?.length === 4) {
      const channels = channelsFirst ? before.output[1] : before.output[3];
      const side = Math.sqrt(inside / channels);
      const now = channelsFirst ? before.output[2] : before.output[1];
      if (Number.isInteger(side)) row.notes.push(`it takes ${inside} = ${channels} · ${side} · ${side}${side !== now ? `, and the row before has ${now} x ${now}: ${now / side === 2 ? "one more pooling" : "something between"} is not shown` : ""}`);
    }
    return;
  }
  row.macs = 0;
  row.basis = "computed";
  if (count && !/Norm|PReLU|BatchNormalization/.test(kind)) Object.assign(row, { macs: null, basis: "unknown" });
}
