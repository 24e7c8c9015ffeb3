// ConvolutionFigure: input, kernel and output as grids of numbers, each of which can be pointed at and changed.

import { MOST_CELLS, cells, conv2d, fits, isWhole, plan, plural, range, show, terms, torchLine, usersOf } from "./core.js";
import { button, codeLine, h, marks, rename, renew, setText, typedNumber } from "./ui.js";
import { figure, renewedBy } from "./life.js";
import { backFacts, gradients, inputBack, outputBack, outputGradient, weightBack } from "./convolution_back.js";
import { makePanel } from "./convolution_panel.js";
import { cellText, makeStage } from "./convolution_stage.js";
import { factList, sumLines, unreadText, whereText } from "./convolution_words.js";

const TRAITS = ["x", "weight", "bias", "stride", "padding", "dilation", "groups", "padding_mode", "at", "direction", "grad_output"];

function check(state) {
  const layer = plan(state);
  if (cells(layer) > MOST_CELLS) throw new RangeError(`That would be ${cells(layer)} numbers; at most ${MOST_CELLS} are shown one by one.`);
  return layer;
}

// A state from a link may hold anything: only numbers of a figure's size pass.
function trust(state) {
  const demand = (holds) => {
    if (!holds) throw new TypeError("not a state of this figure");
  };
  demand(fits(state.x, [8, 16, 16]) && fits(state.weight, [8, 8, 9, 9]));
  demand(state.bias === null || (fits(state.bias, [8]) && state.bias.length === state.weight.length));
  demand(["forward", "backward"].includes(state.direction) && (state.grad_output === null || fits(state.grad_output, [8, 48, 48])));
  for (const name of ["stride", "padding", "dilation"]) {
    const sides = [state[name]].flat();
    demand(["same", "valid"].includes(state[name]) ? name === "padding" : [1, 2].includes(sides.length) && sides.every((value) => isWhole(value, 0, 8)));
  }
  demand(Array.isArray(state.at) && state.at.length === 3 && state.at.every((index) => isWhole(index, 0, 1e6)));
}

export const render = renewedBy(["controls", "predict"], open);

