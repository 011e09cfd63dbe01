// Keeping or undoing single changes: counts them, shows each as it will stand, and remembers the choices of this tab
// until they are saved. Without this file the form works all the same.
window.atelier.each("form[data-choose]", (form) => {
  const boxes = [...form.querySelectorAll('input[name="keep"]')];
  const counter = form.querySelector("[data-choose-count]");
  const memory = `choose ${form.dataset.choose}`;

  const show = () => {
    for (const box of boxes) {
      for (const part of form.querySelectorAll(`[data-change="${box.value}"]`)) part.toggleAttribute("data-undone", !box.checked);
    }
    const kept = boxes.filter((box) => box.checked).length;
    const { num } = window.atelier;
    counter.textContent = `${num(kept)} of ${num(boxes.length)} change${boxes.length === 1 ? "" : "s"} kept`;
  };
  const changed = () => {
    const undone = boxes.filter((box) => !box.checked).map((box) => box.value);
    sessionStorage.setItem(memory, undone.join(" "));
    show();
  };
  const focus = (step) => {
    const at = boxes.indexOf(document.activeElement);
    const next = at < 0 ? boxes[step > 0 ? 0 : boxes.length - 1] : boxes[at + step];
    if (!next) return;
    next.focus();
    next.closest(".change").scrollIntoView({ block: "nearest" });
  };

  const remembered = sessionStorage.getItem(memory);
  if (remembered !== null && boxes.every((box) => box.checked)) {
    const undone = new Set(remembered.split(" "));
    for (const box of boxes) box.checked = !undone.has(box.value);
  }
  for (const element of form.querySelectorAll("[data-choose-scripted]")) element.hidden = false;
  form.addEventListener("change", changed);
  form.addEventListener("click", (event) => {
    const all = event.target.closest("[data-choose-all]")?.dataset.chooseAll;
    if (!all) return;
    for (const box of boxes) box.checked = all === "keep";
    changed();
  });
  document.addEventListener("keydown", (event) => {
    if (!form.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target !== document.body && !form.contains(event.target)) return;
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!step || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    focus(step);
  });
  show();
});
