/**
 * The page of the first run. Two WebSockets: `chat` talks, `watch` is told by the server which frames `chat` exchanged.
 * Whatever came from outside becomes text nodes, never markup.
 */

const MAX_ROWS = 500;
const MAX_LINES = 200;
const MAX_BUFFERED = 1_048_576;
const OPCODES = [["text", 0x1], ["binary", 0x2], ["continuation", 0x0], ["close", 0x8], ["ping", 0x9], ["pong", 0xa]];
const NAMES = [
  "Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Joan", "John", "Katherine", "Ken",
  "Leslie", "Margaret", "Niklaus", "Radia", "Robin", "Sophie", "Tim", "Tony", "Vint", "Whitfield", "Yukihiro",
];

const $ = (id) => document.getElementById(id);
const stacked = matchMedia("(max-width: 47.49rem)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** An element with attributes and children; a string child is text. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

// --- the two connections ---------------------------------------------------------------------------------------------

/** The connection shown now; its sockets are replaced together. */
let link;
let maxBinary = 0;
let meanings = new Map();

function connect() {
  link?.chat?.close();
  link?.watch.close();
  const id = crypto.randomUUID();
  const base = location.origin.replace(/^http/, "ws");
  const watch = new WebSocket(`${base}/watch?id=${id}`);
  const mine = { id, watch, chat: undefined, browser: undefined, awaited: [], begun: {} };
  link = mine;
  setStatus("connecting", "Connecting");
  watch.onmessage = ({ data }) => {
    if (link === mine) hear(JSON.parse(data));
  };
  watch.onclose = ({ code }) => {
    if (link !== mine) return;
    if (mine.chat?.readyState === WebSocket.OPEN) setStatus("open", "Open, but no longer watched");
    else setStatus("closed", code === 1001 ? "The server has stopped" : "No connection to the server");
  };
}

function openChat() {
  const mine = link;
  const url = new URL(`${location.origin.replace(/^http/, "ws")}/chat`);
  $("url").textContent = url.href;
  url.searchParams.set("id", mine.id);
  url.searchParams.set("name", $("name").value);
  const chat = mine.chat = new WebSocket(url);
  chat.binaryType = "arraybuffer";
  chat.onopen = () => link === mine && setStatus("open", "Open");
  chat.onmessage = ({ data }) => link === mine && showMessage(data);
  chat.onclose = ({ code, reason, wasClean }) => {
    if (link !== mine) return;
    mine.browser = { code, reason, wasClean };
    $("here").textContent = "";
    setStatus("closed", `Closed: ${code}`);
    addLine(`The connection is closed: ${code}${reason === "" ? "" : ` “${reason}”`}, ${wasClean ? "cleanly" : "not cleanly"}.`);
    if (chosen?.kind === "close") explain(chosen);
  };
}

/** Asks the server for what a page cannot do. */
function order(what) {
  if (link.watch.readyState === WebSocket.OPEN) link.watch.send(JSON.stringify(what));
}

function setStatus(state, text) {
  const status = $("status");
  status.dataset.state = state;
  status.textContent = text;
  const lost = document.activeElement?.hasAttribute("data-needs-open") && state === "closed";
  for (const button of document.querySelectorAll("[data-needs-open]")) button.disabled = state !== "open";
  $("reconnect").hidden = state !== "closed";
  if (lost) $("reconnect").focus();
}

/** Hears a record of the watch. */
function hear(record) {
  if (record.type === "ready") {
    maxBinary = record.maxBinary;
    meanings = new Map(record.closeCodes);
    showMeaning();
    openChat();
  } else if (record.type === "handshake") {
    add({ kind: "handshake", request: record.request, response: record.response });
  } else if (record.type === "frame") {
    addFrame(record);
  } else if (record.type === "roundTrip") {
    const frame = link.awaited[record.ping];
    addLine(`Pinged by the server: ${milliseconds(record.milliseconds)}`);
    if (frame === undefined) return;
    delete link.awaited[record.ping];
    frame.roundTrip = record.milliseconds;
    if (frame.row !== undefined) frame.row.querySelector(".payload").replaceChildren(...preview(frame));
    if (chosen === frame) explain(frame);
  } else if (record.type === "close") {
    add({ kind: "close", clean: record.clean, page: record.page, server: record.server, fault: record.fault, link });
  } else if (record.type === "missed") {
    add({ kind: "missed", count: record.count });
  }
}

// --- chat ------------------------------------------------------------------------------------------------------------

function showMessage(data) {
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
function addLine(text, from, own = false) {
  const box = $("chat");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  if (from !== undefined) box.querySelector(".hint")?.remove();
  box.append(from === undefined
    ? el("p", { class: "remark" }, text)
    : el("p", { class: own ? "message own" : "message" }, el("b", {}, from), el("span", { class: "unseen" }, ": "), el("span", { class: "said" }, text)));
  while (box.childElementCount > MAX_LINES) box.firstElementChild.remove();
  if (atEnd || own) box.scrollTop = box.scrollHeight;
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
  if (file.size > maxBinary) addLine(`“${file.name}” has ${count(file.size, "byte")}; this server takes ${count(maxBinary, "byte")} in one message.`);
  else sendOnChat(await file.arrayBuffer());
};

$("ping").onclick = () => order({ do: "ping" });
$("fragments").onclick = () => order({ do: "fragments" });
$("reconnect").onclick = () => {
  connect();
  $("text").focus({ preventScroll: stacked.matches });
};

// --- closing ---------------------------------------------------------------------------------------------------------

function meaningOf(code) {
  return meanings.get(code) ?? meanings.get(Math.floor(code / 1000) * 1000 >= 3000 ? Math.floor(code / 1000) * 1000 : 0) ?? "not a code that may be sent";
}

function closedByPage() {
  return $("close").elements.who.value === "page";
}

/** Says what the code means and whether this side may send it. */
function showMeaning() {
  const code = Number($("code").value);
  const may = (value) => meanings.has(value) || (value >= 3000 && value <= 4999);
  const pageMay = (value) => value === 1000 || (value >= 3000 && value <= 4999);
  const bytes = new TextEncoder().encode($("reason").value).length;
  const wrong = bytes > 123 ? `The reason has ${bytes} bytes; a close frame has room for 123.`
    : !may(code) ? `A close frame may not carry ${$("code").value || "no code"}.`
    : closedByPage() && !pageMay(code) ? "Browsers let pages send 1000 and 3000 to 4999 only. The server may send this one."
    : "";
  $("code").setCustomValidity(wrong);
  $("meaning").textContent = wrong || `${code}: ${meaningOf(code)}.`;
  $("meaning").dataset.wrong = String(wrong !== "");
  $("codes").replaceChildren(...[...meanings].filter(([value]) => !closedByPage() || pageMay(value))
    .map(([value, meaning]) => el("option", { value, label: meaning })));
}

$("close").oninput = showMeaning;
$("close").onsubmit = (event) => {
  event.preventDefault();
  const code = Number($("code").value);
  const reason = $("reason").value;
  if (closedByPage()) {
    setStatus("closing", "Closing");
    link.chat.close(code, reason);
  } else {
    order({ do: "close", code, reason });
  }
};

// --- the log of frames -----------------------------------------------------------------------------------------------

let entries = [];
let held = [];
let paused = false;
let chosen;
const seen = new Map(OPCODES.map(([name]) => [name, 0]));
const shown = new Map(OPCODES.map(([name]) => [name, true]));

function addFrame(record) {
  const frame = { kind: "frame", ...record, payload: Uint8Array.from(atob(record.payload), (character) => character.charCodeAt(0)) };
  // what a continuation carries is what its message began as
  if (frame.name === "text" || frame.name === "binary") link.begun[frame.to] = frame.name;
  frame.isText = frame.name === "continuation" ? link.begun[frame.to] === "text" : frame.name === "text" || isPrintable(frame);
  if (frame.name === "pong") {
    const ping = /^ping ([0-9]+)$/.exec(toText(frame.payload));
    if (ping !== null) link.awaited[Number(ping[1])] = frame;
  }
  add(frame);
}

function add(entry) {
  if (paused) {
    held.push(entry);
    if (held.length > MAX_ROWS) held.shift();
    showCount();
    return;
  }
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  entries.push(entry);
  entry.row = entry.kind === "frame" ? frameRow(entry) : eventRow(entry);
  $("rows").append(entry.row);
  if (entries.length > MAX_ROWS) entries.shift().row.remove();
  if (entry.kind === "frame") {
    seen.set(entry.name, seen.get(entry.name) + 1);
    $(`seen-${entry.name}`).textContent = seen.get(entry.name).toLocaleString("en");
  }
  if (entry.kind === "handshake" && (chosen === undefined || chosen.kind !== "frame")) choose(entry);
  if (entry.kind === "close") choose(entry);
  showCount();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function frameRow(frame) {
  const cell = (name, ...children) => el("td", { role: "cell", class: name }, ...children);
  const row = el("tr", { role: "row", "data-to": frame.to, "data-opcode": frame.name },
    cell("number", String(frame.number)),
    cell("at", (frame.at / 1000).toFixed(3)),
    cell("to", el("span", { class: "arrow", "aria-hidden": "true" }, frame.to === "server" ? "→" : "←"), el("span", {}, frame.to)),
    cell("opcode", pick(frame, el("i", { class: "dot", "aria-hidden": "true" }), el("span", {}, frame.name))),
    cell("fin", frame.fin ? "1" : "0"),
    cell("rsv", frame.rsv.toString(2).padStart(3, "0")),
    cell("mask", frame.masked ? "1" : "0"),
    cell("length", frame.length.toLocaleString("en")),
    cell("payload", ...preview(frame)));
  row.hidden = !shown.get(frame.name);
  row.onclick = () => choose(frame, true);
  return row;
}

function eventRow(entry) {
  const [title, summary] = entry.kind === "handshake" ? ["Opening handshake", `${entry.request.line.split(" ")[0]} ${entry.request.line.split(" ")[1].split("?")[0]}, answered ${entry.response.line.slice(9)}`]
    : entry.kind === "close" ? [entry.clean ? "Closed cleanly" : "Closed, not cleanly", closeSummary(entry)]
    : ["Not shown", `${count(entry.count, "record")}: this page read too slowly`];
  const row = el("tr", { role: "row", class: `event ${entry.kind}` },
    el("td", { role: "cell", colspan: "9" }, pick(entry, title), " ", el("span", {}, summary)));
  row.onclick = () => choose(entry, true);
  return row;
}

function closeSummary({ page, server }) {
  const say = (status) => status === null ? "no close frame" : `${status.code}${status.reason === "" ? "" : ` “${status.reason}”`}`;
  return `page ${say(page)}, server ${say(server)}`;
}

/** The button that opens an entry; one of them at a time is in the tab order, the arrow keys reach the others. */
function pick(entry, ...children) {
  const button = el("button", { type: "button", class: "pick", tabindex: "-1", "aria-pressed": "false" }, ...children);
  if (document.querySelector(".pick[tabindex='0']") === null) button.tabIndex = 0;
  return button;
}

$("rows").onkeydown = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const visible = entries.filter(({ row }) => !row.hidden);
  const from = visible.findIndex(({ row }) => row.contains(document.activeElement));
  const entry = visible[Math.max(0, Math.min(visible.length - 1, from + step))];
  choose(entry);
  entry?.row.querySelector(".pick").focus();
};

function choose(entry, byPointer = false) {
  if (entry === undefined) return;
  for (const button of document.querySelectorAll(".pick")) {
    const mine = entry.row?.contains(button) ?? false;
    button.setAttribute("aria-pressed", String(mine));
    button.tabIndex = mine ? 0 : -1;
    button.closest("tr").classList.toggle("chosen", mine);
  }
  chosen = entry;
  explain(entry);
  $("anatomy").scrollTop = 0;
  if (byPointer && stacked.matches) $("detail").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
}

function showCount() {
  const frames = entries.filter(({ kind }) => kind === "frame").length;
  $("count").textContent = paused ? `paused, ${held.length} waiting` : frames === 0 ? "" : `${frames.toLocaleString("en")}${entries.length >= MAX_ROWS ? ", the latest" : ""}`;
  $("no-rows").hidden = entries.length > 0;
}

$("pause").onclick = () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  const waiting = held;
  held = [];
  if (!paused) for (const entry of waiting) add(entry);
  showCount();
};

$("clear").onclick = () => {
  for (const { row } of entries) row.remove();
  entries = [];
  held = [];
  for (const [name] of OPCODES) {
    seen.set(name, 0);
    $(`seen-${name}`).textContent = "0";
  }
  showCount();
};

for (const [name] of OPCODES) {
  const box = el("input", { type: "checkbox", checked: "" });
  box.onchange = () => {
    shown.set(name, box.checked);
    for (const { kind, row, name: opcode } of entries) if (kind === "frame" && opcode === name) row.hidden = !box.checked;
  };
  $("filter").append(el("label", { "data-opcode": name }, box, el("i", { class: "dot", "aria-hidden": "true" }), el("span", {}, name), el("output", { id: `seen-${name}` }, "0")));
}

/** The payload in one line. */
function preview(frame) {
  if (frame.length === 0) return [el("span", { class: "quiet" }, "empty")];
  if (frame.name === "close") return [closeText(frame)];
  const text = frame.isText ? toText(frame.payload).slice(0, 160) : hexLine(frame.payload.subarray(0, 48));
  const line = el("span", {}, text);
  return frame.roundTrip === undefined ? [line] : [line, el("span", { class: "trip" }, ` ${milliseconds(frame.roundTrip)}`)];
}

function closeText({ payload }) {
  if (payload.length < 2) return "no code";
  const reason = toText(payload.subarray(2));
  return `${payload[0] * 256 + payload[1]}${reason === "" ? "" : ` “${reason}”`}`;
}

// --- the anatomy of one entry ----------------------------------------------------------------------------------------

function explain(entry) {
  const parts = entry.kind === "frame" ? explainFrame(entry)
    : entry.kind === "handshake" ? explainHandshake(entry)
    : entry.kind === "close" ? explainClose(entry)
    : [el("p", {}, "The server sends its records no faster than this page reads them. Past a megabyte of backlog it leaves some out.")];
  $("anatomy").replaceChildren(...parts);
}

function section(number, text = `section ${number}`) {
  return el("a", { href: `https://www.rfc-editor.org/rfc/rfc6455#section-${number}` }, text);
}

function explainFrame(frame) {
  const header = headerOf(frame);
  const wire = header.length + frame.length;
  return [
    el("div", { class: "title", "data-opcode": frame.name },
      el("h3", {}, el("i", { class: "dot", "aria-hidden": "true" }), frame.name),
      el("p", { class: "quiet" }, frame.to === "server" ? "page → server" : "server → page", ` · frame ${frame.number} · ${count(wire, "byte")} on the wire`)),
    el("p", { class: "lead" }, ...whatItDoes(frame)),
    diagram(frame, header),
    fieldList(frame, header),
    ...payloadParts(frame),
  ];
}

function whatItDoes(frame) {
  const { name, fin } = frame;
  if (name === "text" || name === "binary") {
    return fin ? [`A whole ${name} message in one frame.`] : [`The first fragment of a ${name} message; continuation frames bring the rest (`, section("5.4"), ")."];
  }
  if (name === "continuation") {
    return fin ? ["The last fragment: the message is whole now, and the application gets it (", section("5.4"), ")."]
      : ["A fragment in the middle of a message. Only control frames may stand between fragments (", section("5.4"), ")."];
  }
  if (name === "ping") return ["Asks for a pong with the same payload, to see whether the other side is there (", section("5.5.2"), ")."];
  if (name === "pong") {
    const trip = frame.roundTrip === undefined ? "" : ` The round trip took ${milliseconds(frame.roundTrip)}.`;
    return [`Answers a ping with the ping’s own payload (`, section("5.5.3"), `).${trip}`];
  }
  if (name !== "close") return ["An opcode that RFC 6455 reserves."];
  const who = frame.to === "server" ? "page" : "server";
  const code = frame.payload.length < 2 ? undefined : frame.payload[0] * 256 + frame.payload[1];
  return [`The ${who} sends nothing after this; the other side answers with a close frame of its own (`, section("5.5.1"), "). ",
    code === undefined ? "It gives no code." : `Code ${code}: ${meaningOf(code)}.`];
}

/** The header's bytes. */
function headerOf({ fin, rsv, opcode, masked, maskingKey, length }) {
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  const bytes = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | short];
  const size = short < 126 ? 0 : short === 126 ? 2 : 8;
  for (let at = size - 1; at >= 0; at--) bytes.push(Math.floor(length / 256 ** at) % 256);
  if (masked) for (const shift of [24, 16, 8, 0]) bytes.push((maskingKey >>> shift) & 0xff);
  return bytes;
}

