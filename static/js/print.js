// data-print: a button that prints the page; shown only where a script can.
window.atelier.each("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
