// Saves a document by itself. What is typed is kept on this device until the server has it; when someone else
// saved meanwhile, both texts are shown and the writer decides. The form works without this file, too.
const PAUSE_MS = 1200;
const RETRY_MS = 10000;
const WORDS = {
  saved: "Saved",
  changed: "Not saved yet",
  saving: "Saving…",
  offline: "Offline. Kept on this device, saved when you are back",
  conflict: "Saved elsewhere meanwhile. Choose below",
};

window.atelier.each("form[data-autosave]", (form) => {
  const { url, key } = form.dataset;
  const fields = [...form.querySelectorAll("[data-save-field]")];
  const body = form.querySelector("[data-save-field=body]");
  const sign = form.querySelector("[data-save-state]");
  const dialog = document.getElementById(form.dataset.conflict);
  let revision = Number(form.dataset.revision);
  let timer = 0;
  let busy = false;

  const read = () => Object.fromEntries(fields.map((field) => [field.dataset.saveField, field.value]));
  let stored = JSON.stringify(read());
  const dirty = () => JSON.stringify(read()) !== stored;
  const show = (state, text = WORDS[state]) => {
    sign.dataset.state = state;
    sign.textContent = text;
  };
  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ revision, values: read() }));
    } catch {
      show("changed", "Not saved yet, and this browser keeps no copy");
    }
  };
  const forget = () => localStorage.removeItem(key);
  const fill = (values) => {
    for (const field of fields) {
      if (!(field.dataset.saveField in values)) continue;
      field.value = values[field.dataset.saveField];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay, "autosave");
  };

  const choose = (mine, theirs, newer) => {
    show("conflict");
    clearTimeout(timer);
    const [left, right] = dialog.querySelectorAll("textarea");
    left.value = mine;
    right.value = theirs;
    dialog.querySelector("[data-take=mine]").onclick = () => {
      revision = newer;
      show("changed");
      body.value = left.value;
      body.dispatchEvent(new Event("input", { bubbles: true }));
      dialog.close();
      save("merge");
    };
    dialog.querySelector("[data-take=theirs]").onclick = () => {
      localStorage.setItem(`${key}:aside`, left.value);
      revision = newer;
      body.value = theirs;
      stored = JSON.stringify(read());
      forget();
      dialog.close();
      show("saved", "Theirs is here. Yours is kept on this device: reload to see it again");
    };
    if (!dialog.open) dialog.showModal();
  };

  async function save(cause = "autosave") {
    if (busy || sign.dataset.state === "conflict" || (!dirty() && cause === "autosave")) return;
    clearTimeout(timer);
    busy = true;
    show("saving");
    const values = read();
    let answer;
    try {
      answer = await fetch(url, {
        method: "PATCH",
        credentials: "same-origin",
        keepalive: values.body.length < 30000,
        headers: { "Content-Type": "application/json", Accept: "application/json", "If-Match": `"r${revision}"`, "X-CSRFToken": window.atelier.csrf() },
        body: JSON.stringify({ ...values, cause }),
      });
    } catch {
      show("offline");
      later(RETRY_MS);
      return;
    } finally {
      busy = false;
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      revision = told.revision ?? revision + 1;
      form.dataset.revision = revision;
      stored = JSON.stringify(values);
      if (dirty()) {
        keep();
        later(PAUSE_MS);
      } else {
        forget();
        show("saved", `Saved ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
      }
      return;
    }
    const details = told.error?.details ?? {};
    if (answer.status === 409 && details.theirs !== undefined) {
      choose(values.body, details.theirs, details.revision);
      return;
    }
    show("refused", `${told.error?.message ?? "It could not be saved."} Your text is kept on this device.`);
    if (answer.status >= 500 || answer.status === 429) later(RETRY_MS);
  }

  form.addEventListener("input", (event) => {
    if (!event.target.dataset.saveField || sign.dataset.state === "conflict" || !dirty()) return;
    show("changed");
    keep();
    later(PAUSE_MS);
  });
  form.querySelector("[data-save-field=title]")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    body.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save("save");
  });
  addEventListener("online", () => save());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save("save");
  });
  dialog.addEventListener("close", () => {
    if (sign.dataset.state !== "conflict") return;
    keep();
    sign.replaceChildren(`${WORDS.conflict}. `);
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn--link";
    again.textContent = "Show both";
    again.onclick = () => dialog.showModal();
    sign.append(again);
  });

  const draft = JSON.parse(localStorage.getItem(key) ?? "null");
  const aside = localStorage.getItem(`${key}:aside`);
  if (draft && draft.values.body !== body.value) {
    if (draft.revision === revision) {
      fill(draft.values);
      show("changed", "Brought back what was not saved last time");
      later(PAUSE_MS);
    } else choose(draft.values.body, body.value, revision);
  } else if (aside !== null) {
    localStorage.removeItem(`${key}:aside`);
    if (aside !== body.value) choose(aside, body.value, revision);
  }
});