/** The frame's first bits, laid out as in section 5.2: 32 in a row where there is room, 16 where there is not. */
function diagram(frame, header) {
  const bits = (byte) => byte.toString(2).padStart(8, "0");
  const [first, second] = [bits(header[0]), bits(header[1])];
  const cells = [
    one("fin", "FIN", first[0]), one("rsv", "RSV1", first[1]), one("rsv", "RSV2", first[2]), one("rsv", "RSV3", first[3]),
    part("opcode", "opcode", first.slice(4)), one("mask", "MASK", second[0]), part("length", "payload length", second.slice(1)),
  ];
  const keyAt = frame.masked ? header.length - 4 : header.length;
  for (let at = 2; at < header.length; at += 2) {
    const [field, label, start] = at < keyAt ? ["extended", "extended length", 2] : ["key", "masking key", keyAt];
    cells.push(part(field, at === start ? label : "… continued", bits(header[at]) + bits(header[at + 1])));
  }
  const { payload, length, name } = frame;
  // whole rows of 32 bits: the key and the lengths are multiples of 16
  const room = keyAt * 8 % 32 === 0 ? 12 : 10;
  const many = length > room ? room - 2 : Math.min(room, payload.length);
  for (let at = 0; at < many; at++) {
    const field = name === "close" && at < 2 ? "code" : "data";
    cells.push(part(field, frame.isText && field === "data" && printable(payload[at]) ? String.fromCharCode(payload[at]) : "", hex(payload[at]), 8));
  }
  if (length > many) cells.push(part("data", "", `… ${(length - many).toLocaleString("en")} more`, 16));
  const ruler = Array.from({ length: 32 }, (_, at) => el("span", { class: "tick" }, String(at % 10)));
  const figure = el("figure", { class: "diagram", "aria-hidden": "true" }, ...ruler, ...cells);
  figure.addEventListener("pointerover", light);
  figure.addEventListener("pointerleave", light);
  return figure;
}

