// The buttons of the header: colours, sidebar, and the menus, which open without a script and close with one.
const page = document.documentElement;
const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ } };

const theme = document.getElementById("theme");
const tell = () => { theme.ariaLabel = theme.title = theme.dataset[page.dataset.mode]; };
theme.addEventListener("click", () => {
  const modes = matchMedia("(prefers-color-scheme: dark)").matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  const mode = modes[(modes.indexOf(page.dataset.mode) + 1) % 3];
  page.dataset.mode = mode;
  page.dataset.theme = mode === "auto" ? { true: "dark", false: "light" }[modes[1] === "light"] : mode;
  keep("mode", mode);
  tell();
});
tell();

const sidebar = document.getElementById("sidebar");
const hide = document.getElementById("hide-sidebar");
const tellShown = () => hide.setAttribute("aria-expanded", page.dataset.sidebar === "shown");
hide.addEventListener("click", () => {
  page.dataset.sidebar = page.dataset.sidebar === "shown" ? "hidden" : "shown";
  keep("sidebar", page.dataset.sidebar);
  tellShown();
});
tellShown();

// A long list of pages opens where the reader is.
const here = sidebar.querySelector("li [aria-current]");
const show = () => { sidebar.scrollTop = here.offsetTop - sidebar.clientHeight / 2; };
if (here) {
  if (here.offsetTop > sidebar.clientHeight) show();
  sidebar.addEventListener("toggle", show);
}

const menus = document.querySelectorAll("details.menu");
const close = (menu) => { menu.open = false; };
addEventListener("pointerdown", ({ target }) => [...menus].filter((menu) => !menu.contains(target)).forEach(close));
for (const menu of menus) {
  menu.addEventListener("focusout", ({ relatedTarget }) => { if (relatedTarget && !menu.contains(relatedTarget)) close(menu); });
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    close(menu);
    menu.querySelector("summary").focus();
  });
}

// A contents list over a small screen has done its work once a place is chosen. (An old browser has no popover, and stops at the selector.)
const contents = document.getElementById("contents");
contents?.addEventListener("click", ({ target }) => { if (target.closest("a") && contents.hidePopover && contents.matches(":popover-open")) contents.hidePopover(); });

const toTop = document.getElementById("to-top");
let before = 0;
let height = 0;
addEventListener("scroll", () => {
  const { scrollHeight } = page;
  const moved = scrollHeight === height ? scrollY - before : 0; // and not the page under a reader who stands still
  if (scrollY < innerHeight || moved > 8) toTop.hidden = true;
  else if (moved < -8) toTop.hidden = false; // whoever scrolls back up may want to go all the way
  [before, height] = [scrollY, scrollHeight];
}, { passive: true });
