// What scrolls sideways in its own box can be scrolled from the keyboard: it is a tab stop for as long as it is too wide.
// Code has a button that copies it; what it printed has none.
const WIDE = ".math-block, .highlight pre, div.cell_output, figure.still, .wide-table";
const CODE = "div.highlight:not(.cell_output *)";
const copy = document.getElementById("copy").content.firstElementChild;

async function copyCode({ currentTarget: button }) {
  const code = button.parentElement.querySelector("pre").cloneNode(true);
  for (const part of code.querySelectorAll(".gp, .go")) part.remove(); // of an example with prompts, what one types
  await navigator.clipboard.writeText(code.textContent.replace(/^\n|\n+$/g, ""));
  button.classList.add("done");
  button.ariaLabel = button.dataset.done;
  setTimeout(() => { button.ariaLabel = copy.ariaLabel; button.classList.remove("done"); }, 2000);
}

function addCopy(box) {
  const button = copy.cloneNode(true);
  button.addEventListener("click", copyCode);
  box.append(button);
}

// A box is observed first when the page is drawn at its place, and then when its size changes: nothing is laid out early.
// All widths are read before anything is written, so that the page is laid out once.
const observer = new ResizeObserver((entries) => {
  const found = entries.map(({ target }) => [target, target.scrollWidth > target.clientWidth && getComputedStyle(target).overflowX !== "visible"]);
  for (const [target, scrolls] of found) {
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
    const box = navigator.clipboard && target.closest(CODE);
    if (box && !box.querySelector(".copy")) addCopy(box);
  }
});
for (const box of document.querySelectorAll(WIDE)) observer.observe(box);