function open({ model, el }) {
  const predict = model.get("predict");
  const light = marks();
  let now = null;
  let numbers = null;
  let grad = null;
  let hidden = predict !== null;
  let playing = null;
  let drawn = "";

  const base = figure({ model, el, traits: TRAITS, check, trust, draw, rest, longest });
  const stage = makeStage({ grid: base.grid, onWidth: base.onWidth, names, input: pointInput, kernel: pointKernel, output: pointOutput, pick, edits });
  const unread = h("p", { class: "cl-unread" });
  const facts = h("dl", { class: "cl-facts" });
  const line = codeLine();
  const panel = makePanel({ controls: new Set(model.get("controls")), propose: base.propose, say: base.say });
  const transport = [
    button("Step back", () => step(-1), { icon: "back" }), button("Play", () => play(playing === null), { icon: "play", kind: "cl-play" }), button("Step forward", () => step(1), { icon: "forward" }),
  ];
  const hint = h("span", { class: "cl-hint" });
  if (predict !== null) base.controls.before(questionBox());
  base.controls.append(...panel.parts);
  base.body.append(stage.el, h("div", { class: "cl-transport" }, transport, hint), base.status, unread, facts, line.el);

  function draw(layer, state) {
    const at = state.at.map((index, i) => Math.min(index, [layer.outChannels, layer.rows.outputSize, layer.columns.outputSize][i] - 1));
    const isMoved = `${at}` !== `${now?.at}`;
    const others = JSON.stringify({ ...state, at: null });
    now = { ...layer, state, at };
    if (others !== drawn) {
      drawn = others;
      numbers = conv2d(layer);
      grad = state.direction === "backward" ? outputGradient(layer, state.grad_output) : null;
      if (grad) stage.paint(gradients(now, grad), grad, false);
      else stage.paint(now, numbers, hidden);
      stage.el.classList.toggle("cl-back", grad !== null);
      setText(hint, `Point at any number, tap it, or use the arrow keys. To change ${grad ? "an output’s gradient" : "an input or a weight"}: double-click, tap twice, or Enter.`);
      renew(facts, [...grad ? backFacts(now, grad) : [], ...factList(now)]);
      line.set(torchLine(state));
      setText(unread, unreadText(now));
      unread.hidden = !unreadText(now);
      panel.set(now);
    }
    if (isMoved && !base.isEditing()) base.show(rest);
  }

  function names() {
    const of = (what) => grad ? `${what} gradient` : what;
    return { input: of("Input"), kernel: of("Kernel"), output: of("Output"), idle: "not read by output channel", of: "for output" };
  }

  // The windows whose numbers have the most digits: their sums are the longest.
  function longest() {
    if (grad) {
      const [c, o] = [now.firstChannel(stage.kernelOf()), stage.kernelOf()];
      const told = [inputBack(now, grad, c, now.rows.size >> 1, now.columns.size >> 1), weightBack(now, grad, o, 0, 0, 0), weightBack(now, grad, o, 0, now.rows.kernelSize >> 1, now.columns.kernelSize >> 1)];
      return told.map(({ lines, where }) => [lines, where]);
    }
    const nested = (value, write) => Array.isArray(value) ? value.map((part) => nested(part, write)) : write(value);
    const [one, digits] = [() => 1, (value) => show(value).length + 1];
    const [values, weights] = [[digits, one], [one, digits]].map(([x, weight]) => conv2d({ ...now, x: nested(now.x, x), weight: nested(now.weight, weight), bias: null }));
    const places = values.flatMap((rows, o) => rows.flatMap((row, i) => row.map((length, j) => [length + weights[o][i][j], o, i, j])));
    const last = places.at(-1); // a window over the ring: its place has more to say
    const sums = [...places.sort((a, b) => b[0] - a[0]).slice(0, 12), last].map(([, ...place]) => sumOf(...place));
    return [...sums, ...[goesInto(places.length), multiplies(places.length, 0)].map((text) => [`-9999 ${text}`])];
  }

  // Pointing -------------------------------------------------------------------------------------------------------------

  const inside = (index, size) => index >= 0 && index < size;

  function rest() {
    const [o, i, j] = now.at;
    stage.parts.outputs[o].stopAt(i, j);
    pointOutput(o, i, j);
  }

  function pointOutput(o, i, j) {
    if (!inside(o, now.outChannels) || !inside(i, now.rows.outputSize) || !inside(j, now.columns.outputSize)) return false;
    stage.showKernel(o);
    const list = terms(now, o, i, j);
    if (grad) {
      const { lines, where } = outputBack(now, grad, o, i, j);
      const sent = new Map([[stage.parts.outputs[o].cell(i, j), "cl-here"]]);
      badges(sent, list.filter(({ source }) => source).map(({ channel, source, weight }) => [stage.parts.inputs[channel].cell(...source), weight]));
      light(sent);
      return base.tell(lines, where);
    }
    const lit = new Map([[stage.parts.outputs[o].cell(i, j), "cl-here"]]);
    for (const term of list) {
      lit.set(stage.parts.inputs[term.channel].cell(term.row, term.column), "cl-read");
      lit.set(stage.parts.kernels[term.channel - now.firstChannel(o)].cell(term.kernelRow, term.kernelColumn), "cl-read");
    }
    light(lit);
    return base.tell(...sumOf(o, i, j, list));
  }

  function sumOf(o, i, j, list = terms(now, o, i, j)) {
    return [sumLines(now, o, list, hidden), whereText(now, o, i, j, list)];
  }

  function pointInput(c, r, k) {
    const { rows, columns } = now;
    if (!inside(c, now.inChannels) || !inside(r + rows.before, rows.paddedSize) || !inside(k + columns.before, columns.paddedSize)) return false;
    if (!inside(r, rows.size) || !inside(k, columns.size)) return pointPadding(c, r, k);
    if (grad) return pointInputBack(c, r, k);
    const users = usersOf(now, c, r, k);
    const lit = new Map([[stage.parts.inputs[c].cell(r, k), "cl-here"]]);
    const channel = users.some((user) => user.o === stage.kernelOf()) || !users.length ? stage.kernelOf() : users[0].o;
    stage.showKernel(channel);
    for (const user of users) {
      badge(lit, stage.parts.outputs[user.o].cell(user.i, user.j), `×${cellText(user.weight)}`);
      if (user.o === channel) for (const [u, v] of user.taps) lit.set(stage.parts.kernels[c - now.firstChannel(channel)].cell(u, v), "cl-read");
    }
    light(lit);
    return base.tell(`${show(now.x[c][r][k])} ${goesInto(users.length)}`, `Input ${now.inChannels > 1 ? `channel ${c}, ` : ""}row ${r}, column ${k}`);
  }

  function goesInto(count) {
    return count ? `goes into ${plural(count, "output")}, each time with the weight shown there.` : "goes into no output: no window reads it.";
  }

  function badge(lit, cell, text) {
    cell.dataset.weight = text;
    lit.set(cell, "cl-used");
  }

  // The weight between two numbers on each cell; where the padding repeats a pixel they meet more than once, and the weights add up.
  function badges(lit, pairs) {
    const totals = new Map();
    for (const [cell, weight] of pairs) totals.set(cell, (totals.get(cell) ?? 0) + weight);
    for (const [cell, weight] of totals) badge(lit, cell, `×${cellText(weight)}`);
  }

  function pointInputBack(c, r, k) {
    const { lines, where, list } = inputBack(now, grad, c, r, k);
    const lit = new Map([[stage.parts.inputs[c].cell(r, k), "cl-here"]]);
    const channel = list.some(({ output }) => output[0] === stage.kernelOf()) || !list.length ? stage.kernelOf() : list[0].output[0];
    stage.showKernel(channel);
    for (const { output: [o], tap } of list) if (o === channel) lit.set(stage.parts.kernels[c - now.firstChannel(o)].cell(...tap), "cl-read");
    badges(lit, list.map(({ output: [o, i, j], weight }) => [stage.parts.outputs[o].cell(i, j), weight]));
    light(lit);
    return base.tell(lines, where);
  }

  function pointKernelBack(c, u, v) {
    const o = stage.kernelOf();
    const { lines, where, list } = weightBack(now, grad, o, c, u, v);
    const channel = now.firstChannel(o) + c;
    const lit = new Map([[stage.parts.kernels[c].cell(u, v), "cl-here"]]);
    for (const { output: [, i, j], source } of list) {
      lit.set(stage.parts.outputs[o].cell(i, j), "cl-read");
      if (source) badge(lit, stage.parts.inputs[channel].cell(...source), show(now.x[channel][source[0]][source[1]]));
    }
    light(lit);
    return base.tell(lines, where);
  }

  function pointPadding(c, r, k) {
    const from = [now.rows.sources[r + now.rows.before], now.columns.sources[k + now.columns.before]];
    const isZero = from.includes(-1);
    const lit = new Map([[stage.parts.inputs[c].cell(r, k), "cl-here"]]);
    if (!isZero) lit.set(stage.parts.inputs[c].cell(...from), "cl-read");
    light(lit);
    const home = isZero ? "A zero of the padding is no input: what flows to it is dropped." : `What flows to this copy goes home, to row ${from[0]}, column ${from[1]}.`;
    const what = grad ? home : isZero ? "A zero that the padding adds." : `The padding (${now.mode}) takes this number, ${show(now.x[c][from[0]][from[1]])}, from row ${from[0]}, column ${from[1]}.`;
    return base.tell(what, `Padding, row ${r}, column ${k}`);
  }

  function pointKernel(c, u, v) {
    if (!inside(c, now.perGroup) || !inside(u, now.rows.kernelSize) || !inside(v, now.columns.kernelSize)) return false;
    if (grad) return pointKernelBack(c, u, v);
    const channel = now.firstChannel(stage.kernelOf()) + c;
    const lit = new Map([[stage.parts.kernels[c].cell(u, v), "cl-here"]]);
    for (const i of range(now.rows.outputSize)) {
      for (const j of range(now.columns.outputSize)) lit.set(stage.parts.inputs[channel].cell(now.rows.taps(i)[u], now.columns.taps(j)[v]), "cl-read");
    }
    light(lit);
    return base.tell(`${show(now.weight[stage.kernelOf()][c][u][v])} ${multiplies(lit.size - 1, channel)}`, `Weight, row ${u}, column ${v}`);
  }

  function multiplies(count, channel) {
    return `multiplies the ${count > 1 ? `${count} lit numbers` : "lit number"} of ${now.inChannels > 1 ? `input channel ${channel}` : "the input"}, one for each output.`;
  }

  function pick(o, i, j) {
    model.set("at", [o, i, j]);
    model.save_changes();
    base.show(rest);
  }

  // Forward the inputs and weights can be changed, backward the gradients of the outputs.
  function edits(name, path) {
    if ((name === "output") !== Boolean(grad)) return null;
    return grad ? base.takes("grad_output", path, () => grad) : base.takes(name, path);
  }

  // Stepping and predicting ----------------------------------------------------------------------------------------------

  function step(by) {
    if (base.isEditing()) return;
    const [o, i, j] = now.at;
    const [high, wide] = [now.rows.outputSize, now.columns.outputSize];
    const count = now.outChannels * high * wide;
    const index = (((o * high + i) * wide + j + by) % count + count) % count;
    pick(Math.floor(index / (high * wide)), Math.floor(index / wide) % high, index % wide);
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
      drawn = "";
      setText(said, words);
      buttons.hidden = true;
      base.propose({});
      base.show(rest);
    };
    const [o, i, j] = model.get("at");
    const right = () => answer ?? numbers[o]?.[i]?.[j] ?? numbers[now.at[0]][now.at[1]][now.at[2]];
    const submit = (event) => {
      event.preventDefault();
      const value = typedNumber(input.value, (words) => setText(said, words), 1e9, "");
      if (value === null) return;
      if (Math.abs(value - right()) < 1e-6) reveal(`${show(value)} is right.`);
      else setText(said, `Not ${show(value)}. Look at the lit window and try again.`);
    };
    const buttons = h("span", {}, input, h("button", { type: "submit", class: "cl-button" }, h("span", {}, "Check")), button("Show", () => reveal(`It is ${show(right())}.`)));
    return h("form", { class: "cl-question", onsubmit: submit }, h("p", {}, h("b", {}, "Predict first. "), text), buttons, said);
  }

  base.start();
  return () => {
    play(false);
    base.end();
  };
}
