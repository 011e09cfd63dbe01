// "?" opens the sheet; data-shortcut="p" on a link or button presses it, and its data-shortcut-label joins the sheet.
window.atelier.each("[data-shortcuts]", (sheet) => {
  const list = sheet.querySelector("[data-shortcuts-list]");
  const fixed = list.children.length;
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
  const open = () => {
    while (list.children.length > fixed) list.lastChild.remove();
    for (const target of document.querySelectorAll("[data-shortcut]")) {
      const term = document.createElement("dt");
      const key = document.createElement("kbd");
      key.textContent = target.dataset.shortcut.toUpperCase();
      term.append(key);
      const meaning = document.createElement("dd");
      meaning.textContent = target.dataset.shortcutLabel ?? target.textContent.trim();
      list.append(term, meaning);
    }
    sheet.showModal();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      open();
      return;
    }
    const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`);
    if (target) {
      event.preventDefault();
      target.click();
    }
  });
});
