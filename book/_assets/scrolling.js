// What scrolls sideways in its own box can be scrolled from the keyboard: it is a tab stop for as long as it is too wide.
const WIDE = ".math-block, .highlight pre, div.cell_output, figure.still, .pst-scrollable-table-container";

// A box is observed first when the page is drawn at its place, and then when its size changes: nothing is laid out early.
// All widths are read before anything is written, so that the page is laid out once.
const observer = new ResizeObserver((entries) => {
  const found = entries.map(({ target }) => [target, target.scrollWidth > target.clientWidth && getComputedStyle(target).overflowX !== "visible"]);
  for (const [target, scrolls] of found) {
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of document.querySelectorAll(WIDE)) observer.observe(box);
