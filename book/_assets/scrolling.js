// What scrolls sideways in its own box can be scrolled from the keyboard: it is a tab stop for as long as it is too wide.
const WIDE = ".math-block, .highlight pre, div.cell_output, figure.still, .pst-scrollable-table-container";

function markScrolling() {
  for (const box of document.querySelectorAll(WIDE)) {
    const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible";
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("load", markScrolling);
addEventListener("resize", markScrolling);
