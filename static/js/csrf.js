// Gives htmx and our own requests the CSRF token that stands in any form of the page, else in its cookie.
window.atelier.csrf = () => {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field?.value ?? document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? "";
};
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = window.atelier.csrf();
});