function one(field, label, bit) {
  return el("div", { class: "part one", "data-field": field }, el("span", { class: "bits" }, bit), el("span", { class: "label" }, label));
}

function part(field, label, bits, span = bits.length) {
  const shownBits = /^[01]+$/.test(bits) && span === bits.length ? [...bits].map((bit) => el("b", {}, bit)) : [bits];
  return el("div", { class: `part span-${span}`, "data-field": field }, el("span", { class: "bits" }, ...shownBits), el("span", { class: "label" }, label));
}

/** Lights up a field in the diagram and in the list below together. */
function light(event) {
  const field = event.type === "pointerleave" ? undefined : event.target.closest("[data-field]")?.dataset.field;
  for (const part of $("anatomy").querySelectorAll("[data-field]")) part.classList.toggle("lit", part.dataset.field === field);
}

function fieldList(frame, header) {
  const { fin, rsv, opcode, name, masked, length, payload } = frame;
  const short = header[1] & 0x7f;
  const row = (field, title, value, meaning) => el("tr", { "data-field": field },
    el("th", { scope: "row" }, title), el("td", { class: "value" }, value), el("td", {}, ...[meaning].flat()));
  const rows = [
    row("fin", "FIN", fin ? "1" : "0", fin ? "the last fragment of its message, or its only one" : "more fragments of this message follow"),
    row("rsv", "RSV1–3", rsv.toString(2).padStart(3, "0"), rsv === 0 ? "kept for extensions; none is in use here" : "an extension uses them"),
    row("opcode", "opcode", `0x${opcode.toString(16)}`, opcode >= 8 ? `${name}: a control frame, 125 bytes at most, never fragmented` : name === "continuation" ? "continuation: goes on with the message begun before" : `${name}: ${name === "text" ? "its payload is UTF-8" : "its payload is any bytes"}`),
    row("mask", "MASK", masked ? "1" : "0", masked ? "masked, as every frame from a client" : "not masked, as every frame from a server"),
    row("length", "length", String(short), short < 126 ? `${count(length, "byte")} of payload: up to 125 fit here` : short === 126 ? "126: the length follows in 16 bits" : "127: the length follows in 64 bits"),
  ];
  if (short > 125) rows.push(row("extended", "extended", short === 126 ? "16 bits" : "64 bits", `${count(length, "byte")} of payload`));
  if (masked) rows.push(row("key", "key", header.slice(-4).map(hex).join(" "), ["random and new for each frame: each byte of payload is XORed with one of its four (", section("5.3"), "). What is shown is unmasked already"]));
  if (name === "close" && payload.length >= 2) {
    const code = payload[0] * 256 + payload[1];
    rows.push(row("code", "code", String(code), [`${meaningOf(code)} (`, section("7.4"), ")"]));
  }
  const list = el("table", { class: "fields", "aria-label": "The header’s fields" }, el("tbody", {}, ...rows));
  list.addEventListener("pointerover", light);
  list.addEventListener("pointerleave", light);
  return list;
}

