// Runs before anything is drawn: the colours and the sidebar as the reader left them.
{
  const page = document.documentElement;
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } }; // a browser that keeps nothing
  const dark = matchMedia("(prefers-color-scheme: dark)");
  page.classList.add("js");
  page.dataset.mode = kept("mode") || "auto";
  page.dataset.sidebar = kept("sidebar") || "shown";
  (dark.onchange = () => { page.dataset.theme = page.dataset.mode !== "auto" ? page.dataset.mode : dark.matches ? "dark" : "light"; })();
}
