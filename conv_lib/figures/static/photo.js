// PhotoFigure: a kernel on a picture, before and after, as fast as it can be dragged.

import { PRESETS, isWhole, plan, range, shapeOf, show, stencil, terms, torchLine } from "./core.js";
import { figure } from "./life.js";
import { choice, codeLine, h, heat, renew, setText, slider, svg, typedNumber } from "./ui.js";
import { factList, sumLines } from "./convolution_words.js";

const COLOURS = {
  grey: "One channel: the mean of red, green and blue, rounded down.",
  "each channel alone": "groups=3, a depthwise layer: red, green and blue keep to themselves, and three channels come out.",
  "channels summed": "groups=1, an ordinary layer: what the kernel makes of red, green and blue is added up, and one channel comes out.",
};
const SIDE = 256;
const MOST_SIDE = 512;
const MEGAPIXELS = 40;
const SHOWN_TERMS = 12;

const { edge, ...others } = PRESETS;
// Kernels by name, of whole numbers.
export const KERNELS = {
  ...others,
  blur: (size) => PRESETS.blur(size, size).map((row) => row.map((weight) => weight * 4 ** (size - 1))),
  "Sobel vertical": () => [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
  edge,
};

function check(state) {
  const sizes = shapeOf(state.kernel);
  const legal = sizes?.length === 2 && sizes[0] === sizes[1] && [3, 5, 7].includes(sizes[0]) && state.kernel.flat().every((weight) => Math.abs(weight) <= 9999)
    && isWhole(state.stride, 1, 8) && isWhole(state.dilation, 1, 6) && Object.keys(COLOURS).includes(state.colour) && ["photo", "rings"].includes(state.picture);
  if (!legal) throw new TypeError("not a state of this figure");
  return state;
}

// Another size for the same kernel: a preset of any size stays what it is, others keep their middle.
export function resized(kernel, size) {
  const before = kernel.length;
  const name = Object.keys(KERNELS).find((each) => JSON.stringify(KERNELS[each](before, before)) === JSON.stringify(kernel));
  const made = name ? KERNELS[name](size, size) : kernel;
  const shift = (made.length - size) / 2;
  return stencil(size, size, (r, c) => made[r + shift]?.[c + shift] ?? 0);
}

// The planes red, green, blue and grey of RGBA bytes.
export function planesOf(bytes) {
  const planes = range(4).map(() => new Uint8Array(bytes.length / 4));
  for (let p = 0, k = 0; k < bytes.length; p += 1, k += 4) {
    for (let c = 0; c < 3; c += 1) planes[c][p] = bytes[k + c];
    planes[3][p] = Math.floor((bytes[k] + bytes[k + 1] + bytes[k + 2]) / 3);
  }
  return planes;
}

// A plane of circles that get finer outwards.
export function rings(side = SIDE) {
  return Uint8Array.from({ length: side * side }, (_, p) => {
    const phase = ((p % side - side / 2) ** 2 + (Math.floor(p / side) - side / 2) ** 2) % 512;
    return Math.min(phase, 511 - phase);
  });
}

// A picture from its four planes; `channels` are the same numbers row by row.
export function asPicture(planes, width) {
  const height = planes[0].length / width;
  return { width, height, planes, channels: planes.map((plane) => range(height).map((r) => plane.subarray(r * width, (r + 1) * width))) };
}

// The checked layer of a picture and a state, as core.js has it.
export function layerOf({ channels }, { kernel, stride, dilation, colour }) {
  const x = colour === "grey" ? channels.slice(3) : channels.slice(0, 3);
  const weight = colour === "channels summed" ? [x.map(() => kernel)] : x.map(() => [kernel]);
  return plan({ x, weight, stride, padding: dilation * (kernel.length >> 1), dilation, groups: weight.length });
}

// The outputs of a layer padded with zeros, row by row: take(o, i, row), where `row` holds the next row at the next call.
// Three taps of a kernel row at a time: each pass over a row of outputs costs more than the products.
export function convolve({ x, weight, rows, columns, firstChannel }, take) {
  const padded = x.map((plane) => range(rows.paddedSize).map((r) => {
    const line = new Uint8Array(columns.paddedSize);
    line.set(plane[r - rows.before] ?? [], columns.before);
    return line;
  }));
  const row = new Float64Array(columns.outputSize);
  weight.forEach((kernels, o) => {
    const passes = kernels.flatMap((kernel, c) => kernel.flatMap((line, u) => threes(line, columns.dilation).map((taps) =>
      ({ plane: padded[firstChannel(o) + c], down: u * rows.dilation, ...taps }))));
    for (let i = 0; i < rows.outputSize; i += 1) {
      row.fill(0);
      for (const { plane, down, factors, shifts } of passes) addThree(row, plane[i * rows.stride + down], columns.stride, factors, shifts);
      take(o, i, row);
    }
  });
}

// The weights of a kernel row and how far they are shifted, three at a time, filled up with weights of 0; none where all are 0.
// Typed arrays, so that whole and fractional weights run through the same machine code.
function threes(line, dilation) {
  const part = (first) => ({
    factors: Float64Array.from({ length: 3 }, (_, t) => line[first + t] ?? 0),
    shifts: Int32Array.from({ length: 3 }, (_, t) => first + t < line.length ? (first + t) * dilation : 0),
  });
  return range(Math.ceil(line.length / 3)).map((t) => part(3 * t)).filter(({ factors }) => factors.some(Boolean));
}

function addThree(row, source, step, factors, shifts) {
  const [a, b, c] = [factors[0], factors[1], factors[2]];
  const [p, q, r] = [shifts[0], shifts[1], shifts[2]];
  for (let j = 0, at = 0; j < row.length; j += 1, at += step) row[j] += a * source[at + p] + b * source[at + q] + c * source[at + r];
}

// How outputs are shown: value / divide + offset, cut to 0…255; and that in words.
export function tone({ weight, perGroup }) {
  const sum = weight[0].flat(2).reduce((total, factor) => total + factor, 0);
  if (sum > 1e-9) return { divide: Math.max(1, sum), offset: 0, words: `Black is 0, white ${show(255 * Math.max(1, sum), 6)} and more${sum > 1 ? `: outputs are divided by ${show(sum, 6)}, the sum of the weights, to be shown` : ""}.` };
  return { divide: 2 * perGroup, offset: 127.5, words: `The weights sum to ${show(sum, 6)}, so mid grey is 0; white is ${255 * perGroup} and more, black ${-255 * perGroup} and less.` };
}

// Numbers into RGBA bytes from pixel `first` on: into channel 0, 1 or 2, or into all three (null).
export function shade(numbers, { divide, offset }, bytes, first, channel) {
  for (let p = 0, k = 4 * first + (channel ?? 0); p < numbers.length; p += 1, k += 4) {
    bytes[k] = numbers[p] / divide + offset;
    if (channel === null) bytes[k + 1] = bytes[k + 2] = bytes[k];
  }
}

// A picture from an address, at most MOST_SIDE pixels wide and high.
async function load(address, name) {
  const image = new Image();
  await new Promise((done, fail) => {
    image.onload = done;
    image.onerror = fail;
    image.src = address;
  }).catch(() => {});
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  if (!width || !height) throw new Error(`“${name}” is no picture that can be read here. The last picture stays.`);
  if (width * height >= MEGAPIXELS * 1e6) throw new Error(`“${name}” has ${Math.round(width * height / 1e6)} megapixels; pictures of less than ${MEGAPIXELS} fit here. The last picture stays.`);
  const shrink = Math.min(1, MOST_SIDE / Math.max(width, height));
  const [w, h_] = [width, height].map((size) => Math.max(1, Math.round(size * shrink)));
  const context = h("canvas", { width: w, height: h_ }).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, w, h_);
  context.drawImage(image, 0, 0, w, h_);
  return asPicture(planesOf(context.getImageData(0, 0, w, h_).data), w);
}

