// Starts the figures of a published page: each stands in a .cl-live element, with its state as JSON beside its still picture.
// What follows in the joined script calls start(figures), where figures maps a module's name to the module.

// The part of an ipywidgets model that figures use.
function makeModel(state, linkKey) {
  const values = { ...state };
  const handlers = {};
  return {
    linkKey,
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
      for (const handler of handlers[`change:${name}`] ?? []) handler();
    },
    on: (event, handler) => { (handlers[event] ??= []).push(handler); },
    off: (event, handler) => { handlers[event] = (handlers[event] ?? []).filter((other) => other !== handler); },
    save_changes: () => {},
  };
}

function slug(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "figure";
}

export function start(figures) {
  const used = {};
  for (const place of document.querySelectorAll(".cl-live")) {
    const { figure, state } = JSON.parse(place.querySelector("script").textContent);
    const key = slug(state.title);
    used[key] = (used[key] ?? 0) + 1;
    const el = document.createElement("div");
    el.className = "cl-host";
    place.append(el);
    try {
      figures[figure].render({ model: makeModel(state, used[key] > 1 ? `${key}-${used[key]}` : key), el });
      place.classList.add("cl-started");
    } catch (error) {
      // The still picture stays, and the other figures start.
      el.remove();
      console.error(error);
    }
  }
}
