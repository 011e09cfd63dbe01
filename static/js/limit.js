// Grows text areas with their text, and counts words or characters against the limit before it is hit.
// The same words as the server counts: link targets, tags and list numbers are none; a Chinese or Japanese character is one.
const UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff";
const LETTERS = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}])+`;
const WORD = new RegExp(`[${UNSPACED}]|${LETTERS}(?:['’.\\-‐‑]${LETTERS})*`, "gu");
const UNREAD = [/^[ \t]*(?:```|~~~)[^\n]*$/gm, /^ {0,3}\[[^\]\n]+\]:[^\n]*$/gm, /<(?:\/?[a-zA-Z][^<>]*|!--(?:(?!<!--)[^])*?--)>/g, /^[ \t>]*\d{1,9}[.)][ \t]/gm];
window.atelier.words = (text) => {
  const shown = UNREAD.reduce((rest, mark) => rest.replace(mark, " "), text).replace(/\]\([^()\s]*(?:\s+"[^"]*")?\)/g, "] ");
  return (shown.match(WORD) ?? []).length;
};
window.atelier.each("textarea[data-autosize]", (area) => {
  if (CSS.supports("field-sizing", "content")) {
    area.style.fieldSizing = "content";
    return;
  }
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  area.addEventListener("input", fit);
  fit();
});
window.atelier.each("[data-limit]", (counter) => {
  const field = document.getElementById(counter.dataset.for);
  if (!field) return;
  const { limit, unit } = counter.dataset;
  const most = Number(limit);
  const count = () => {
    const used = unit === "words" ? window.atelier.words(field.value) : field.value.length;
    counter.textContent = `${window.atelier.num(used)} of ${window.atelier.num(most)} ${unit}`;
    counter.dataset.state = used > most ? "over" : used > most * 0.9 ? "near" : "fine";
  };
  field.addEventListener("input", count);
  count();
});
