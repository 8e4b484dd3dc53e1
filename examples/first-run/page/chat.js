/** The chat: its lines, and what sends into it. */
import { $, count, el, hexLine } from "./dom.js";
import { link, links } from "./link.js";

const MAX_LINES = 200;
const MAX_BUFFERED = 1_048_576;
const NAMES = [
  "Ada", "Alan", "Barbara", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Joan", "John", "Katherine", "Ken",
  "Leslie", "Margaret", "Niklaus", "Radia", "Robin", "Sophie", "Tim", "Tony", "Vint", "Whitfield", "Yukihiro",
];

/** The lines that came over a link, by the message's id: each comes over every link. */
const lines = new Map();

/** Shows what came: a message of somebody, a remark of the server, or bytes that came back. */
export function showMessage(from, data) {
  if (typeof data !== "string") {
    const bytes = new Uint8Array(data);
    addLine(`${count(bytes.length, "byte")} came back${bytes.length === 0 ? "" : `: ${hexLine(bytes.subarray(0, 8))}${bytes.length > 8 ? " …" : ""}`}`);
    return;
  }
  const message = JSON.parse(data);
  if (!lines.has(message.id)) {
    if (message.here !== undefined) $("here").textContent = message.here === 1 ? "only you are here" : `${message.here} are here`;
    const line = message.note === undefined ? addLine(message.text, message.from, message) : addLine(message.note);
    if (message.id !== undefined) lines.set(message.id, line);
    if (lines.size > MAX_LINES) lines.delete(lines.keys().next().value);
  }
  markHeard(lines.get(message.id), from);
}

/** Adds a line to the chat; one without a name is a remark. */
export function addLine(text, from, { own = false, through } = {}) {
  const box = $("chat");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  if (from !== undefined) box.querySelector(".hint")?.remove();
  const line = from === undefined ? el("p", { class: "remark" }, text)
    : el("p", { class: own ? "message own" : "message" },
      el("span", { class: "by" }, el("b", {}, from), through === undefined || links.size < 2 ? "" : el("small", {}, ` through ${through}`), el("span", { class: "heard", "aria-hidden": "true" })),
      el("span", { class: "unseen" }, ": "),
      el("span", { class: "said" }, text));
  box.append(line);
  while (box.childElementCount > MAX_LINES) box.firstElementChild.remove();
  if (atEnd || own) box.scrollTop = box.scrollHeight;
  return line;
}

/** A dot for each server that the line came through. */
function markHeard(line, from) {
  const heard = line?.querySelector(".heard");
  if (!heard || links.size < 2) return;
  if (heard.childElementCount === 0) heard.append(...[...links.keys()].map((name) => el("i", { "data-server": name })));
  heard.querySelector(`[data-server=${from.server.name}]`)?.classList.add("lit");
  const titles = [...heard.querySelectorAll(".lit")].map(({ dataset }) => links.get(dataset.server).server.title);
  heard.title = `Heard through ${new Intl.ListFormat("en").format(titles)}`;
}

/** Says how a connection ended. */
export function showEnd(ended) {
  if (![...links.values()].some(({ open }) => open)) $("here").textContent = "";
  if (ended !== link) return;
  const { code, reason, wasClean } = ended.connection.browser;
  addLine(`The connection is closed: ${code}${reason === "" ? "" : ` “${reason}”`}, ${wasClean ? "cleanly" : "not cleanly"}.`);
}

function sendOnChat(data) {
  if (!link.open) return;
  const { chat } = link.connection;
  if (chat.bufferedAmount > MAX_BUFFERED) addLine("The last messages have not left yet: try again in a moment.");
  else chat.send(data);
}

$("say").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text");
  if (text.value === "") return;
  sendOnChat(text.value);
  text.value = "";
  text.focus();
};

$("name").onchange = () => {
  const name = $("name").value.trim();
  if (name === "") return;
  remembered(name);
  for (const each of links.values()) each.order({ do: "rename", name });
};

$("bytes").onsubmit = (event) => {
  event.preventDefault();
  sendOnChat(crypto.getRandomValues(new Uint8Array(Number($("size").value))));
};

$("file-button").onclick = () => $("file").click();
$("file").onchange = async () => {
  const [file] = $("file").files;
  if (file === undefined) return;
  $("file").value = "";
  if (file.size > link.maxBinary) addLine(`“${file.name}” has ${count(file.size, "byte")}; this server takes ${count(link.maxBinary, "byte")} in one message.`);
  else sendOnChat(await file.arrayBuffer());
};

/** The name this tab had before it was reloaded; a new one to keep. */
function remembered(name) {
  try {
    if (name !== undefined) sessionStorage.setItem("name", name);
    return sessionStorage.getItem("name");
  } catch {
    return name; // browsers that block site data throw at the mere mention
  }
}

$("name").value = remembered() ?? NAMES[Math.floor(Math.random() * NAMES.length)];
