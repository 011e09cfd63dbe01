// Changes the theme at once, keeps it in a cookie for visitors and in the preferences of who is signed in.
window.atelier.each("[data-theme-choices]", (menu) => {
  const buttons = [...menu.querySelectorAll("[data-theme-choice]")];
  const keep = (theme) => {
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    if (!menu.dataset.url) return;
    fetch(menu.dataset.url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": window.atelier.csrf() },
      body: new URLSearchParams({ theme }),
    }).catch(() => window.atelier.toast("No connection. The theme is kept in this browser only.", "warn"));
  };
  menu.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!theme) return;
    document.documentElement.dataset.theme = theme;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    keep(theme);
  });
});
