// Marks in the contents where the reader is: the last heading that has passed the top of the window.
const links = new Map([...document.querySelectorAll("#contents a[href^='#']")].map((link) => [link.hash.slice(1), link]));
const places = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
const passed = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, boundingClientRect, rootBounds } of entries) {
    const above = boundingClientRect.top < (rootBounds?.bottom ?? 0);
    if (above) passed.add(target);
    else passed.delete(target);
  }
  const now = places.findLast((place) => passed.has(place));
  for (const [id, link] of links) {
    if (id === now?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "0px 0px -70% 0px" });
for (const place of places) observer.observe(place);
