// Whoever comes back, from another page or from another place of this one, finds the block that was read where it was, though
// sections that are far away (text.css) and figures get their true heights only when the reader comes near. The place is kept in
// the entry of the browser's history, once the page has stood still for a moment.
const blocks = [...document.querySelectorAll("article section > *")];
const topOf = (block) => block.getBoundingClientRect().top;

function here() {
  const { left, width } = document.querySelector("article").getBoundingClientRect();
  for (let y = innerHeight / 4; y < innerHeight; y += 20) {
    const block = document.elementFromPoint(left + width / 2, y)?.closest("article section > *");
    if (block) return [blocks.indexOf(block), topOf(block)];
  }
  return [];
}

let still;
addEventListener("scroll", () => {
  clearTimeout(still);
  still = setTimeout(() => history.replaceState({ ...history.state, place: here() }, ""), 300);
}, { passive: true });

// Whatever grows above it meanwhile, the block stays where it is, until the reader moves on.
let leave = () => {};
function hold(block, top) {
  leave();
  const watch = new ResizeObserver(() => scrollBy({ top: topOf(block) - top, behavior: "instant" }));
  watch.observe(document.querySelector("article"));
  leave = () => watch.disconnect();
  setTimeout(leave, 5000);
}
for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(event, () => leave(), { passive: true });

function settle() {
  const [index, top] = history.state?.place ?? [];
  const target = document.querySelector(":target");
  if (blocks[index]) hold(blocks[index], top);
  else if (target) hold(target, topOf(target));
}
addEventListener("load", settle);
addEventListener("popstate", () => { if (history.state?.place) settle(); });
addEventListener("hashchange", () => { if (!history.state?.place) settle(); });
