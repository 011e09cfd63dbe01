// Goes back through the history, so that a form still holds what was typed; without a history the link itself leads on.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-back]");
  if (!link || history.length < 2) return;
  event.preventDefault();
  history.back();
});
