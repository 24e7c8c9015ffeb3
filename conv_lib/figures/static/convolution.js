// ConvolutionFigure: input, kernel and output as grids of numbers, each of which can be pointed at and changed.

import { conv2d, pair, plan, range, shapeOf, show, terms, torchLine, usersOf } from "./core.js";
import { button, codeLine, figure, h, marks, rename, renew, renewedBy, setText, typedNumber } from "./ui.js";
import { makePanel } from "./convolution_panel.js";
import { cellText, makeStage } from "./convolution_stage.js";
import { factList, sumLines, unreadText, whereText } from "./convolution_words.js";

const TRAITS = ["x", "weight", "bias", "stride", "padding", "dilation", "groups", "padding_mode", "at"];

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

export const render = renewedBy(["controls", "predict"], open);

function open({ model, el }) {
  const predict = model.get("predict");
  const light = marks();
  let now = null;
  let numbers = null;
  let hidden = predict !== null;
  let playing = null;
  let settling = null;
  let drawn = "";
  let showing = rest;

  const base = figure({ model, el, traits: TRAITS, check: plan, trust, draw });
  const stage = makeStage({ input: pointing(pointInput), kernel: pointing(pointKernel), output: pointing(pointOutput), pick, edit: editNumber, leave: rest });
  const where = h("div", { class: "cl-where" });
  const sums = h("div", { class: "cl-sums" });
  const status = h("div", { class: "cl-terms", role: "status" }, where, sums);
  const unread = h("p", { class: "cl-unread" });
  const facts = h("dl", { class: "cl-facts" });
  const line = codeLine();
  const panel = makePanel({ controls: new Set(model.get("controls")), propose: base.propose, say: base.say });
  const transport = [
    button("Step back", () => step(-1), { icon: "back" }), button("Play", () => play(playing === null), { icon: "play" }), button("Step forward", () => step(1), { icon: "forward" }),
  ];
  const hint = h("span", { class: "cl-hint" }, "Point at any number, tap it, or use the arrow keys. To change an input or a weight: double-click, tap twice, or Enter.");
  const question = predict === null ? [] : [questionBox()];
  base.body.append(...question, stage.el, status, h("div", { class: "cl-transport" }, transport, hint), unread, h("div", {}, panel.el, base.note), facts, line.el);

  function draw(layer, state) {
    const others = JSON.stringify({ ...state, at: null });
    now = { ...layer, state };
    now.at = state.at.map((index, i) => Math.min(index, [layer.outChannels, layer.rows.outputSize, layer.columns.outputSize][i] - 1));
    if (others === drawn) return rest();
    drawn = others;
    numbers = conv2d(layer);
    const resized = stage.paint(now, numbers, hidden);
    renew(facts, factList(now));
    line.set(torchLine(state));
    setText(unread, unreadText(now));
    unread.hidden = unread.textContent === "";
    panel.set(now);
    rest();
    if (resized) settle();
  }

  // When the sizes have come to rest: room for the sum of a window in the middle, the longest there is, so that the page stays
  // still while the pointer moves.
  function settle() {
    clearTimeout(settling);
    settling = setTimeout(() => {
      const middle = [now.at[0], now.rows.outputSize >> 1, now.columns.outputSize >> 1];
      status.style.minHeight = "";
      tellSum(...middle, terms(now, ...middle));
      status.style.minHeight = `${status.offsetHeight}px`;
      showing();
    }, 250);
  }

  // Pointing -------------------------------------------------------------------------------------------------------------

  // The same action, kept as what is being shown.
  function pointing(action) {
    return (...place) => {
      showing = () => action(...place);
      showing();
    };
  }

  function rest() {
    showing = rest;
    const [o, i, j] = now.at;
    stage.parts.outputs[o].stopAt(i, j);
    pointOutput(o, i, j);
  }

  function pointOutput(o, i, j) {
    stage.showKernel(o);
    const list = terms(now, o, i, j);
    const lit = new Map([[stage.parts.outputs[o].cell(i, j), "cl-here"]]);
    for (const term of list) {
      lit.set(stage.parts.inputs[term.channel].cell(term.row, term.column), "cl-read");
      lit.set(stage.parts.kernels[term.channel - now.firstChannel(o)].cell(term.kernelRow, term.kernelColumn), "cl-read");
    }
    light(lit);
    tellSum(o, i, j, list);
  }

  function tellSum(o, i, j, list) {
    tell(whereText(now, o, i, j, list), sumLines(now, o, list, hidden));
  }

  function tell(place, lines) {
    setText(where, place);
    while (sums.children.length > lines.length) sums.lastChild.remove();
    while (sums.children.length < lines.length) sums.append(h("div", {}, h("span", { class: "cl-of" }), h("span"), " ", h("b")));
    lines.forEach((texts, index) => texts.forEach((text, i) => setText(sums.children[index].children[i], text)));
  }

  function pointInput(c, r, k) {
    const isInside = r >= 0 && k >= 0 && r < now.rows.size && k < now.columns.size;
    if (!isInside) return pointPadding(c, r, k);
    const users = usersOf(now, c, r, k);
    const lit = new Map([[stage.parts.inputs[c].cell(r, k), "cl-here"]]);
    const channel = users.some((user) => user.o === stage.kernelOf()) || !users.length ? stage.kernelOf() : users[0].o;
    stage.showKernel(channel);
    for (const user of users) {
      const cell = stage.parts.outputs[user.o].cell(user.i, user.j);
      cell.dataset.weight = `×${cellText(user.weight)}`;
      lit.set(cell, "cl-used");
      if (user.o === channel) for (const [u, v] of user.taps) lit.set(stage.parts.kernels[c - now.firstChannel(channel)].cell(u, v), "cl-read");
    }
    light(lit);
    const goes = users.length ? `goes into ${users.length} output${users.length > 1 ? "s" : ""}, each time with the weight shown there.` : "goes into no output: no window touches it.";
    tell(`Input ${now.inChannels > 1 ? `channel ${c}, ` : ""}row ${r}, column ${k}`, [["", `${show(now.x[c][r][k])} ${goes}`, ""]]);
  }

  function pointPadding(c, r, k) {
    const from = [now.rowSources[r + now.rows.before], now.columnSources[k + now.columns.before]];
    const isZero = from.includes(-1);
    const lit = new Map([[stage.parts.inputs[c].cell(r, k), "cl-here"]]);
    if (!isZero) lit.set(stage.parts.inputs[c].cell(...from), "cl-read");
    light(lit);
    const what = isZero ? "A zero that the padding adds." : `The padding (${now.mode}) takes this number, ${show(now.x[c][from[0]][from[1]])}, from row ${from[0]}, column ${from[1]}.`;
    tell(`Padding, row ${r}, column ${k}`, [["", what, ""]]);
  }

  function pointKernel(c, u, v) {
    const channel = now.firstChannel(stage.kernelOf()) + c;
    const lit = new Map([[stage.parts.kernels[c].cell(u, v), "cl-here"]]);
    for (const i of range(now.rows.outputSize)) {
      for (const j of range(now.columns.outputSize)) lit.set(stage.parts.inputs[channel].cell(now.rows.taps(i)[u], now.columns.taps(j)[v]), "cl-read");
    }
    light(lit);
    const meets = `multiplies the ${lit.size - 1} lit numbers of ${now.inChannels > 1 ? `input channel ${channel}` : "the input"}, one for each output.`;
    tell(`Weight, row ${u}, column ${v}`, [["", `${show(now.weight[stage.kernelOf()][c][u][v])} ${meets}`, ""]]);
  }

  function pick(o, i, j) {
    model.set("at", [o, i, j]);
    model.save_changes();
  }

  function editNumber(name, [...path], text) {
    const value = typedNumber(text, base.say);
    if (value === null) return;
    const next = JSON.parse(JSON.stringify(model.get(name)));
    const last = path.pop();
    path.reduce((part, index) => part[index], next)[last] = value;
    base.propose({ [name]: next });
  }

  // Stepping and predicting ----------------------------------------------------------------------------------------------

  function step(by) {
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
      setText(said, words);
      buttons.hidden = true;
      stage.paint(now, numbers, hidden);
      rest();
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
    clearTimeout(settling);
    stage.end();
    base.end();
  };
}
