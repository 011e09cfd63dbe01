// The live session: follows the event stream, writes tokens where they belong, and asks the server for everything else.
const page = document.querySelector("[data-session]");
const place = (name) => document.querySelector(`[data-live="${name}"]`);
const texts = new Map(); // turn → { text, writer }
let source;
const refreshing = {};

const atBottom = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 160;

// Blocks of Markdown as paragraphs and headings; only what changed is touched, so that a long text stays quick.
const write = (sheet, text) => {
  const blocks = text.split(/\n{2,}/).filter((block) => block.trim());
  if (blocks[0]?.replace(/^#+\s*/, "") === document.querySelector(".manuscript__title")?.textContent) blocks.shift();
  while (sheet.children.length > blocks.length) sheet.lastElementChild.remove();
  blocks.forEach((block, index) => {
    const level = block.match(/^(#{1,4})\s/)?.[1].length ?? 0;
    const words = (level ? block.slice(level).trim() : block).replace(/(\*\*|__)(\S(?:.*?\S)?)\1/gs, "$2");
    const tag = level ? `H${Math.max(2, level)}` : "P";
    let element = sheet.children[index];
    if (element?.tagName !== tag) {
      const made = document.createElement(tag);
      if (element) element.replaceWith(made);
      else sheet.append(made);
      element = made;
    }
    if (element.words !== words) {
      element.words = words;
      element.textContent = words;
    }
  });
  sheet.querySelector(".caret")?.remove();
  const caret = document.createElement("span");
  caret.className = "caret";
  (sheet.lastElementChild ?? sheet).append(caret);
};

// One turn's text, where it is shown: the Writer's on the sheet, everyone else's under their name.
const showText = (turn) => {
  const entry = texts.get(turn);
  if (!entry || entry.resting) return;
  if (entry.writer) {
    const sheet = place("writing");
    if (!sheet) return;
    const follow = atBottom();
    sheet.hidden = false;
    write(sheet.querySelector("[data-live-text]"), entry.text);
    place("manuscript")?.toggleAttribute("data-behind", true);
    if (follow) window.scrollTo({ top: document.documentElement.scrollHeight });
    return;
  }
  const seat = document.querySelector(`[data-turn="${CSS.escape(turn)}"] [data-part="live"]`);
  if (!seat) return;
  seat.hidden = false;
  seat.textContent = entry.text;
  seat.scrollTop = seat.scrollHeight;
};

const begin = (turn, { writer, text = "" }) => {
  texts.set(turn, { text, writer });
  const seat = document.querySelector(`[data-turn="${CSS.escape(turn)}"]`);
  if (seat) seat.dataset.state = "running";
  showText(turn);
};

// A suspended turn keeps its text: it goes on from the same word.
const finish = ({ turn, status }) => {
  const entry = texts.get(turn);
  if (!entry) return;
  if (status === "suspended") entry.resting = true;
  else texts.delete(turn);
};

// The manuscript as the server now shows it takes the place of what was being written.
document.addEventListener("htmx:afterSettle", () => {
  const writing = [...texts.values()].some((entry) => entry.writer && !entry.resting);
  if (!writing) place("writing")?.setAttribute("hidden", "");
  texts.forEach((_, turn) => showText(turn));
});

// Several events often come together: one request answers them all.
const refresh = (name, wait = 120) => {
  clearTimeout(refreshing[name]);
  refreshing[name] = setTimeout(() => ask(name), wait);
};
// Each part asks for itself, one request at a time: htmx drops what queues up behind one element.
const asking = {};
const ask = async (name) => {
  const target = place(name);
  if (!target) return;
  if (asking[name]) { asking[name] = "again"; return; }
  asking[name] = "once";
  await window.htmx.ajax("GET", target.dataset.url, { source: target, target, swap: "outerHTML" }).catch(() => {});
  const again = asking[name] === "again";
  asking[name] = undefined;
  if (again) ask(name);
};

const handlers = {
  snapshot(data) {
    texts.clear();
    for (const turn of data.turns) {
      if (turn.status === "running") begin(turn.id, { writer: turn.role === "writer", text: turn.text ?? "" });
      if (turn.status === "suspended") texts.set(turn.id, { writer: turn.role === "writer", text: turn.text ?? "", resting: true });
    }
    refresh("status", 0);
    refresh("manuscript", 0);
  },
  turn_started(data) {
    // "from" counts characters as the server does: whole code points.
    const kept = Array.from(texts.get(data.turn)?.text ?? "").slice(0, data.from).join("");
    begin(data.turn, { writer: data.role === "writer", text: kept });
    refresh("status");
  },
  token(data) {
    const entry = texts.get(data.turn);
    if (!entry) return;
    entry.text += data.text;
    showText(data.turn);
  },
  turn_finished(data) {
    finish(data);
    refresh("status");
    refresh("manuscript");
  },
  finding: () => refresh("manuscript", 250),
  document: () => refresh("manuscript"),
  status: () => { refresh("status"); refresh("manuscript"); },
  credits: () => refresh("status"),
  done() {
    source.close();
    texts.clear();
    refresh("status", 0);
    refresh("manuscript", 0);
  },
};

const follow = () => {
  source = new EventSource(page.dataset.session);
  for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  source.addEventListener("error", (event) => {
    if (event.data) { handlers.status(); return; }
    page.toggleAttribute("data-offline", source.readyState !== EventSource.OPEN);
    // The browser comes back by itself, unless the server said no: then ask again, calmly.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 5000);
  });
  source.addEventListener("open", () => page.removeAttribute("data-offline"));
};
if (page && page.dataset.following === "yes") follow();

// Elapsed time, counted here from what the server said.
window.atelier.each("[data-since]", (element) => {
  const since = new Date(element.dataset.since);
  const tick = () => {
    if (!element.isConnected) return clearInterval(timer);
    const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
    element.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  };
  const timer = setInterval(tick, 1000);
  tick();
});
