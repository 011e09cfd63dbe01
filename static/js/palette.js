// The command palette: Ctrl or Cmd-K, filter as one types, arrows and Enter. Its rows are links, so every one is also reachable without it.
window.atelier.each("[data-palette]", (palette) => {
  const field = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  const own = palette.querySelector("template").content;
  let found = [];
  let rows = [];
  let at = 0;
  let asked = 0;

  const known = () => {
    const links = [...own.querySelectorAll("a"), ...document.querySelectorAll("#nav a")];
    return links.map((link) => ({ title: link.firstChild.textContent.trim() || link.textContent.trim(), url: link.getAttribute("href"), kind: link.dataset.kind ?? link.closest(".nav__group")?.querySelector(".nav__title")?.textContent ?? "" }));
  };
  const matches = (title, words) => words.every((word) => title.toLowerCase().includes(word));
  const mark = () => {
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    field.setAttribute("aria-activedescendant", rows[at]?.id ?? "");
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const items = [...known().filter(({ title }) => matches(title, words)), ...found].slice(0, 12);
    list.replaceChildren();
    rows = items.map((item, index) => {
      const row = document.createElement("a");
      row.className = "palette__item";
      row.id = `palette-${index}`;
      row.href = item.url;
      row.tabIndex = -1;
      row.setAttribute("role", "option");
      const title = document.createElement("span");
      title.textContent = item.title;
      const kind = document.createElement("span");
      kind.className = "palette__kind";
      kind.textContent = item.kind;
      row.append(title, kind);
      return row;
    });
    list.append(...rows);
    if (!rows.length) {
      const none = document.createElement("p");
      none.className = "palette__none";
      none.textContent = "Nothing by that name.";
      list.append(none);
    }
    at = 0;
    mark();
  };
  const ask = async () => {
    const mine = ++asked;
    found = [];
    if (!palette.dataset.url || field.value.trim().length < 2) return;
    const answer = await fetch(`${palette.dataset.url}?q=${encodeURIComponent(field.value)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || mine !== asked) return;
    found = (await answer.json()).results;
    draw();
  };
  field.addEventListener("input", () => {
    draw();
    ask();
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) {
      event.preventDefault();
      at = (at + step + rows.length) % rows.length;
      mark();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      rows[at]?.click();
    }
  });
  const open = () => {
    field.value = "";
    found = [];
    draw();
    palette.showModal();
    field.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (palette.open) palette.close();
    else open();
  });
});
