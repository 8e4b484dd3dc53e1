/** The log of frames: its rows, its filter, and which entry is taken apart beside it. */
import { explain, explained } from "./anatomy.js";
import { $, count, el, hexLine, milliseconds, printable, stacked, toText } from "./dom.js";
import { link, links } from "./link.js";

const MAX_ROWS = 500;
const OPCODES = ["text", "binary", "continuation", "close", "ping", "pong"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let paused = false;
const shown = new Map(OPCODES.map((name) => [name, true]));

/** Adds a frame as the server told of it. */
export function addFrame(from, record) {
  const { begun, awaited } = from.connection;
  const frame = { kind: "frame", ...record, payload: Uint8Array.from(atob(record.payload), (character) => character.charCodeAt(0)) };
  // what a continuation carries is what its message began as
  if (frame.name === "text" || frame.name === "binary") begun[frame.to] = frame.name;
  frame.isText = frame.name === "continuation" ? begun[frame.to] === "text" : frame.name === "text" || isPrintable(frame);
  if (frame.name === "pong") {
    const ping = /^ping ([0-9]+)$/.exec(toText(frame.payload));
    if (ping !== null) awaited[Number(ping[1])] = frame;
  }
  add(from, frame);
}

/** Notes how long a ping of ours took, at the pong that answered it. */
export function addRoundTrip(from, ping, time) {
  const { awaited } = from.connection;
  const frame = awaited[ping];
  if (frame === undefined) return;
  delete awaited[ping];
  frame.roundTrip = time;
  if (frame.row !== undefined) frame.row.querySelector(".payload").replaceChildren(...preview(frame));
  if (explained === frame) explain(frame);
}

/** Adds a frame, the opening or closing handshake, or a remark that records are missing. */
export function add(from, entry) {
  const { log } = from;
  if (paused) {
    log.held.push(entry);
    if (log.held.length > MAX_ROWS) log.held.shift();
    if (from === link) showCount();
    return;
  }
  log.entries.push(entry);
  const dropped = log.entries.length > MAX_ROWS ? log.entries.shift() : undefined;
  if (entry.kind === "frame") log.seen.set(entry.name, (log.seen.get(entry.name) ?? 0) + 1);
  if (from === link) addRow(entry, dropped);
  if (entry.kind === "close" || (entry.kind === "handshake" && log.chosen?.kind !== "frame")) choose(entry, from);
}

function addRow(entry, dropped) {
  const box = $("log");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  $("rows").append(rowOf(entry));
  dropped?.row?.remove();
  if (entry.kind === "frame") showSeen(entry.name);
  showCount();
  if (atEnd) box.scrollTop = box.scrollHeight;
}

/** Shows the log of the link that is chosen now. */
export function showLog() {
  const { entries, chosen } = link.log;
  $("rows").replaceChildren(...entries.map(rowOf));
  for (const entry of entries) entry.row.hidden = entry.kind === "frame" && !shown.get(entry.name);
  for (const name of OPCODES) showSeen(name);
  mark(chosen ?? entries[0]);
  explain(chosen);
  showCount();
  $("log").scrollTop = $("log").scrollHeight;
}

/** The row of an entry; made when it is shown first. */
function rowOf(entry) {
  return entry.row ??= entry.kind === "frame" ? frameRow(entry) : eventRow(entry);
}

function showSeen(name) {
  $(`seen-${name}`).textContent = (link.log.seen.get(name) ?? 0).toLocaleString("en");
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
  row.onclick = () => choose(frame, link, true);
  return row;
}

function eventRow(entry) {
  const [title, summary] = entry.kind === "handshake" ? ["Opening handshake", `${entry.request.line.split(" ")[0]} ${entry.request.line.split(" ")[1].split("?")[0]}, answered ${entry.response.line.slice(9)}`]
    : entry.kind === "close" ? [entry.clean ? "Closed cleanly" : "Closed, not cleanly", closeSummary(entry)]
    : ["Not shown", `${count(entry.count, "record")}: this page read too slowly`];
  const row = el("tr", { role: "row", class: `event ${entry.kind}` },
    el("td", { role: "cell", colspan: "9" }, pick(entry, title), " ", el("span", {}, summary)));
  row.onclick = () => choose(entry, link, true);
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
  const visible = link.log.entries.filter(({ row }) => !row.hidden);
  const from = visible.findIndex(({ row }) => row.contains(document.activeElement));
  const entry = visible[Math.max(0, Math.min(visible.length - 1, from + step))];
  choose(entry);
  entry?.row.querySelector(".pick").focus();
};

/** Takes an entry apart, now or when its link is chosen. */
function choose(entry, from = link, byPointer = false) {
  if (entry === undefined) return;
  from.log.chosen = entry;
  if (from !== link) return;
  mark(entry);
  explain(entry);
  $("anatomy").scrollTop = 0;
  if (byPointer && stacked.matches) $("detail").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
}

/** Marks the row of an entry. */
function mark(entry) {
  for (const button of document.querySelectorAll(".pick")) {
    const mine = entry?.row?.contains(button) ?? false;
    button.setAttribute("aria-pressed", String(mine && entry === link.log.chosen));
    button.tabIndex = mine ? 0 : -1;
    button.closest("tr").classList.toggle("chosen", mine && entry === link.log.chosen);
  }
}

function showCount() {
  const { entries, held } = link.log;
  const frames = entries.filter(({ kind }) => kind === "frame").length;
  $("count").textContent = paused ? `paused, ${held.length} waiting` : frames === 0 ? "" : `${frames.toLocaleString("en")}${entries.length >= MAX_ROWS ? ", the latest" : ""}`;
  $("no-rows").hidden = entries.length > 0;
}

$("pause").onclick = () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  for (const each of links.values()) {
    const waiting = each.log.held;
    each.log.held = [];
    if (!paused) for (const entry of waiting) add(each, entry);
  }
  showCount();
};

$("clear").onclick = () => {
  link.log = { entries: [], held: [], seen: new Map(), chosen: link.log.chosen };
  showLog();
};

for (const name of OPCODES) {
  const box = el("input", { type: "checkbox", checked: "" });
  box.onchange = () => {
    shown.set(name, box.checked);
    for (const { kind, row, name: opcode } of link.log.entries) if (kind === "frame" && opcode === name) row.hidden = !box.checked;
  };
  $("filter").append(el("label", { "data-opcode": name }, box, el("i", { class: "dot", "aria-hidden": "true" }), el("span", {}, name), el("output", { id: `seen-${name}` }, "0")));
}

function isPrintable({ name, payload }) {
  return name !== "binary" && name !== "close" && payload.every(printable);
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
