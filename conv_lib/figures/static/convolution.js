// ConvolutionFigure: input, kernel and output as grids of numbers, each of which can be pointed at and changed.

import { PADDING_MODES, PRESETS, conv2d, macs, pair, parameters, plan, range, resultText, shapeOf, show, stencil, sumText, terms, torchLine, usersOf } from "./core.js";
import { button, checkbox, choice, copy, figure, flash, grid, h, marks, rename, select, setText, slider, typedNumber } from "./ui.js";

const TRAITS = ["x", "weight", "bias", "stride", "padding", "dilation", "groups", "padding_mode", "at"];
const SLIDERS = [["kernel_size", "Kernel size", 1, 7], ["stride", "Stride", 1, 4], ["padding", "Padding", 0, 4], ["dilation", "Dilation", 1, 4]];
const GAP = 22;

// Cells from large to small: their height, the width of a digit and of the room beside the digits, in pixels.
const SIZES = [
  { tall: 38, digit: 9, room: 14, least: 38, penalty: 0 }, { tall: 34, digit: 8.4, room: 10, least: 34, penalty: 60 },
  { tall: 30, digit: 8.2, room: 6, least: 30, penalty: 130 }, { tall: 27, digit: 7.5, room: 4, least: 26, penalty: 210 },
  { tall: 24, digit: 6.6, room: 4, least: 22, penalty: 400 }, { tall: 24, digit: 5.6, room: 3, least: 18, penalty: 900 },
];

// Another kernel size for the same kernel: equal numbers and the general presets go on as what they are, others keep their middle.
function resized(kernel, rows, columns) {
  const [h0, w0] = [kernel.length, kernel[0].length];
  const same = (other) => JSON.stringify(other) === JSON.stringify(kernel);
  if (kernel.flat().every((number) => number === kernel[0][0])) return stencil(rows, columns, () => kernel[0][0]);
  for (const preset of [PRESETS.identity, PRESETS.blur]) if (same(preset(h0, w0))) return preset(rows, columns);
  const [dr, dc] = [Math.floor((h0 - rows) / 2), Math.floor((w0 - columns) / 2)];
  return stencil(rows, columns, (r, c) => kernel[r + dr]?.[c + dc] ?? 0);
}

// A state from a link may hold anything: only numbers of a figure's size pass.
function trust(state) {
  const demand = (holds) => {
    if (!holds) throw new TypeError("not a state of this figure");
  };
  const fits = (value, most) => {
    const sizes = shapeOf(value);
    return sizes !== null && sizes.length === most.length && sizes.every((size, i) => size <= most[i]);
  };
  demand(fits(state.x, [8, 16, 16]) && fits(state.weight, [8, 8, 9, 9]));
  demand(state.bias === null || (fits(state.bias, [8]) && state.bias.length === state.weight.length));
  for (const name of ["stride", "padding", "dilation"]) {
    demand(["same", "valid"].includes(state[name]) ? name === "padding" : pair(state[name]).every((value) => Number.isInteger(value) && value <= 8));
  }
  demand(Array.isArray(state.at) && state.at.length === 3 && state.at.every((index) => Number.isInteger(index) && index >= 0));
}