function payloadParts(frame) {
  const { payload, length, name } = frame;
  if (length === 0) return [el("p", { class: "quiet" }, "There is no payload.")];
  const cut = length > payload.length ? `, the first ${payload.length.toLocaleString("en")} of ${count(length, "byte")}` : "";
  const parts = [];
  const text = name === "close" ? toText(payload.subarray(2)) : frame.isText ? toText(payload) : "";
  if (text !== "") parts.push(el("h4", {}, name === "close" ? "Reason" : `Payload as text${cut}`), el("pre", { class: "text" }, text));
  parts.push(el("h4", {}, `Payload in hex${cut}`), dump(payload));
  return parts;
}

/** Offset, bytes, characters. */
function dump(bytes) {
  const width = dumpWidth();
  const lines = [];
  for (let at = 0; at < bytes.length; at += width) {
    const line = bytes.subarray(at, at + width);
    lines.push(el("span", { class: "offset" }, at.toString(16).padStart(4, "0")), "  ", hexLine(line).padEnd(width * 3 - 1), "  ",
      el("span", { class: "characters" }, [...line].map((byte) => printable(byte) ? String.fromCharCode(byte) : "·").join("")), "\n");
  }
  return el("pre", { class: "dump" }, ...lines);
}

/** How many bytes go on a line. */
function dumpWidth() {
  return $("anatomy").clientWidth > 560 ? 16 : 8;
}

