// Joins a mark in the manuscript with its card: pointing at or focusing one shows both.
const both = (from, on) => {
  const finding = from?.closest?.("[data-finding]")?.dataset.finding;
  if (!finding) return;
  for (const element of document.querySelectorAll(`[data-finding="${CSS.escape(finding)}"]`)) element.toggleAttribute("data-active", on);
};
document.addEventListener("pointerover", (event) => both(event.target, true));
document.addEventListener("pointerout", (event) => both(event.target, false));
document.addEventListener("focusin", (event) => both(event.target, true));
document.addEventListener("focusout", (event) => both(event.target, false));