export function render({ model, el }) {
  const controls = new Set(model.get("controls"));
  const predict = model.get("predict");
  const light = marks();
  let now = null;
  let numbers = null;
  let shape = "";
  let parts = null;
  let kernelOf = -1;
  let hidden = predict !== null;
  let playing = null;

  const base = figure({ model, el, traits: TRAITS, check: plan, trust, draw });
  const status = h("div", { class: "cl-terms", role: "status" });
  const where = h("div", { class: "cl-where" });
  const sums = h("div", { class: "cl-sums" });
  status.append(where, sums);
  const stage = h("div", { class: "cl-stage" });
  const unread = h("p", { class: "cl-unread" });
  const facts = h("dl", { class: "cl-facts" });
  const line = h("code", { class: "cl-code" });
  const panel = controlPanel();
  const transport = [
    button("Step back", () => step(-1), { icon: "back" }), button("Play", () => play(playing === null), { icon: "play" }), button("Step forward", () => step(1), { icon: "forward" }),
  ];
  const copyLine = button("Copy line", async () => {
    await copy(line.textContent);
    flash(copyLine, "Copied");
  }, { icon: "copy" });
  const question = predict === null ? null : questionBox();
  base.body.append(...[question, stage, status, h("div", { class: "cl-transport" }, transport, h("span", { class: "cl-hint" }, "Point at a number, or use the arrow keys. Press it again, or Enter, to change it.")), unread, panel.el, facts, h("div", { class: "cl-torch" }, line, copyLine)].filter(Boolean));

  // Painting -------------------------------------------------------------------------------------------------------------

  function draw(layer, state) {
    now = { ...layer, state };
    numbers = conv2d(layer);
    const [o, i, j] = state.at;
    now.at = [Math.min(o, layer.outChannels - 1), Math.min(i, layer.rows.outputSize - 1), Math.min(j, layer.columns.outputSize - 1)];
    const next = JSON.stringify([layer.inChannels, layer.outChannels, layer.perGroup, layer.groups, ...[layer.rows, layer.columns].flatMap((a) => [a.size, a.kernelSize, a.before, a.after, a.outputSize])]);
    if (next !== shape) build();
    paintInput();
    kernelOf = -1;
    showKernel(now.at[0]);
    paintOutput();
    paintFacts();
    panel.set();
    rest();
    if (next !== shape) reserve();
    shape = next;
  }

  // Room for the sum of a window in the middle, the longest there is: the page then stays still while the pointer moves.
  function reserve() {
    status.style.minHeight = "";
    pointOutput(now.at[0], now.rows.outputSize >> 1, now.columns.outputSize >> 1);
    status.style.minHeight = `${status.offsetHeight}px`;
    rest();
  }

  function build() {
    const { rows, columns, inChannels, outChannels, perGroup, groups } = now;
    const named = (what, channels, index) => channels > 1 ? `${what} channel ${index}` : what;
    const labelled = (what, size, body) => h("div", { class: "cl-labelled" }, h("div", { class: "cl-label" }, h("span", {}, what), h("small", {}, size)), body.el);
    const ring = { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after };
    parts = {
      inputs: range(inChannels).map((c) => grid({
        name: named("Input", inChannels, c), rows: rows.size, columns: columns.size, ring, onLeave: rest,
        onPoint: (r, k) => pointInput(c, r, k), onPick: (r, k) => pointInput(c, r, k), onEdit: (r, k, text) => editNumber("x", [c, r, k], text),
      })),
      kernels: range(perGroup).map((c) => grid({
        name: named("Kernel", perGroup, c), rows: rows.kernelSize, columns: columns.kernelSize, onLeave: rest,
        onPoint: (u, v) => pointKernel(c, u, v), onPick: (u, v) => pointKernel(c, u, v), onEdit: (u, v, text) => editNumber("weight", [kernelOf, c, u, v], text),
      })),
      outputs: range(outChannels).map((o) => grid({
        name: named("Output", outChannels, o), rows: rows.outputSize, columns: columns.outputSize, onLeave: rest,
        onPoint: (i, j) => pointOutput(o, i, j), onPick: (i, j) => pick(o, i, j),
      })),
    };
    const size = (a, b) => `${a} × ${b}`;
    parts.slots = range(inChannels).map(() => h("div", { class: "cl-slot" }));
    parts.kernelBoxes = parts.kernels.map((kernel, c) => labelled(named("Kernel", perGroup, c), size(rows.kernelSize, columns.kernelSize), kernel));
    const pairs = range(inChannels).map((c) => h("div", { class: "cl-pair" },
      labelled(named("Input", inChannels, c), groups > 1 ? `group ${Math.floor(c / perGroup)}` : size(rows.size, columns.size), parts.inputs[c]),
      h("span", { class: "cl-operator", "aria-hidden": "true" }, "∗"), parts.slots[c]));
    parts.channels = h("div", { class: "cl-channels" }, pairs);
    parts.results = h("div", { class: "cl-results" }, range(outChannels).map((o) =>
      labelled(named("Output", outChannels, o), size(rows.outputSize, columns.outputSize), parts.outputs[o])));
    stage.replaceChildren(parts.channels, h("span", { class: "cl-operator", "aria-hidden": "true" }, "="), parts.results);
    fit();
  }

  // Choose how channels stand (kernel beside or under its input, how many across, outputs right or below) and how large cells
  // are: of what fits the width, the lowest figure, where smaller cells count as higher.
  function fit() {
    if (!parts) return;
    const available = stage.clientWidth || 700;
    const digits = (numbers_) => Math.max(2, ...numbers_.map((value) => cellText(value).length));
    const longest = { input: digits(now.x.flat(2)), kernel: digits(now.weight.flat(3)), output: digits(numbers.flat(2)) };
    const { inChannels, outChannels, perGroup } = now;
    const [input, kernel, output] = [parts.inputs[0].pitch, parts.kernels[0].pitch, parts.outputs[0].pitch];
    const label = 38;
    let best = null;
    for (const size of SIZES) {
      const cell = (kind) => Math.max(size.least, longest[kind] * size.digit + size.room);
      const inputWidth = Math.max(input[0] * cell("input"), inChannels > 1 ? 112 : 60);
      const slot = Math.max(kernel[0] * cell("kernel"), perGroup > 1 ? 112 : 60);
      const outWidth = Math.max(output[0] * cell("output"), outChannels > 1 ? 112 : 60);
      const consider = (beside, across, right, outAcross) => {
        const pairWidth = beside ? inputWidth + slot + GAP : Math.max(inputWidth, slot);
        const pairHeight = beside ? Math.max(input[1], kernel[1]) * size.tall + label : (input[1] + kernel[1]) * size.tall + 2 * label;
        const left = [across * (pairWidth + GAP) - GAP, Math.ceil(inChannels / across) * (pairHeight + GAP)];
        const results = [outAcross * (outWidth + GAP) - GAP, Math.ceil(outChannels / outAcross) * (output[1] * size.tall + label + GAP)];
        const width = right ? left[0] + results[0] + 2 * GAP : Math.max(left[0], results[0]);
        const score = (right ? Math.max(left[1], results[1]) : left[1] + results[1]) + size.penalty;
        if (width <= available && (!best || score < best.score)) best = { score, size, cell, slot, inputWidth, outWidth, beside, across, right, outAcross };
      };
      const ways = (count) => range(count).map((index) => index + 1).filter((across) => count % across === 0);
      for (const beside of [true, false]) {
        for (const across of ways(inChannels)) {
          for (const outAcross of ways(outChannels)) for (const right of [true, false]) consider(beside, across, right, outAcross);
        }
      }
    }
    best ??= { size: SIZES.at(-1), cell: () => 16, slot: 112, inputWidth: 16 * input[0], outWidth: 112, beside: false, across: 1, right: false, outAcross: 1 };
    const properties = {
      "--tall": `${best.size.tall}px`, "--font": `${Math.min(14, best.size.digit / 0.6)}px`, "--across": best.across, "--out-across": best.outAcross, "--slot": `${best.slot}px`, "--input-width": `${best.inputWidth}px`, "--output-width": `${best.outWidth}px`,
      ...Object.fromEntries(Object.keys(longest).map((kind) => [`--${kind}-cell`, `${best.cell(kind)}px`])),
    };
    for (const [name, value] of Object.entries(properties)) stage.style.setProperty(name, value);
    stage.dataset.pair = best.beside ? "beside" : "over";
    stage.dataset.results = best.right ? "right" : "below";
  }

  function cellText(value) {
    const text = show(value);
    return text.length <= 6 ? text : `≈${Number(value.toPrecision(3))}`;
  }

  function paint(cell, value, most) {
    setText(cell, cellText(value));
    const share = most ? Math.round(43 * Math.abs(value) / most) : 0;
    const heat = `${value < 0 ? -share : share}`;
    if (cell.dataset.heat !== heat) {
      cell.dataset.heat = heat;
      cell.style.setProperty("--heat", `${share}%`);
      cell.classList.toggle("cl-negative", value < 0);
    }
  }

  function paintInput() {
    const { x, rows, columns, rowSources, columnSources, mode } = now;
    const most = Math.max(...x.flat(2).map(Math.abs));
    const rowUnread = new Set(range(rows.paddedSize).map((r) => r - rows.before).filter((r) => rows.users(r).length === 0));
    const columnUnread = new Set(range(columns.paddedSize).map((c) => c - columns.before).filter((c) => columns.users(c).length === 0));
    parts.inputs.forEach((input, channel) => {
      rowSources.forEach((fromRow, index) => columnSources.forEach((fromColumn, k) => {
        const [r, c] = [index - rows.before, k - columns.before];
        const cell = input.cell(r, c);
        const value = fromRow < 0 || fromColumn < 0 ? 0 : x[channel][fromRow][fromColumn];
        paint(cell, value, mode === "zeros" || (fromRow === r && fromColumn === c) ? most : most * 2);
        cell.classList.toggle("cl-hatched", rowUnread.has(r) || columnUnread.has(c));
      }));
    });
  }

  function paintOutput() {
    const most = Math.max(...numbers.flat(2).map(Math.abs));
    parts.outputs.forEach((output, o) => numbers[o].forEach((row, i) => row.forEach((value, j) => {
      if (hidden) setText(output.cell(i, j), "?");
      else paint(output.cell(i, j), value, most);
    })));
  }

  // The kernel of one output channel, each slice beside the input channel that it multiplies.
  function showKernel(o) {
    if (o === kernelOf) return;
    kernelOf = o;
    const first = now.firstChannel(o);
    const most = Math.max(...now.weight.flat(3).map(Math.abs));
    parts.slots.forEach((slot, channel) => {
      const box = parts.kernelBoxes[channel - first];
      const idle = h("p", { class: "cl-idle-note" }, `not read by output channel ${o}`);
      if (slot.firstChild !== box || !box) slot.replaceChildren(box ?? idle);
      parts.inputs[channel].el.classList.toggle("cl-idle", !box);
    });
    parts.kernels.forEach((kernel, c) => {
      now.weight[o][c].forEach((row, u) => row.forEach((value, v) => paint(kernel.cell(u, v), value, most)));
      const label = parts.kernelBoxes[c].querySelector("small");
      setText(label, now.outChannels > 1 ? `for output ${o}` : `${now.rows.kernelSize} × ${now.columns.kernelSize}`);
    });
  }

  // Pointing -------------------------------------------------------------------------------------------------------------

  function rest() {
    const [o, i, j] = now.at;
    parts.outputs[o].stopAt(i, j);
    pointOutput(o, i, j);
  }

  function pointOutput(o, i, j) {
    showKernel(o);
    const list = terms(now, o, i, j);
    const lit = new Map([[parts.outputs[o].cell(i, j), "cl-here"]]);
    for (const term of list) {
      lit.set(parts.inputs[term.channel].cell(term.row, term.column), "cl-read");
      lit.set(parts.kernels[term.channel - now.firstChannel(o)].cell(term.kernelRow, term.kernelColumn), "cl-read");
    }
    light(lit);
    const zeros = list.filter((term) => term.source === null).length;
    setText(where, [
      now.outChannels > 1 ? `Output channel ${o}, row ${i}, column ${j}` : `Output row ${i}, column ${j}`,
      zeros ? `${zeros} of ${list.length} taps on the zero padding` : "",
    ].filter(Boolean).join(" · "));
    tell(o, list);
  }

  function tell(o, list) {
    const bias = now.bias ? now.bias[o] : null;
    const first = now.firstChannel(o);
    const result = (part, extra) => hidden ? "= ?" : resultText(part, extra);
    const lines = [];
    if (now.perGroup === 1) {
      lines.push([now.inChannels > 1 ? `channel ${first}` : "", sumText(list, bias), result(list, bias)]);
    } else {
      const channels = range(now.perGroup).map((c) => list.filter((term) => term.channel === first + c));
      channels.forEach((part, c) => lines.push([`channel ${first + c}`, sumText(part), result(part, null)]));
      const totals = hidden ? channels.map(() => "?") : channels.map((part) => resultText(part).slice(2));
      if (bias !== null) totals.push(`${show(bias)} (bias)`);
      lines.push(["sum", totals.join(" + ").replaceAll("+ -", "- "), result(list, bias)]);
    }
    while (sums.children.length > lines.length) sums.lastChild.remove();
    while (sums.children.length < lines.length) sums.append(h("div", {}, h("span", { class: "cl-of" }), h("span"), " ", h("b")));
    lines.forEach(([of, sum, total], index) => {
      const [a, b, c] = sums.children[index].children;
      setText(a, of && `${of}: `);
      setText(b, sum);
      setText(c, total);
    });
  }

  function pointInput(c, r, k) {
    const isInside = r >= 0 && k >= 0 && r < now.rows.size && k < now.columns.size;
    if (!isInside) return pointPadding(c, r, k);
    const users = usersOf(now, c, r, k);
    const lit = new Map([[parts.inputs[c].cell(r, k), "cl-here"]]);
    const channel = users.some((user) => user.o === kernelOf) || !users.length ? kernelOf : users[0].o;
    showKernel(channel);
    for (const user of users) {
      const cell = parts.outputs[user.o].cell(user.i, user.j);
      cell.dataset.weight = `×${cellText(user.weight)}`;
      lit.set(cell, "cl-used");
      if (user.o === channel) for (const [u, v] of user.taps) lit.set(parts.kernels[c - now.firstChannel(channel)].cell(u, v), "cl-read");
    }
    light(lit);
    setText(where, `Input ${now.inChannels > 1 ? `channel ${c}, ` : ""}row ${r}, column ${k}`);
    tellLine(users.length ? `${show(now.x[c][r][k])} goes into ${users.length} output${users.length > 1 ? "s" : ""}, each time with the weight shown there.` :
      `${show(now.x[c][r][k])} goes into no output: no window touches it.`);
  }

  function pointPadding(c, r, k) {
    const from = [now.rowSources[r + now.rows.before], now.columnSources[k + now.columns.before]];
    const isZero = from.includes(-1);
    const lit = new Map([[parts.inputs[c].cell(r, k), "cl-here"]]);
    if (!isZero) lit.set(parts.inputs[c].cell(...from), "cl-read");
    light(lit);
    setText(where, `Padding, row ${r}, column ${k}`);
    tellLine(isZero ? "A zero that the padding adds." : `The padding (${now.mode}) takes this number from row ${from[0]}, column ${from[1]}: ${show(now.x[c][from[0]][from[1]])}.`);
  }

  function pointKernel(c, u, v) {
    const channel = now.firstChannel(kernelOf) + c;
    const lit = new Map([[parts.kernels[c].cell(u, v), "cl-here"]]);
    for (const i of range(now.rows.outputSize)) {
      for (const j of range(now.columns.outputSize)) lit.set(parts.inputs[channel].cell(now.rows.taps(i)[u], now.columns.taps(j)[v]), "cl-read");
    }
    light(lit);
    setText(where, `Weight, row ${u}, column ${v}`);
    tellLine(`${show(now.weight[kernelOf][c][u][v])} multiplies the ${lit.size - 1} lit numbers of ${now.inChannels > 1 ? `input channel ${channel}` : "the input"}, one for each output.`);
  }

  function tellLine(text) {
    sums.replaceChildren(h("div", {}, h("span", { class: "cl-of" }), h("span", {}, text), " ", h("b")));
  }

  function pick(o, i, j) {
    now.at = [o, i, j];
    model.set("at", [o, i, j]);
    model.save_changes();
  }

  // Changing -------------------------------------------------------------------------------------------------------------

  function editNumber(name, [...path], text) {
    const value = typedNumber(text, base.say);
    if (value === null) return;
    const next = JSON.parse(JSON.stringify(model.get(name)));
    const last = path.pop();
    path.reduce((part, index) => part[index], next)[last] = value;
    base.propose({ [name]: next });
  }

  function withKernels(make) {
    return now.weight.map((slices) => slices.map(make));
  }

  // Another number of groups: each output channel reads fewer or more channels; its kernels are cut or repeated.
  function withGroups(groups) {
    return now.weight.map((slices) => range(now.inChannels / groups).map((c) => slices[c % slices.length]));
  }

  function controlPanel() {
    let wantsApart = false;
    const apart = checkbox({ name: "Height and width apart", onChange: (on) => { wantsApart = on; panel.set(); } });
    const current = (name, i) => name === "kernel_size" ? [now.rows, now.columns][i].kernelSize : name === "padding" ? [now.rows, now.columns][i].before : pair(model.get(name))[i];
    const change = (name, i) => (number) => {
      const next = i === null ? [number, number] : [0, 1].map((index) => index === i ? number : current(name, index));
      if (name === "kernel_size") return base.propose({ weight: withKernels((kernel) => resized(kernel, ...next)) });
      return base.propose({ [name]: next[0] === next[1] ? next[0] : next });
    };
    const sliders = SLIDERS.filter(([name]) => controls.has(name)).map(([name, label, min, max]) => ({
      name,
      both: slider({ name: label, min, max, onInput: change(name, null) }),
      each: ["height", "width"].map((side, i) => slider({ name: `${label} ${side}`, min, max, onInput: change(name, i) })),
    }));
    const groups = slider({ name: "Groups", min: 1, max: 8, onInput: (number, before) => {
      const legal = range(8).map((index) => index + 1).filter((value) => now.inChannels % value === 0 && now.outChannels % value === 0);
      if (legal.includes(number)) return base.propose({ groups: number, weight: withGroups(number) });
      const onward = number > before ? legal.find((value) => value > number) : legal.findLast((value) => value < number);
      const reason = `Groups ${number} must divide the ${now.inChannels} input and the ${now.outChannels} output channels; ${legal.join(", ")} do.`;
      if (onward) base.propose({ groups: onward, weight: withGroups(onward) });
      base.say(reason);
      return false;
    } });
    const words = choice({ name: "Padding words", options: [["valid", "'valid'"], ["same", "'same'"]], onChange: (word) => base.propose({ padding: word }) });
    const mode = select({ name: "Padding mode", options: PADDING_MODES, onChange: (value) => base.propose({ padding_mode: value }) });
    const make = (name) => PRESETS[name](now.rows.kernelSize, now.columns.kernelSize);
    const presets = choice({ name: "Kernel preset", options: Object.keys(PRESETS).map((name) => [name, name]), onChange: (name) => base.propose({ weight: withKernels(() => make(name)) }) });
    const currentPreset = () => Object.keys(PRESETS).find((name) => now.weight.flat().every((kernel) => JSON.stringify(kernel) === JSON.stringify(make(name))));
    const slots = h("div", { class: "cl-sliders" });
    const captioned = (caption, body) => h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, caption), body);
    const others = h("div", { class: "cl-choices" }, controls.has("padding") ? captioned("Padding", words.el) : null,
      controls.has("padding_mode") ? mode.el : null, controls.has("apart") ? apart.el : null, controls.has("presets") ? captioned("Kernel", presets.el) : null);
    const set = () => {
      const differs = SLIDERS.some(([name]) => current(name, 0) !== current(name, 1));
      const isApart = wantsApart || differs;
      apart.set(isApart);
      apart.input.disabled = differs;
      const wanted = sliders.flatMap((each) => isApart ? each.each : [each.both]);
      if (controls.has("groups")) wanted.push(groups);
      if (slots.children.length !== wanted.length) slots.replaceChildren(...wanted.map((each) => each.el));
      for (const each of sliders) {
        each.both.set(current(each.name, 0));
        each.each.forEach((one, i) => one.set(current(each.name, i)));
      }
      groups.input.max = Math.max(2, Math.min(now.inChannels, now.outChannels));
      groups.set(now.groups);
      words.set(model.get("padding"));
      mode.set(now.mode);
      presets.set(currentPreset());
    };
    return { el: h("div", { class: "cl-controls" }, slots, others), set };
  }

  // Telling --------------------------------------------------------------------------------------------------------------

  function paintFacts() {
    const formula = (name, a) => {
      const token = (number, symbol) => h("span", { class: "cl-token" }, h("b", {}, String(number)), h("small", {}, symbol));
      const padding = a.before === a.after ? [token(`2·${a.before}`, "2·padding")] : [token(`${a.before} + ${a.after}`, "padding")];
      return [h("dt", {}, `Output ${name}`), h("dd", { class: "cl-formula" }, "⌊(", token(a.size, name), "+", ...padding, "−", token(`${a.dilation}·(${a.kernelSize} − 1)`, "dilation·(kernel − 1)"),
        "− 1) /", token(a.stride, "stride"), "⌋ + 1 =", token(a.outputSize, "output"))];
    };
    const { rows, columns, perGroup, outChannels, bias } = now;
    const taps = `${perGroup}·${rows.kernelSize}·${columns.kernelSize}`;
    facts.replaceChildren(...formula("height", rows), ...formula("width", columns),
      h("dt", {}, "Parameters"), h("dd", {}, `${outChannels}·${taps}${bias ? ` + ${outChannels}` : ""} = `, h("b", {}, parameters(now).toLocaleString("en"))),
      h("dt", {}, "MACs"), h("dd", {}, `${outChannels}·${rows.outputSize}·${columns.outputSize} outputs × ${taps} = `, h("b", {}, macs(now).toLocaleString("en"))));
    setText(line, torchLine(now.state));
    setText(unread, unreadText());
    unread.hidden = unread.textContent === "";
  }

  function unreadText() {
    const { rows, columns } = now;
    const list = (positions, word) => positions.length ? `${word}${positions.length > 1 ? "s" : ""} ${positions.join(", ")}` : "";
    const lost = [list(rows.unread, "row"), list(columns.unread, "column")].filter(Boolean).join(" and ");
    const count = rows.size * columns.size - (rows.size - rows.unread.length) * (columns.size - columns.unread.length);
    const reason = (a, word) => a.leftOver ? `the last window ends at ${word} ${a.taps(a.outputSize - 1)[a.kernelSize - 1]}, and one more stride of ${a.stride} would pass the end` : "";
    const why = [reason(rows, "row"), reason(columns, "column")].filter(Boolean)[0];
    if (lost) return `Hatched: ${lost} (${count} of ${rows.size * columns.size} inputs) are read by no window${why ? `: ${why}` : ", because the stride or dilation steps over them"}.`;
    if (why) return `Hatched: padding that no window reads: ${why}.`;
    return "";
  }

  // Stepping and predicting ----------------------------------------------------------------------------------------------

  function step(by) {
    const [o, i, j] = now.at;
    const [h_, w] = [now.rows.outputSize, now.columns.outputSize];
    const count = now.outChannels * h_ * w;
    const index = (((o * h_ + i) * w + j + by) % count + count) % count;
    pick(Math.floor(index / (h_ * w)), Math.floor(index / w) % h_, index % w);
    rest();
  }

  function play(on) {
    clearInterval(playing);
    playing = on ? setInterval(() => step(1), 700) : null;
    rename(transport[1], on ? "Pause" : "Play", on ? "pause" : "play");
  }

  function questionBox() {
    const [text, answer] = Array.isArray(predict) ? predict : [predict, null];
    const input = h("input", { class: "cl-answer", inputmode: "text", "aria-label": "Your prediction", autocomplete: "off" });
    const said = h("span", { "aria-live": "polite", class: "cl-said" });
    const reveal = (words) => {
      hidden = false;
      setText(said, words);
      buttons.hidden = true;
      paintOutput();
      rest();
    };
    const right = () => answer ?? numbers[now.at[0]][now.at[1]][now.at[2]];
    const submit = (event) => {
      event.preventDefault();
      const value = typedNumber(input.value, (words) => setText(said, words));
      if (value === null) return;
      if (Math.abs(value - right()) < 1e-6) reveal(`${show(value)} is right.`);
      else setText(said, `Not ${show(value)}. Look at the lit window and try again.`);
    };
    const buttons = h("span", {}, input, h("button", { type: "submit", class: "cl-button" }, h("span", {}, "Check")), button("Show", () => reveal(`It is ${show(right())}.`)));
    return h("form", { class: "cl-question", onsubmit: submit }, h("p", {}, h("b", {}, "Predict first. "), text), buttons, said);
  }

  base.start();
  let width = stage.clientWidth;
  const watch = new ResizeObserver(() => {
    if (stage.clientWidth !== width) fit();
    width = stage.clientWidth;
  });
  watch.observe(stage);
  return () => {
    play(false);
    watch.disconnect();
    base.end();
  };
}
