// A module's answer(question, post), given in a thread of its own: a long reading leaves the page free, and a newer question ends it.

// reader(module) gives ask(question, post, here), and stop(). `here`: in this thread, before it returns; so too, later, where the other fails.
export function reader(module) {
  let thread = null;
  let busy = false;

  function ask(question, post, here) {
    if (busy) stop();
    if (here) return module.answer(question, post);
    thread ??= new Worker(URL.createObjectURL(new Blob([scriptOf(module)])));
    busy = true;
    thread.onmessage = ({ data }) => {
      busy = data.at(-1);
      post(data);
    };
    thread.onerror = () => {
      stop();
      module.answer(question, post);
    };
    thread.postMessage(question);
  }

  function stop() {
    if (thread) thread.onmessage = thread.onerror = null;
    thread?.terminate();
    thread = null;
    busy = false;
  }

  return { ask, stop };
}

// A script that makes a module of this bundle, with all that it uses, and answers what it is asked.
function scriptOf(module) {
  const list = [];
  const collect = (one) => {
    if (list.includes(one)) return;
    one.used.forEach(collect);
    list.push(one);
  };
  collect(module);
  const made = list.map(({ make, used }) => `m.push((${make})(${used.map((one) => `m[${list.indexOf(one)}]`)}));`);
  return `const m = []; ${made.join("\n")} onmessage = ({ data }) => m.at(-1).answer(data, postMessage);`;
}