// A picture on the page with its caption and a mark above it. at(event) gives row and column in pixels of the picture.
function pane() {
  const canvas = h("canvas", { role: "img", width: 1, height: 1 });
  const marks = range(3).map(() => svg("path", {}));
  const over = svg("svg", { "aria-hidden": "true", preserveAspectRatio: "none" }, marks);
  const frame = h("div", { class: "cl-canvas" }, canvas, over);
  const caption = h("div", { class: "cl-under" });
  const at = (event) => ["offsetY", "offsetX"].map((key, i) => Math.floor(event[key] * (i ? canvas.width / canvas.clientWidth : canvas.height / canvas.clientHeight)));
  const context = canvas.getContext("2d");
  let image = null;
  const paint = (height, width, name, fill) => {
    if (image?.width !== width || image.height !== height) {
      Object.assign(canvas, { width, height });
      image = context.createImageData(width, height);
      image.data.fill(255);
      over.setAttribute("viewBox", `0 0 ${width} ${height}`);
      frame.style.maxWidth = `${28 * width / height}rem`;
      canvas.classList.toggle("cl-sharp", canvas.clientWidth >= 2 * width);
    }
    fill(image.data);
    context.putImageData(image, 0, 0);
    const words = `${name}, ${height} × ${width}`;
    setText(caption, words);
    canvas.setAttribute("aria-label", words);
  };
  const mark = (shape, dots) => marks.forEach((path, i) => path.setAttribute("d", i < 2 ? shape : dots));
  return { el: h("div", { class: "cl-pane" }, frame, caption), canvas, at, paint, mark };
}

