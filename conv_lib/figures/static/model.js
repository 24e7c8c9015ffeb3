// The part of an ipywidgets model that figures use, where there is no kernel: traits that can be got, set and followed.

export function makeModel(state, more = {}) {
  const values = { ...state };
  const handlers = {};
  return {
    ...more,
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
