// Starts the figures of a published page: each stands in a .cl-live element, with its state as JSON beside its still picture.
// What follows in the joined script calls start(figures), where figures maps a module's name to the module.

import { makeModel } from "./model.js";

// The photo, as a data URI, comes in a script of its own beside this one, once a page and when a figure asks for it: a picture's
// file would do too, but a page opened from disk may not read the pixels of one.
const here = document.currentScript?.src;
let photo = null;

function loadPhoto() {
  photo ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = new URL("live-photo.js", here);
    script.onload = () => done(window.convLibPhoto);
    script.onerror = fail;
    document.head.append(script);
  });
  return photo;
}

function slug(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "figure";
}

// What links call the figures of a page, by their titles. The first of a title has its name; what stands behind it, with the same
// title, has the first number from 2 on that makes a name of its own.
export function keys(titles) {
  const names = titles.map((title) => slug(title ?? ""));
  const used = new Set(names);
  return names.map((name, i) => {
    if (names.indexOf(name) === i) return name;
    let number = 2;
    while (used.has(`${name}-${number}`)) number += 1;
    used.add(`${name}-${number}`);
    return `${name}-${number}`;
  });
}

function linked(key) {
  return location.hash.startsWith(`#${key}=`);
}

// A figure starts when it comes near the window, or is named by the page's link: one in a task, so that a reader who scrolls or
// types meanwhile does not wait. Until then its still picture stands there, and nothing is fetched for it.
// A page may have several scripts of figures; each starts its own. What a link calls a figure depends on all of them.
export function start(figures) {
  const waiting = new Map();
  const begin = (place) => {
    const { figure, state, key } = waiting.get(place) ?? {};
    if (!waiting.delete(place)) return;
    near.unobserve(place);
    const el = document.createElement("div");
    el.className = "cl-host";
    place.append(el);
    try {
      figures[figure].render({ model: makeModel(state, { linkKey: key, loadPhoto }), el });
      place.classList.add("cl-started");
    } catch (error) {
      // The still picture stays, and the other figures start.
      el.remove();
      console.error(error);
    }
  };
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) setTimeout(begin, 0, target);
  }, { rootMargin: "100% 0px" });
  const places = [...document.querySelectorAll(".cl-live")];
  const found = places.map((place) => JSON.parse(place.querySelector("script").textContent));
  const names = keys(found.map(({ state }) => state.title));
  places.forEach((place, i) => {
    if (!Object.hasOwn(figures, found[i].figure)) return;
    waiting.set(place, { ...found[i], key: names[i] });
    near.observe(place);
  });
  const follow = () => {
    for (const [place, { key }] of waiting) if (linked(key)) begin(place);
  };
  follow();
  window.addEventListener("hashchange", follow);
}
