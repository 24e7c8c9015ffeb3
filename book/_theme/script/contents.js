// Marks in the contents where the reader is: the last heading that has passed the top of the window, and the last of all at the end.
const links = new Map([...document.querySelectorAll("#contents a[href^='#']")].map((link) => [link.hash.slice(1), link]));
const places = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
const passed = new Set();
let atEnd = false;
// The margin reaches far above the window, so that a place is in sight from there on: a jump over it is told too.
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) passed[isIntersecting ? "add" : "delete"](target);
  mark();
}, { rootMargin: "1000000px 0px -70% 0px" });
for (const place of places) observer.observe(place);
new IntersectionObserver(([{ isIntersecting }]) => { atEnd = isIntersecting; mark(); }).observe(document.querySelector("body > footer"));

function show(link) {
  link.setAttribute("aria-current", "true");
  const list = link.closest("nav");
  const { top, bottom } = link.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) list.scrollTop += top - innerHeight / 2; // a long list follows
}

function mark() {
  const now = places.findLast((place) => atEnd || passed.has(place));
  for (const [id, link] of links) {
    if (id === now?.id) show(link);
    else link.removeAttribute("aria-current");
  }
}
