// Shows times in the reader's own zone; near ones as "4 min ago", kept fresh; ends as "in 24 days" with their date.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const say = (moment, style) => {
  if (style === "date") return date.format(moment);
  if (style === "time") return clock.format(moment);
  const seconds = Math.round((moment - Date.now()) / 1000);
  const steps = [["second", 60, 1], ["minute", 3600, 60], ["hour", 86400, 3600], ["day", 604800, 86400]];
  if (Math.abs(seconds) < 45) return seconds > 0 ? "in a moment" : "just now";
  const near = ([unit, , length]) => relative.format(Math.round(seconds / length), unit);
  const step = steps.find(([, below]) => Math.abs(seconds) < below);
  if (style === "until") return `${near(step || steps.at(-1))} (${date.format(moment)})`;
  return step ? near(step) : date.format(moment);
};
const show = (element) => {
  const moment = new Date(element.dateTime);
  element.textContent = say(moment, element.dataset.local);
  element.title = full.format(moment);
};
window.atelier.each("time[data-local]", show);
setInterval(() => document.querySelectorAll("time[data-local='ago']").forEach(show), 30000);
