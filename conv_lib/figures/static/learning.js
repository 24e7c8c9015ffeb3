// LearningFigure: input, kernel, output and target as grids; each step moves every weight against its gradient, told as its sum.

import { fits, isWhole, range, show, sumText } from "./core.js";
import { gradientTerms, learn } from "./core_learn.js";
import { cellText } from "./convolution_stage.js";
import { figure } from "./life.js";
import { button, choice, h, heat, marks, rename, setText, slider, svg, typedNumber } from "./ui.js";

const TRAITS = ["x", "hidden", "seed", "rate", "steps"];
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];
const MOST_STEPS = 400;
const [WIDE, TALL] = [320, 96];

function trust(state) {
  const isOwn = fits(state.hidden, [3, 3]) && state.hidden.length === 3 && state.hidden[0].length === 3;
  if (!fits(state.x, [8, 8]) || state.x.length < 3 || state.x[0].length < 3 || (!["Sobel", "blur"].includes(state.hidden) && !isOwn) || !isWhole(state.seed, 0, 9999) || !RATES.includes(state.rate) || !isWhole(state.steps, 0, MOST_STEPS)) throw new TypeError("not a state of this figure");
}

// A number that has been rounded for a cell or a sentence.
const brief = (value) => Math.abs(value) >= 1e6 ? value.toExponential(1) : show(Number(value.toFixed(2)));

