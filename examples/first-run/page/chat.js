/** The chat: its lines, and what sends into it. */
import { $, count, el, hexLine } from "./dom.js";
import { link, order } from "./link.js";

const MAX_LINES = 200;
const MAX_BUFFERED = 1_048_576;
const NAMES = [
  "Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Joan", "John", "Katherine", "Ken",
  "Leslie", "Margaret", "Niklaus", "Radia", "Robin", "Sophie", "Tim", "Tony", "Vint", "Whitfield", "Yukihiro",
];

/** Shows what came: a message of somebody, a remark of the server, or bytes that came back. */
export function showMessage(data) {
  if (typeof data !== "string") {
    const bytes = new Uint8Array(data);
    addLine(`${count(bytes.length, "byte")} came back${bytes.length === 0 ? "" : `: ${hexLine(bytes.subarray(0, 8))}${bytes.length > 8 ? " …" : ""}`}`);
    return;
  }
  const message = JSON.parse(data);
  if (message.here !== undefined) $("here").textContent = message.here === 1 ? "only you are here" : `${message.here} are here`;
  if (message.note !== undefined) addLine(message.note);
  else addLine(message.text, message.from, message.own === true);
}

/** Adds a line to the chat; one without a name is a remark. */
export function addLine(text, from, own = false) {
  const box = $("chat");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  if (from !== undefined) box.querySelector(".hint")?.remove();
  box.append(from === undefined
    ? el("p", { class: "remark" }, text)
    : el("p", { class: own ? "message own" : "message" }, el("b", {}, from), el("span", { class: "unseen" }, ": "), el("span", { class: "said" }, text)));
  while (box.childElementCount > MAX_LINES) box.firstElementChild.remove();
  if (atEnd || own) box.scrollTop = box.scrollHeight;
}

/** Says how the connection ended. */
export function showEnd({ code, reason, wasClean }) {
  $("here").textContent = "";
  addLine(`The connection is closed: ${code}${reason === "" ? "" : ` “${reason}”`}, ${wasClean ? "cleanly" : "not cleanly"}.`);
}

function sendOnChat(data) {
  if (link.chat?.readyState !== WebSocket.OPEN) return;
  if (link.chat.bufferedAmount > MAX_BUFFERED) addLine("The last messages have not left yet: try again in a moment.");
  else link.chat.send(data);
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
  order({ do: "rename", name });
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
