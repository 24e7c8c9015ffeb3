// The reader's place in a page survives what is laid out late: cells (book.css) and figures that start when nothing else is to do.

// Whoever follows a link within the page and goes back finds true heights: the cells are laid out one by one, in idle time.
const cells = [...document.querySelectorAll("div.cell")];
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));

function layOut() {
  const end = performance.now() + 8; // milliseconds: a slow phone takes some times as long, and must still answer at once
  while (cells.length && performance.now() < end) {
    const cell = cells.shift();
    cell.style.contentVisibility = "visible";
    cell.getBoundingClientRect(); // now, and not with the next picture
  }
  if (cells.length) whenIdle(layOut);
}
addEventListener("load", () => whenIdle(layOut));

// Whoever comes back from another page, or loads this one again, finds the block that was read where it was.
const KEPT = `place in ${location.pathname}`;
const blocks = () => [...document.querySelectorAll("article section > *")].filter((block) => block.getClientRects().length);
const topOf = (block) => block.getBoundingClientRect().top;

addEventListener("pagehide", () => {
  const all = blocks();
  const index = all.findLastIndex((block) => topOf(block) < innerHeight / 4);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(index < 0 ? [] : [index, topOf(all[index])]));
  } catch {
    // A browser that keeps nothing.
  }
});

function hold(block, top) {
  const watch = new ResizeObserver(() => scrollBy({ top: topOf(block) - top, behavior: "instant" }));
  watch.observe(document.querySelector("article"));
  const leave = () => watch.disconnect();
  for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(event, leave, { once: true, passive: true });
  setTimeout(leave, 5000);
}

if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
  try {
    const [index, top] = JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
    const block = blocks()[index];
    if (block) addEventListener("load", () => hold(block, top));
  } catch {
    // As above.
  }
}