export function render({ model, el }) {
  const light = marks();
  let now = null;
  let state = null;
  let running = null;
  const base = figure({ model, el, traits: TRAITS, check: learn, trust, draw, rest, longest, onReset: () => run(false) });
  const parts = {
    input: base.grid({ name: "Input", onPoint: pointInput }),
    kernel: base.grid({ name: "Kernel now", rows: 3, columns: 3, onPoint: pointWeight }),
    output: base.grid({ name: "Output", onPoint: (i, j) => pointOutput(i, j) }),
    target: base.grid({ name: "Target", onPoint: (i, j) => pointOutput(i, j) }),
    error: base.grid({ name: "Output − target", onPoint: (i, j) => pointOutput(i, j) }),
    hidden: base.grid({ name: "Hidden kernel", rows: 3, columns: 3, onPoint: pointHidden, edits: (u, v) => Array.isArray(state.hidden) ? (text) => editHidden(u, v, text) : null }),
  };
  const kinds = { input: "input", kernel: "kernel", output: "output", target: "output", error: "output", hidden: "kernel" };
  const boxes = Object.entries(parts).map(([name, part]) => h("div", { class: `cl-labelled cl-as-${kinds[name]}` }, h("div", { class: "cl-label" }, h("span", {}, part.el.getAttribute("aria-label"))), part.el));
  const stage = h("div", { class: "cl-learn" }, boxes);
  const buttons = [button("Back", () => go(-1), { icon: "back" }), button("Step", () => go(1), { icon: "forward" }), button("Run", () => run(running === null), { icon: "play" })];
  const loss = h("p", { class: "cl-loss" });
  const curve = svg("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, class: "cl-curve", role: "img" });
  const rate = slider({ name: "Learning rate", min: 0, max: RATES.length - 1, onInput: (index) => base.propose({ rate: RATES[index] }) });
  const hidden = choice({ name: "Hidden kernel", options: [["Sobel", "Sobel"], ["blur", "blur"], ["own", "your own"]], onChange: (name) => base.propose({ hidden: name === "own" ? now.hidden : name, steps: 0 }) });
  const anew = button("Another start", () => base.propose({ seed: (state.seed + 1) % 10000, steps: 0 }));
  base.controls.append(h("div", { class: "cl-choices" }, h("div", { class: "cl-choice" }, h("span", { class: "cl-caption" }, "The target is made by"), hidden.el)), h("div", { class: "cl-sliders" }, rate.el));
  base.body.append(h("div", { class: "cl-transport" }, buttons, anew), h("div", { class: "cl-outcome" }, h("div", { class: "cl-told" }, loss, h("p", { class: "cl-where" }, "The curve: the loss after each step, on a logarithmic scale.")), curve), stage, base.status);

  function draw(found, next) {
    [now, state] = [found, next];
    const values = { input: state.x, kernel: now.kernel, output: now.output, target: now.target, error: now.error, hidden: now.hidden };
    for (const [name, part] of Object.entries(parts)) paint(part, values[name]);
    rate.set(RATES.indexOf(state.rate), String(state.rate));
    hidden.set(Array.isArray(state.hidden) ? "own" : state.hidden);
    buttons[0].disabled = state.steps === 0;
    buttons[1].disabled = buttons[2].disabled = state.steps >= MOST_STEPS || now.diverged;
    if (buttons[1].disabled) run(false);
    const last = now.losses.at(-1);
    setText(loss, `Step ${now.losses.length - 1}: loss ${brief(last)}${now.diverged ? ". It diverges: the learning rate is too large." : ""}`);
    drawCurve();
  }

  function paint(part, values) {
    const most = Math.max(...values.flat().map(Math.abs));
    part.resize(values.length, values[0].length);
    values.forEach((row, r) => row.forEach((value, c) => {
      const cell = part.cell(r, c);
      setText(cell, Math.abs(value) < 1e4 ? cellText(Number(value.toFixed(1))) : "…");
      heat(cell, value, most);
    }));
  }

  // The logarithm of the loss, step by step.
  function drawCurve() {
    const logs = now.losses.map((value) => Math.log10(Math.max(value, 1e-6)));
    const [low, high] = [Math.min(-1, ...logs), Math.max(3, ...logs)];
    const steps = Math.max(20, logs.length - 1);
    const at = (value, step) => [4 + step / steps * (WIDE - 8), 6 + (high - value) / (high - low) * (TALL - 12)];
    const marked = at(logs.at(-1), logs.length - 1);
    curve.setAttribute("aria-label", `Loss over ${logs.length - 1} steps, from ${brief(now.losses[0])} to ${brief(now.losses.at(-1))}`);
    curve.replaceChildren(
      svg("polyline", { points: logs.map((value, step) => at(value, step).map((number) => number.toFixed(1)).join()).join(" "), class: "cl-line" }),
      svg("circle", { cx: marked[0], cy: marked[1], r: 3.5, class: "cl-dot" }));
  }

  function go(by) {
    if (base.isEditing()) return;
    base.propose({ steps: Math.min(MOST_STEPS, Math.max(0, now.losses.length - 1 + by)) });
  }

  function run(on) {
    clearInterval(running);
    running = on ? setInterval(() => go(1), 150) : null;
    rename(buttons[2], on ? "Pause" : "Run", on ? "pause" : "play");
  }

  function editHidden(u, v, text) {
    const value = typedNumber(text, base.say, 99);
    if (value === null) return;
    base.propose({ hidden: now.hidden.map((row, r) => row.map((old, c) => r === u && c === v ? value : old)), steps: 0 });
  }

  // Pointing -------------------------------------------------------------------------------------------------------------

  function rest() {
    pointWeight(0, 0);
  }

  // What the last step did to a weight, or the first will do; with the pairs of input and difference that told it so.
  function told(u, v) {
    const { kernel, error } = now.before ?? now;
    const list = gradientTerms(state.x, kernel, error, u, v);
    const gradient = list.reduce((sum, { product }) => sum + product, 0);
    const rounded = list.map((term) => ({ ...term, weight: Number(term.weight.toFixed(3)) }));
    const short = (value) => show(Number(value.toFixed(3)));
    const sign = (...values) => values.every((value) => Math.abs(value - Number(value.toFixed(3))) < 1e-9) ? "=" : "≈";
    const next = kernel[u][v] - state.rate * gradient;
    const when = now.before ? `step ${now.losses.length - 1}` : "the first step will do this";
    return [
      [["gradient: ", sumText(rounded), `${sign(...error.flat())} ${short(gradient)}`],
        ["w ← ", `${short(kernel[u][v])} − ${state.rate} · ${gradient < 0 ? `(${short(gradient)})` : short(gradient)}`, `${sign(kernel[u][v], gradient, next)} ${short(next)}`]],
      `Weight row ${u}, column ${v} · ${when} · each input it met · (output − target) before it`, list,
    ];
  }

  function pointWeight(u, v, say = base.tell) {
    const [lines, where, list] = told(u, v);
    const lit = new Map([[parts.kernel.cell(u, v), "cl-here"]]);
    for (const { source, output: [, i, j] } of list) {
      lit.set(parts.input.cell(...source), "cl-read");
      lit.set(parts.error.cell(i, j), "cl-read");
    }
    light(lit);
    return say(lines, where);
  }

  function pointInput(r, c) {
    if (state.x[r]?.[c] === undefined) return false;
    light(new Map([[parts.input.cell(r, c), "cl-here"]]));
    return base.tell(`${show(state.x[r][c])} stays as it is: only the kernel learns.`, `Input row ${r}, column ${c}`);
  }

  function pointOutput(i, j) {
    if (!now.output[i] || now.output[i][j] === undefined) return false;
    const lit = new Map(["output", "target", "error"].map((name) => [parts[name].cell(i, j), "cl-here"]));
    range(3).forEach((u) => range(3).forEach((v) => lit.set(parts.input.cell(i + u, j + v), "cl-read")));
    light(lit);
    return base.tell(`${brief(now.output[i][j])} − ${brief(now.target[i][j])} = ${brief(now.error[i][j])}: output − target, which is the gradient of this output.`, `Row ${i}, column ${j}`);
  }

  function pointHidden(u, v) {
    return pointWeight(u, v, () => base.tell(`${show(now.hidden[u][v])} is to be found; the kernel now has ${brief(now.kernel[u][v])} there.`, `Hidden kernel row ${u}, column ${v}`));
  }

  function longest() {
    return range(9).map((index) => told(Math.floor(index / 3), index % 3).slice(0, 2));
  }

  base.start();
  return () => {
    run(false);
    base.end();
  };
}
