// data-confirm-text="the words": the form's submit waits until they are typed, and says what it waits for.
window.atelier.each("form[data-confirm-text]", (form) => {
  const field = form.querySelector("[data-confirm]");
  const button = form.querySelector("[type=submit], button:not([type])");
  const why = form.querySelector("[data-confirm-why]");
  const check = () => {
    const typed = field.value.trim() === form.dataset.confirmText;
    button.setAttribute("aria-disabled", String(!typed));
    if (why) why.hidden = typed;
    return typed;
  };
  field.addEventListener("input", check);
  form.addEventListener("submit", (event) => {
    if (check()) return;
    event.preventDefault();
    field.focus();
  });
  check();
});