let dumpedWidth = dumpWidth();
addEventListener("resize", () => {
  if (dumpedWidth === dumpWidth()) return;
  dumpedWidth = dumpWidth();
  if (chosen?.kind === "frame") explain(chosen);
});

function explainHandshake({ request, response }) {
  const field = (all, name) => all.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
  const verdict = el("span", {}, "");
  void acceptValue(field(request.fields, "sec-websocket-key")).then((value) => {
    verdict.textContent = value === field(response.fields, "sec-websocket-accept") ? " This page did the sum: it matches." : " This page did the sum: it does not match.";
  });
  const notes = {
    upgrade: "what to speak from here on",
    connection: "Upgrade is meant for this hop",
    "sec-websocket-key": "16 random bytes in base64",
    "sec-websocket-version": "13 is RFC 6455",
    "sec-websocket-extensions": "offered; this server takes none",
    "sec-websocket-accept": ["base64 of SHA-1 over the key and a fixed GUID: proof that the server speaks WebSocket.", verdict],
    origin: "the page that connects; this server takes its own pages only",
  };
  const head = (title, { line, fields }) => el("section", { class: "head" },
    el("h4", {}, title),
    el("p", { class: "line" }, line),
    el("dl", {}, ...fields.map(([name, value]) => {
      const note = notes[name.toLowerCase()];
      return el("div", { class: note === undefined ? "" : "noted" }, el("dt", {}, `${name}:`), el("dd", {}, value, note === undefined ? "" : el("small", {}, ...[note].flat())));
    })));
  return [
    el("div", { class: "title" }, el("h3", {}, "Opening handshake")),
    el("p", { class: "lead" }, "A WebSocket begins as an HTTP request. After the 101 the same TCP connection carries frames, both ways (", section("1.3"), ")."),
    head("The browser asks", request),
    head("The server answers", response),
  ];
}

