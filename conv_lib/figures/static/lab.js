// LabFigure: a box to paste a layer, a model or a message into, and what it says about it.

import { plural } from "./core.js";
import { called } from "./lab_code.js";
import { detail } from "./lab_detail.js";
import * as engine from "./lab_read.js";
import { COLUMNS, asMarkdown, asText, cells, remarks } from "./lab_text.js";
import { reader } from "./lab_thread.js";
import { figure } from "./life.js";
import { PACKED } from "./link.js";
import { button, copy, flash, h, select, setText, uniqueId } from "./ui.js";

const WAIT = 120; // ms after the last key
const PAGE = 200; // rows that are drawn at a time
const SEEN = 60; // of these the first, more than a window shows: they are drawn with the answer, the others right after it
const PATIENCE = 400; // ms after which it says that it reads
const NONE = "choose one";

function trust({ text, shape, given }) {
  const names = given && typeof given === "object" && !Array.isArray(given) ? Object.entries(given) : null;
  if (typeof text !== "string" || typeof shape !== "string" || !names || names.some(([, value]) => typeof value !== "string")) throw new TypeError("not a state of this figure");
}

export function render({ model, el }) {
  const base = figure({ model, el, traits: ["text", "shape", "given"], check: trust, trust, draw, link: PACKED });
  const choices = model.get("examples");
  let report = null;
  let drawn = "";
  let open = null;
  let shown = 0;
  let waiting = null;
  let drawing = null;
  const thread = reader(engine);
  let slow = null;
  let answered = () => {};
  let answer = null; // a promise: the whole of it is here

  const boxId = uniqueId();
  const box = h("textarea", { id: boxId, class: "cl-lab-box", rows: 10, spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  const shape = h("input", { id: uniqueId(), class: "cl-lab-shape", autocomplete: "off", spellcheck: "false", placeholder: "1, 3, 224, 224" });
  const examples = select({ name: "Example", options: [NONE, ...choices.map(([name]) => name)], onChange: choose });
  const asked = h("div", { class: "cl-lab-asked", role: "group", "aria-label": "Names", hidden: "" });
  const fields = new Map();
  const failure = h("section", { class: "cl-lab-failure", "aria-label": "What does not fit", hidden: "" });
  const list = h("ul", { class: "cl-lab-remarks", hidden: "" });
  const body = h("tbody", { role: "rowgroup" });
  const foot = h("tfoot", { role: "rowgroup" });
  const table = h("table", { class: "cl-lab-table", role: "table", "aria-label": "Layers", hidden: "" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, COLUMNS.map((name) => h("th", { scope: "col", role: "columnheader" }, name)))), body, foot);
  const more = button("Show more rows", showMore, { kind: "cl-lab-more" });
  const legend = h("p", { class: "cl-hint cl-lab-legend" }, "MACs are of the whole batch, without bias, pooling and norm. Unread: of this layer's own input. ~ marks what is assumed, ? what is unknown.");
  const tool = (name, text) => {
    const made = button(name, async () => { await answer; await copy(text()); flash(made, "Copied"); }, { icon: "copy" });
    return made;
  };
  base.root.classList.add("cl-lab");
  base.controls.append(
    h("div", { class: "cl-lab-top" }, h("label", { for: boxId }, "Layer, model or message"), examples.el), box,
    h("div", { class: "cl-lab-given" }, h("label", { for: shape.id }, "Input shape"), shape), asked);
  base.body.append(base.status, failure, list, table, more, legend);

  // Typing and choosing ------------------------------------------------------------------------------------------------------

  box.oninput = shape.oninput = later;
  box.onchange = shape.onchange = now;
  asked.oninput = later;

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(now, WAIT);
  }

  function now() {
    clearTimeout(waiting);
    const old = base.state();
    const given = { ...old.given };
    for (const [name, { input }] of fields) given[name] = input.value;
    const typed = shape.value.trim();
    const own = typed === told(report) && !old.shape ? "" : typed;
    if (box.value !== old.text || own !== old.shape || JSON.stringify(given) !== JSON.stringify(old.given)) base.propose({ text: box.value, shape: own, given });
  }

  function choose(name) {
    const example = choices.find(([own]) => own === name);
    if (example) base.propose({ text: example[1], shape: example[2], given: {} });
  }

  // The shape that the text itself names.
  function told(of) {
    return of?.shape && of.shape.source === "the text" ? of.shape.sizes.map((size) => typeof size === "object" ? "N" : size).join(", ") : "";
  }

  // Drawing ------------------------------------------------------------------------------------------------------------------

  // What the book shows stands there at once; what is pasted is read beside, while one types on.
  function draw(_, state) {
    const key = JSON.stringify(state);
    if (key === drawn) return;
    const first = !drawn;
    drawn = key;
    if (box.value !== state.text) box.value = state.text;
    examples.set(choices.find(([, text]) => text.trim() === state.text.trim())?.[0] ?? NONE);
    clearTimeout(slow);
    slow = setTimeout(() => base.tell("Reading …"), PATIENCE);
    table.ariaBusy = "true";
    answer ??= new Promise((done) => { answered = done; });
    thread.ask([state.text, { shape: state.shape, given: state.given }], (piece) => take(piece, state), first);
  }

  function take([head, some, more], state) {
    if (head) {
      clearTimeout(slow);
      report = { ...head, rows: some };
      if (document.activeElement !== shape) shape.value = state.shape || told(report);
      base.tell(report.sentence);
      askNames();
      tellFailure();
      tellRemarks();
      rows();
    } else report.rows.push(...some);
    if (more) return;
    table.ariaBusy = "false";
    answered();
    answer = null;
  }

  function askNames() {
    const names = report.asked.map(({ name }) => name);
    for (const [name, { el: field }] of fields) {
      if (names.includes(name)) continue;
      field.remove();
      fields.delete(name);
    }
    for (const { name, value } of report.asked) {
      if (!fields.has(name)) {
        const input = h("input", { id: uniqueId(), class: "cl-answer", autocomplete: "off", spellcheck: "false" });
        fields.set(name, { input, el: h("span", { class: "cl-lab-name" }, h("label", { for: input.id }, name), input) });
        asked.append(fields.get(name).el);
      }
      const { input } = fields.get(name);
      if (input !== document.activeElement) input.value = value;
    }
    asked.hidden = !names.length;
  }

  function tellFailure() {
    const { failure: found, message } = report;
    const told = found ? { text: `${found.type}: ${found.message}`, cause: `${found.cause}.`, cures: found.cures } : message ? { text: message.message, cause: message.cause, cures: [message.cure] } : null;
    failure.hidden = !told;
    if (!told) return failure.replaceChildren();
    const notes = message?.notes ?? [];
    failure.replaceChildren(...[
      h("p", { class: "cl-caption" }, found ? `${report.kind === "keras" ? "Keras" : "torch"} says at ${called(found.name)}:` : "The message:"),
      h("code", { class: "cl-code" }, told.text), h("p", {}, h("b", {}, "Cause: "), told.cause),
      told.cures.filter(Boolean).length ? h("p", {}, h("b", {}, told.cures.length > 1 ? "Cures: " : "Cure: "), told.cures.map((cure) => cure.replace(/\.?$/, "")).join("; or "), ".") : null,
      found && message ? h("p", {}, h("b", {}, "The message below the code: "), `${message.cause} ${message.cure}`) : null,
      message ? h("p", {}, h("a", { href: `errors.html#${message.anchor}` }, `${message.title}, in I have this error`)) : null,
      ...notes.map((note) => h("p", {}, note)),
    ].filter(Boolean));
  }

  function tellRemarks() {
    const lines = remarks(report);
    list.hidden = !lines.length;
    list.replaceChildren(...lines.slice(0, 30).map((text) => h("li", {}, text)));
  }

  function rows() {
    close();
    clearTimeout(drawing);
    const some = report.rows.length > 0;
    table.hidden = legend.hidden = !some;
    setText(more.lastChild, `Show more of ${plural(report.count, "row")}`);
    body.replaceChildren();
    shown = 0;
    upTo(SEEN);
    drawing = setTimeout(() => upTo(PAGE));
    if (!some) return foot.replaceChildren();
    const sum = report.totals;
    foot.replaceChildren(h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, "total"),
      COLUMNS.slice(1).map((name) => cell(name, sum[name] ?? "", name === "unread" && sum.unread ? "of the picture" : null))));
  }

  function showMore() {
    const last = body.lastChild;
    upTo(shown + PAGE);
    if (more.hidden) last.nextSibling.querySelector("button").focus(); // what was pressed is gone
  }

  function upTo(count) {
    body.append(...report.rows.slice(shown, count).map(line));
    shown = Math.max(shown, count);
    more.hidden = report.count <= Math.max(shown, PAGE); // not for the moment before the others
  }

  // What its first sign means is heard too.
  function cell(name, text, title = null) {
    const [, sign, rest] = /^([~?]?)([^]*)$/.exec(text);
    return h("td", { role: "cell", "data-label": title ? `${name} ${title}` : name, class: text === "" ? "cl-lab-empty" : /^(parameters|MACs)$/.test(name) ? "cl-lab-number" : null },
      sign && h("span", { role: "img", "aria-label": sign === "~" ? "assumed" : "unknown" }, sign), rest);
  }

  function line(row) {
    const found = cells(row, report);
    const name = button(row.name, () => toggle(row, tr, name), { kind: "cl-lab-row" });
    name.setAttribute("aria-expanded", "false");
    const tr = h("tr", { role: "row", class: row.state === "fails" ? "cl-lab-fails" : row.state !== "run" ? "cl-lab-idle" : null },
      h("th", { scope: "row", role: "rowheader" }, name, " ", row.name === `${row.kind}()` ? null : h("span", { class: "cl-lab-kind" }, row.kind)), COLUMNS.slice(1).map((column) => cell(column, found[column])));
    return tr;
  }

  function toggle(row, tr, name) {
    const same = open?.row === row;
    close();
    if (same) return;
    const made = detail(row, report);
    const under = h("tr", { role: "row", class: "cl-lab-under" }, h("td", { role: "cell", colspan: COLUMNS.length }, made.el));
    tr.after(under);
    name.setAttribute("aria-expanded", "true");
    open = { row, end: () => { made.end(); under.remove(); name.setAttribute("aria-expanded", "false"); } };
  }

  function close() {
    open?.end();
    open = null;
  }

  base.start();
  base.tools.addEventListener("click", now, true); // a tool takes what was typed last
  base.tools.append(tool("Copy as Markdown", () => asMarkdown(report)), tool("Copy as text", () => asText(report)));
  return () => {
    clearTimeout(waiting);
    clearTimeout(drawing);
    clearTimeout(slow);
    thread.stop();
    close();
    base.end();
  };
}
