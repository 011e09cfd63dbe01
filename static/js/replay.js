// Writes the newest passage of the landing page's example once, word by word, at the pace a session does. The space is
// there from the start; who asked for less motion sees the finished page.
window.atelier.each("[data-replay]", (passage) => {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const caret = passage.parentElement.querySelector(".caret");
  const words = passage.textContent.split(/(?<=\s)/).map((word) => {
    const span = document.createElement("span");
    span.className = "unwritten";
    span.textContent = word;
    return span;
  });
  passage.replaceChildren(...words);
  if (caret) words[0].before(caret);
  let at = 0;
  const write = () => {
    words[at].classList.remove("unwritten");
    if (caret) words[at].after(caret);
    at += 1;
    if (at < words.length) setTimeout(write, 90);
  };
  setTimeout(write, 900);
});
