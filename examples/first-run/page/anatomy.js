/** The anatomy of one entry of the log: what it does, its fields, its payload. */
import { meaningOf } from "./closing.js";
import { diagram, headerOf, light } from "./diagram.js";
import { $, count, el, hex, hexLine, milliseconds, printable, section, toText } from "./dom.js";
import { explainClose, explainHandshake } from "./handshake.js";

const hint = $("anatomy").firstElementChild;

/** The entry taken apart now. */
export let explained;

/** Takes an entry apart; undefined for none yet. */
export function explain(entry) {
  explained = entry;
  const parts = entry === undefined ? [hint]
    : entry.kind === "frame" ? explainFrame(entry)
    : entry.kind === "handshake" ? explainHandshake(entry)
    : entry.kind === "close" ? explainClose(entry)
    : [el("p", {}, "The server sends its records no faster than this page reads them. Past a megabyte of backlog it leaves some out.")];
  $("anatomy").replaceChildren(...parts);
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
  if (explained?.kind === "frame") explain(explained);
});