async function acceptValue(key) {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

function explainClose({ clean, page, server, fault, link: { browser } }) {
  const card = (title, status, none) => el("section", { class: "card" },
    el("h4", {}, title),
    status === null ? el("p", { class: "quiet" }, none) : el("p", { class: "code" }, String(status.code)),
    status === null ? "" : el("p", {}, status.meaning),
    status === null || status.reason === "" ? "" : el("p", { class: "reason" }, `“${status.reason}”`));
  return [
    el("div", { class: "title" }, el("h3", {}, "Close handshake")),
    el("p", { class: "lead" }, clean ? "Each side sent a close frame, then the server ended TCP (" : "The connection ended without a close frame from each side (", section("7.1"), ")."),
    el("div", { class: "cards" },
      card("The page’s close frame", page, "None came."),
      card("The server’s close frame", server, "None was sent.")),
    fault === undefined ? "" : el("p", {}, `The server failed the connection: ${fault}.`),
    browser === undefined ? "" : el("p", {}, "The browser told this page: ",
      el("code", {}, `code ${browser.code}, reason "${browser.reason}", wasClean ${browser.wasClean}`), "."),
    el("p", { class: "quiet" }, "Whoever gets a close frame first usually answers with the same code. 1005 stands for a close frame without a code, 1006 for none at all; neither is ever sent."),
  ].filter((part) => part !== "");
}

/** The name this tab had before it was reloaded; a new one to keep. */
function remembered(name) {
  try {
    if (name !== undefined) sessionStorage.setItem("name", name);
    return sessionStorage.getItem("name");
  } catch {
    return name; // browsers that block site data throw at the mere mention
  }
}

// --- words and numbers -----------------------------------------------------------------------------------------------

function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}

function hexLine(bytes) {
  return Array.from(bytes, hex).join(" ");
}

/** The bytes as UTF-8; a character that the end cuts is left out. */
function toText(bytes) {
  return new TextDecoder().decode(bytes, { stream: true });
}

function printable(byte) {
  return byte >= 0x20 && byte < 0x7f;
}

function isPrintable({ name, payload }) {
  return name !== "binary" && name !== "close" && payload.every(printable);
}

function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function milliseconds(value) {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

// --- begin -----------------------------------------------------------------------------------------------------------

$("actions").open = !stacked.matches;
$("name").value = remembered() ?? NAMES[Math.floor(Math.random() * NAMES.length)];
setStatus("connecting", "Connecting");
connect();
