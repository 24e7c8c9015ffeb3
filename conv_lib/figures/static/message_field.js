// MessageField: paste an error message, and read its cause and cure with your own numbers, and where the page tells more.

import { readMessage } from "./messages.js";
import { h, uniqueId } from "./ui.js";

const HINT = "A whole traceback will do. The text stays in this page.";
const PAUSE = 150; // ms without a key before the answer is told, so that a screen reader is not interrupted at every letter

export function render({ model, el }) {
  const id = uniqueId();
  const box = h("textarea", { id, class: "cl-message", rows: "4", spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-hint` });
  const said = h("div", { class: "cl-verdict", role: "status" });
  const root = h("div", { class: "cl-figure cl-message-field", role: "group", "aria-label": "Read an error message" },
    h("label", { for: id }, "Error message"), box, h("p", { class: "cl-hint", id: `${id}-hint` }, HINT), said);
  let note = null;
  const tell = () => {
    note?.remove();
    note = null;
    const found = readMessage(box.value);
    said.replaceChildren(...(found ? answer(found) : []));
    const part = found?.known && document.getElementById(found.anchor);
    if (part) {
      note = h("div", { class: "cl-verdict cl-in-place", role: "note" }, h("p", {}, h("strong", {}, "Your message: "), found.message), ...about(found));
      part.closest("section").querySelector(":scope > :is(h2, h3)").after(note);
    }
  };
  let timer = null;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE);
  });
  box.value = model.get("text");
  if (box.value) tell();
  el.replaceChildren(root);
  return () => {
    clearTimeout(timer);
    note?.remove();
    root.remove();
  };
}

function answer(found) {
  if (found.known) return [h("p", {}, h("strong", {}, `${found.title}.`)), ...about(found), h("p", {}, h("a", { href: `#${found.anchor}` }, "Open the part about it"))];
  const search = new URL("search.html", new URL(document.documentElement.dataset.content_root ?? "../", document.baseURI));
  search.searchParams.set("q", found.query);
  return [h("p", {}, "No message of this page is in that text."), ...found.notes.map((text) => h("p", {}, text)), h("p", {}, h("a", { href: search.href }, "Search the book for it"))];
}

function about({ cause, cure, notes }) {
  return [
    h("p", {}, h("b", {}, "Cause: "), cause),
    h("p", {}, h("b", {}, "Cure: "), cure),
    ...(notes.length ? [h("ul", {}, notes.map((text) => h("li", {}, text)))] : []),
  ];
}
