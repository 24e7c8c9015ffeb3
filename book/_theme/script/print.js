// On paper nothing can be opened: whatever is folded is printed open.
let closed = [];
document.getElementById("print")?.addEventListener("click", () => print());
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("article details:not([open])")];
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => { for (const fold of closed) fold.open = false; });