// The outline of a square of pixels, as path data; `wide`: the same middle, another size.
function square(row, column, size, wide = size) {
  const out = (wide - size) / 2;
  return `M${column - out} ${row - out}h${wide}v${wide}h${-wide}z`;
}

export function render({ model, el }) {
  const base = figure({ model, el, traits: ["kernel", "stride", "dilation", "colour", "picture"], check, trust: check, draw, longest, onReset: forget });
  const pictures = { photo: null, rings: asPicture(range(4).map(() => rings()), SIDE) };
  let own = null;
  let photoAsked = false;
  let turn = 0;
  let waiting = false;
  let layer = null;
  let drawn = [];
  let spot = null;
  let chosen = [1, 1];
  let kernelGrid = null;

  const [before, after] = [pane(), pane()];
  base.points(before.canvas, (event) => point(...before.at(event)), true);
  base.points(after.canvas, (event) => layer && point(...after.at(event).map((place) => place * layer.rows.stride)), true);
  const words = h("p", { class: "cl-under" });
  const loupe = h("canvas", { "aria-hidden": "true" });
  const glass = svg("svg", { "aria-hidden": "true" });
  const kernelPlace = h("div", { class: "cl-kernel" });
  const weight = slider({ name: "Weight", min: -10, max: 10, step: 0.25, onInput: (value) => setWeight(...chosen, value) });
  const row = slider({ name: "Row", min: 0, max: 1, onInput: (i) => point(i * layer.rows.stride, spot[1]) });
  const column = slider({ name: "Column", min: 0, max: 1, onInput: (j) => point(spot[0], j * layer.columns.stride) });
  const titled = (name, ...children) => h("div", { class: "cl-part" }, h("div", { class: "cl-caption" }, name), ...children);
  const probe = h("div", { class: "cl-probe" }, titled("Window", h("div", { class: "cl-canvas cl-loupe" }, loupe, glass)), titled("Kernel", kernelPlace, weight.el),
    h("div", { class: "cl-telling" }, h("div", { class: "cl-sliders" }, row.el, column.el), base.status));

  const size = slider({ name: "Kernel size", min: 3, max: 7, step: 2, onInput: (number) => base.propose({ kernel: resized(base.state().kernel, number) }) });
  const stride = slider({ name: "Stride", min: 1, max: 8, onInput: (number) => base.propose({ stride: number }) });
  const dilation = slider({ name: "Dilation", min: 1, max: 6, onInput: (number) => base.propose({ dilation: number }) });
  const named = (names) => names.map((name) => [name, name]);
  const presets = choice({ name: "Kernel preset", options: named(Object.keys(KERNELS)), onChange: (name) => base.propose({ kernel: resized(KERNELS[name](...Array(2).fill(base.state().kernel.length)), base.state().kernel.length) }) });
  const picture = choice({ name: "Picture", options: named(["photo", "rings"]), onChange: (name) => { forget(); base.propose({ picture: name }); } });
  const file = h("input", { type: "file", accept: "image/*", onchange: () => { take(file.files[0]); file.value = ""; } });
  const ownChip = h("label", { class: "cl-button cl-chip cl-file" }, file, h("span", {}, "Own picture"));
  const ownWords = h("span", { class: "cl-under", "aria-live": "polite" });
  const colour = choice({ name: "Colour", options: named(Object.keys(COLOURS)), onChange: (name) => base.propose({ colour: name }) });
  const colourWords = h("span", { class: "cl-under cl-line", "aria-live": "polite" });
  const choices = (caption, ...children) => h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, caption), ...children));
  const facts = h("dl", { class: "cl-facts" });
  const line = codeLine();
  base.controls.append(h("div", { class: "cl-sliders" }, size.el, stride.el, dilation.el), choices("Preset", presets.el), choices("Colour", colour.el), choices("Picture", picture.el, ownChip));
  base.body.append(h("div", { class: "cl-panes" }, before.el, after.el), probe, words, colourWords, ownWords, facts, line.el);

  function draw(state) {
    const { kernel } = state;
    if (kernelGrid?.size !== kernel.length) buildKernel(kernel.length);
    const most = Math.max(...kernel.flat().map(Math.abs));
    kernel.forEach((weights, r) => weights.forEach((value, c) => {
      const cell = kernelGrid.cell(r, c);
      setText(cell, show(value, 4));
      heat(cell, value, most);
    }));
    choose(...chosen);
    size.set(kernel.length);
    stride.set(state.stride);
    dilation.set(state.dilation);
    presets.set(Object.keys(KERNELS).find((name) => JSON.stringify(resized(KERNELS[name](kernel.length, kernel.length), kernel.length)) === JSON.stringify(kernel)));
    picture.set(own ? null : state.picture);
    ownChip.classList.toggle("cl-chosen", own !== null);
    setText(ownWords, own ? `${own.name}, shown at ${own.height} × ${own.width} pixels. It stays in this browser, and is no part of the link.` : "Choose a file, or drop one here: it stays in this browser.");
    colour.set(state.colour);
    setText(colourWords, COLOURS[state.colour]);
    later();
  }

  function buildKernel(count) {
    const made = base.grid({ name: "Kernel", rows: count, columns: count, onPick: choose, edits: (r, c) => (text) => {
      const value = typedNumber(text, base.say);
      if (value !== null) setWeight(r, c, value);
    } });
    kernelGrid = { ...made, size: count };
    chosen = chosen.map((index) => Math.min(index, count - 1));
    kernelPlace.replaceChildren(made.el);
  }

  function choose(r, c) {
    kernelGrid.cell(...chosen).classList.remove("cl-here");
    chosen = [r, c];
    kernelGrid.cell(r, c).classList.add("cl-here");
    const value = base.state().kernel[r][c];
    weight.input.max = Math.max(10, Math.ceil(Math.abs(value)));
    weight.input.min = -weight.input.max;
    weight.set(value, show(value, 4));
    weight.input.setAttribute("aria-valuetext", `${show(value, 4)}, in row ${r}, column ${c}`);
  }

  function setWeight(r, c, value) {
    return base.propose({ kernel: base.state().kernel.map((weights, i) => weights.map((old, j) => i === r && j === c ? value : old)) });
  }

  // Painting: at most once a frame, and only what has changed ---------------------------------------------------------------

  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(paint);
  }

  function paint() {
    waiting = false;
    const state = base.state();
    const shown = own ?? pictures[state.picture];
    if (!shown) loadPhoto();
    if (!shown || base.signal.aborted) return;
    const isGrey = state.colour === "grey";
    const next = [shown, isGrey, JSON.stringify([state.kernel.length, state.stride, state.dilation, state.colour]), JSON.stringify(state.kernel)];
    const changed = next.findIndex((part, i) => part !== drawn[i]);
    drawn = next;
    if (changed >= 0) {
      layer = layerOf(shown, state);
      const tones = tone(layer);
      if (changed < 2) {
        before.paint(shown.height, shown.width, "Input", (bytes) => (isGrey ? shown.planes.slice(3) : shown.planes.slice(0, 3)).forEach((plane, c) =>
          shade(plane, { divide: 1, offset: 0 }, bytes, 0, isGrey ? null : c)));
      }
      const width = layer.columns.outputSize;
      after.paint(layer.rows.outputSize, width, "Output", (bytes) => convolve(layer, (o, i, numbers) => shade(numbers, tones, bytes, i * width, layer.outChannels > 1 ? o : null)));
      setText(words, tones.words);
      if (changed < 3) tellLayer(state);
      base.settle();
    }
    tell();
  }

  function tellLayer(state) {
    renew(facts, factList(layer));
    const reads = [layer.rows, layer.columns].map((axis) => axis.size - axis.unread.length);
    const all = layer.rows.size * layer.columns.size;
    const unread = all - reads[0] * reads[1];
    if (unread) facts.append(h("dt", {}, "Not read"), h("dd", {}, `${unread.toLocaleString("en")} of ${all.toLocaleString("en")} pixels: no window touches them.`));
    line.set(torchLine({ ...layer, stride: state.stride, padding: layer.rows.before, dilation: state.dilation, padding_mode: "zeros" }));
    [row, column].forEach((each, i) => { each.input.max = [layer.rows, layer.columns][i].outputSize - 1; });
  }

  // Pointing ----------------------------------------------------------------------------------------------------------------

  function point(r, c) {
    if (!layer) return;
    spot = [r, c];
    later();
  }

  function tell() {
    const axes = [layer.rows, layer.columns];
    spot ??= axes.map((axis) => axis.size >> 1);
    const [i, j] = axes.map((axis, a) => Math.max(0, Math.min(axis.outputSize - 1, Math.round(spot[a] / axis.stride))));
    const [rows, columns] = [layer.rows.taps(i), layer.columns.taps(j)];
    const lists = layer.weight.map((_, o) => terms(layer, o, i, j));
    row.set(i);
    column.set(j);
    base.tell(...sumsOf(lists, i, j));
    const span = layer.rows.effective + 2;
    const [top, left] = [rows[0] - 1, columns[0] - 1];
    const [around, side] = [before, after].map(({ canvas }) => Math.ceil(11 * canvas.width / (canvas.clientWidth || 320)));
    before.mark(square(top, left, span, Math.max(span, around)), rows.flatMap((r) => columns.map((c) => square(r, c, 1))).join(""));
    after.mark(square(i, j, 1, Math.max(3, side)), square(i, j, 1));
    magnify(span, top, left, lists[0]);
  }

  function sumsOf(lists, i, j) {
    const zeros = lists[0].filter((term) => term.source === null).length;
    const lines = lists.flatMap((list, o) => sumLines(layer, o, list, false)).map(([what, sum, result]) =>
      [what.replace(/channel (\d)/, (_, c) => ["red", "green", "blue"][c]), shortened(sum), result]);
    return [lines, `Output row ${i}, column ${j}${zeros ? ` · ${zeros} of ${lists[0].length} taps on the zero padding` : ""}`];
  }

  // A window in a corner and one in the middle, as if every pixel had three digits.
  function longest() {
    if (!layer) return [];
    return [0, 0.5].map((part) => [layer.rows, layer.columns].map((axis) => Math.floor(part * axis.outputSize))).map(([i, j]) =>
      sumsOf(layer.weight.map((_, o) => terms(layer, o, i, j).map((term) => ({ ...term, value: term.source ? 255 : 0 }))), i, j));
  }

  // The pixels around the window, enlarged; in grey with the numbers that the taps read.
  function magnify(span, top, left, list) {
    Object.assign(loupe, { width: span, height: span });
    loupe.getContext("2d").drawImage(before.canvas, -left, -top);
    glass.setAttribute("viewBox", `0 0 ${20 * span} ${20 * span}`);
    // Taps that stand apart have room for numbers larger than their pixels.
    const isApart = layer.rows.dilation > 1;
    glass.classList.toggle("cl-apart", isApart);
    glass.style.setProperty("--number", `${isApart ? Math.max(8, 1.15 * span) : 8}px`);
    const isNumbered = layer.inChannels === 1 && span <= 11;
    const taps = list.filter((term) => term.channel === 0);
    glass.replaceChildren(...taps.flatMap((term) => {
      const [y, x] = [20 * (term.row - top), 20 * (term.column - left)];
      const number = isNumbered ? svg("text", { x: x + 10, y: y + 10.5, class: term.source === null ? "cl-beyond" : term.value > 110 ? "cl-on-light" : "cl-on-dark" }, String(term.value)) : null;
      return [svg("rect", { x: x + 1, y: y + 1, width: 18, height: 18, class: term.weight ? "" : "cl-zero" }), number].filter(Boolean);
    }));
  }

  // In Jupyter the photo is a trait; the published page loads it when it is first wanted.
  async function loadPhoto() {
    if (photoAsked) return;
    photoAsked = true;
    try {
      pictures.photo = await load(model.get("photo_uri") ?? await model.loadPhoto(), "The photo");
      later();
    } catch {
      base.say("The photo could not be loaded: the rings and your own picture work without it.");
    }
  }

  // The reader's own picture ------------------------------------------------------------------------------------------------

  function forget() {
    turn += 1;
    own = null;
    spot = null;
  }

  async function take(chosenFile) {
    if (!chosenFile) return;
    turn += 1;
    const mine = turn;
    const address = URL.createObjectURL(chosenFile);
    try {
      const found = await load(address, chosenFile.name);
      if (mine !== turn) return;
      own = { ...found, name: chosenFile.name };
      spot = null;
      base.say("");
      draw(base.state());
    } catch (error) {
      if (mine === turn) base.say(error.message);
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  base.root.ondragover = (event) => {
    if (hasFiles(event)) event.preventDefault();
    base.root.classList.toggle("cl-dropping", hasFiles(event));
  };
  base.root.ondragleave = () => base.root.classList.remove("cl-dropping");
  base.root.ondrop = (event) => {
    base.root.classList.remove("cl-dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  };

  base.start();
  return base.end;
}

// A long sum as its first and last terms; how many it has is told.
function shortened(sum) {
  const parts = sum.split(/ (?=[+-] )/);
  return parts.length <= SHOWN_TERMS ? sum : `${[...parts.slice(0, 4), "+ …", ...parts.slice(-2)].join(" ")} (${parts.length} terms)`;
}
