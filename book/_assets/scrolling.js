// What scrolls sideways in its own box can be scrolled from the keyboard: it is a tab stop for as long as it is too wide.
const WIDE = ".math-block, .highlight pre, div.cell_output, figure.still, .pst-scrollable-table-container";

// A box is observed first when the page is drawn at its place, and then when its size changes: nothing is laid out early.
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollWidth > target.clientWidth && getComputedStyle(target).overflowX !== "visible";
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of document.querySelectorAll(WIDE)) observer.observe(box);
