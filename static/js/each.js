// Runs a behaviour on every element that asks for it: now, and on what htmx brings later.
window.atelier = {
  each(selector, start) {
    const run = (root) => {
      const found = root.matches?.(selector) ? [root] : [];
      for (const element of [...found, ...root.querySelectorAll(selector)]) {
        const name = `started:${selector}`;
        if (element[name]) continue;
        element[name] = true;
        start(element);
      }
    };
    run(document);
    document.addEventListener("htmx:load", (event) => run(event.target));
  },
  num(value) {
    return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  },
};
