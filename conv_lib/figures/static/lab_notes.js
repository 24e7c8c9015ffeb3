// What is easily missed in a layer that runs: the silent mistakes, and the name of its kind.

import { listed } from "./lab_numbers.js";

export function notesOf(row, n) {
  const notes = [];
  const { layer } = row;
  if (layer && /^(Lazy)?Conv\dd$/.test(layer.kind)) notes.push(...ofConv(layer.args, row, n));
  if (layer && /^ConvTranspose/.test(layer.kind)) {
    const { kernel_size: kernel, stride } = layer.args;
    const [k, s] = [kernel, stride].map((value) => Array.isArray(value) ? value[0] : value);
    if (s > 1 && k % s) notes.push(`kernel ${k} is no multiple of stride ${s}: outputs get unequal numbers of products (a checkerboard)`);
  }
  return notes;
}

function ofConv({ in_channels: inside, out_channels: outside, kernel_size: kernel, groups, padding, padding_mode: mode, dilation }, row, n) {
  const notes = [];
  const k = [kernel].flat();
  const input = row.sources?.[0]?.shape;
  if (groups > 1 && groups === inside) notes.push(outside === inside ? "depthwise" : `depthwise, multiplier ${outside / inside}`);
  else if (groups > 1) notes.push(`${groups} groups`);
  else if (k.every((side) => side === 1)) notes.push("pointwise");
  if (mode !== "zeros" && [padding].flat().every((side) => side === 0 || side === "valid")) notes.push(`padding_mode='${mode}' does nothing: the padding is 0`);
  if (padding === "same" && k.some((side, i) => ([dilation].flat()[i] ?? [dilation].flat()[0]) * (side - 1) % 2)) notes.push("'same' pads an even kernel one more below and right");
  if (input?.length === n + 1) notes.push(`(${input.join(", ")}) is read as one picture without a batch axis`);
  if (input && n === 2 && [1, 3, 4].includes(input.at(-1)) && Math.min(...input.slice(-3, -1)) > input.at(-1)) notes.push(`the last axis is ${input.at(-1)}: channels last? Conv2d takes (N, C, H, W)`);
  return notes;
}

// { rows: [30, 31], columns: [31] } as "rows 30 and 31, column 31"; equal axes once.
export function unreadText(unread) {
  const sides = Object.entries(unread);
  if (!sides.length) return "";
  const word = (name, list) => list.length === 1 ? name.slice(0, -1) : name;
  if (sides.length === 2 && `${sides[0][1]}` === `${sides[1][1]}`) return `${word(sides[0][0], sides[0][1])} and ${word(sides[1][0], sides[1][1])} ${listed(sides[0][1])}`;
  return sides.map(([name, list]) => `${word(name, list)} ${listed(list)}`).join(", ");
}

// "11 x 11, jump 4", with the numbers read where there are gaps; "whole picture".
export function fieldText(field, picture) {
  if (!field) return "";
  if (field.whole) return "whole picture";
  if (field.tooLarge) return "not counted";
  const pair = (list) => list.every((value) => String(value) === String(list[0])) ? String(list[0]) : list.join(" x ");
  const ratio = ([over, under]) => under === 1 ? over : `${over}/${under}`;
  const size = field.size.join(" x ");
  const gaps = field.read.some((read, i) => read !== field.size[i]) ? `, reads ${pair(field.read)} of ${pair(field.size)}` : "";
  const all = picture && field.size.every((side, i) => side >= picture[i]) ? " (whole picture)" : "";
  return `${size}, jump ${pair(field.jump.map(ratio))}${gaps}${all}`;
}
