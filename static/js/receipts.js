// data-passages: the chosen passage stays marked, and its receipt can be put away again (data-receipt-close, Escape).
const panel = document.getElementById("receipt");

window.atelier.each("[data-passages]", (text) => {
  const chosen = (number) => text.querySelectorAll(`[hx-get$="/${number}/"]`);
  const mark = (number) => {
    text.querySelectorAll("[aria-current]").forEach((each) => each.removeAttribute("aria-current"));
    if (number) chosen(number).forEach((each) => each.setAttribute("aria-current", "true"));
  };
  let last = null;
  text.addEventListener("htmx:beforeRequest", (event) => {
    last = event.target;
    mark(event.target.getAttribute("hx-get").split("/").at(-2));
  });
  const close = () => {
    if (!panel.querySelector("[data-receipt-close]")) return;
    mark(null);
    panel.replaceChildren();
    last?.focus();
  };
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-receipt-close]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
});
