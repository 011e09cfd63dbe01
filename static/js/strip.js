// On a phone, shows the status strip while the status panel it sums up has scrolled out of sight. The mark is on the
// body, so that it outlives the strip, which is refreshed with the status.
const below = document.querySelector(".top").getBoundingClientRect().height;
const sync = () => {
  const strip = document.querySelector("[data-strip]");
  const panel = strip && document.getElementById(strip.dataset.strip);
  document.body.toggleAttribute("data-status-away", Boolean(panel) && panel.getBoundingClientRect().bottom <= below);
};
addEventListener("scroll", sync, { passive: true });
addEventListener("resize", sync);
sync();
