// Marks the words of a search in the page that it led to. Sphinx's search page leaves them behind; a highlight changes nothing in the page.
const searching = document.getElementById("search-results") !== null; // this page is the one that leaves them
let words = "";
try {
  words = localStorage.getItem("sphinx_highlight_terms") ?? "";
  if (words && !searching) localStorage.removeItem("sphinx_highlight_terms");
} catch {
  // A browser that keeps nothing.
}
if (words && window.Highlight && !searching) {
  const ranges = [];
  const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("script, style")) continue;
    const text = node.textContent.toLowerCase();
    for (const word of words.split(" ").filter(Boolean)) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        if (/[\p{Letter}\p{Number}_]/u.test(text[at - 1] ?? "")) continue; // "one" is not in "alone"
        ranges.push(new StaticRange({ startContainer: node, startOffset: at, endContainer: node, endOffset: at + word.length }));
      }
    }
  }
  const highlight = new Highlight(...ranges);
  CSS.highlights.set("found", highlight);
  addEventListener("keydown", ({ key }) => { if (key === "Escape") highlight.clear(); });
}
