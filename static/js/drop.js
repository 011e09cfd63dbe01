// An upload: shows the file that was dropped or chosen, says at once when it is too big, and how far it has come.
window.atelier.each("[data-drop]", (place) => {
  const field = place.querySelector("input[type=file]");
  const title = place.querySelector("[data-drop-title]");
  const error = place.querySelector("[data-drop-error]");
  const progress = place.querySelector(".drop__progress");
  const most = Number(place.dataset.maxBytes);
  const size = (bytes) => (bytes < 104858 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`);

  for (const name of ["dragenter", "dragover"]) place.addEventListener(name, () => place.toggleAttribute("data-over", true));
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.toggleAttribute("data-over", false));
  field.addEventListener("change", () => {
    const [file] = field.files;
    if (!file) return;
    const large = most && file.size > most;
    error.hidden = !large;
    if (large) {
      error.textContent = `${file.name} has ${size(file.size)}; the limit is ${size(most)}.`;
      field.value = "";
      return;
    }
    title.textContent = `${file.name}, ${size(file.size)}`;
    place.dispatchEvent(new CustomEvent("drop:chosen", { bubbles: true, detail: { name: file.name } }));
  });
  place.closest("form")?.addEventListener("htmx:xhr:progress", (event) => {
    if (!field.files.length || !event.detail.lengthComputable) return;
    progress.hidden = false;
    const bar = progress.querySelector("progress");
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  });
});
