// Dismisses notices; shows new ones (an HX-Trigger or event named "toast" with {text, tone}), and says when the network failed.
window.atelier.each("[data-dismiss]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => button.closest("[data-notice]").remove());
});
window.atelier.toast = (text, tone = "info") => {
  const place = document.getElementById("toasts");
  if (!place) return;
  const notice = document.createElement("div");
  notice.className = `notice notice--${tone}`;
  const body = document.createElement("p");
  body.className = "notice__body";
  body.textContent = text;
  notice.append(body);
  place.append(notice);
  setTimeout(() => notice.remove(), 8000);
};
document.addEventListener("toast", (event) => window.atelier.toast(event.detail.text ?? event.detail.value, event.detail.tone));
document.addEventListener("htmx:sendError", () => window.atelier.toast("No connection. Nothing was lost; try again.", "warn"));
document.addEventListener("htmx:responseError", (event) => {
  const gone = event.detail.xhr.status < 500;
  window.atelier.toast(gone ? "That is no longer there. Reload the page." : "That failed on our side. Nothing was changed; try again.", "bad");
});
