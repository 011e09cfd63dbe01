// Shows the typed text as it reads, and the way back. What is read is what stands in the editor, saved or not.
window.atelier.each("[data-reading]", (choice) => {
  const area = document.getElementById(choice.dataset.of);
  const form = area.form;
  const reading = document.querySelector(`[data-reading-of="${choice.dataset.of}"]`);
  const text = reading.querySelector("[data-reading-text]");
  const press = (name) => {
    for (const button of choice.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === name));
    form.hidden = name === "read";
    reading.hidden = name !== "read";
  };
  const read = async () => {
    const sent = new FormData();
    sent.set("body", area.value);
    const answer = await fetch(choice.dataset.reading, { method: "POST", body: sent, headers: { "X-CSRFToken": window.atelier.csrf() } }).catch(() => null);
    if (!answer?.ok) {
      window.atelier.toast("It cannot be shown right now. Your text is untouched.", "warn");
      return;
    }
    // Sanitised on the server; parsed apart from this document, so nothing in it could run.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    text.replaceChildren(...page.body.childNodes);
    reading.querySelector("h1").textContent = form.querySelector("[data-save-field=title]").value;
    press("read");
  };
  choice.hidden = false;
  choice.addEventListener("click", (event) => {
    const name = event.target.closest("[data-show]")?.dataset.show;
    if (name === "read") read();
    if (name === "write") press("write");
  });
});
