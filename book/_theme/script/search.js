// The field for a search, over the page: by its buttons, or Ctrl+K.
const dialog = document.getElementById("search");
const open = (event) => {
  event.preventDefault();
  for (const list of document.querySelectorAll("[popover]")) if (list.hidePopover && list.matches(":popover-open")) list.hidePopover();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input").select();
};
for (const button of document.querySelectorAll("[data-search]")) button.addEventListener("click", open);
addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") open(event); });
dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); }); // beside the field
