/** A frame's bits, laid out as in RFC 6455, section 5.2. */
import { $, el, hex, printable } from "./dom.js";

/** The header's bytes. */
export function headerOf({ fin, rsv, opcode, masked, maskingKey, length }) {
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  const bytes = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | short];
  const size = short < 126 ? 0 : short === 126 ? 2 : 8;
  for (let at = size - 1; at >= 0; at--) bytes.push(Math.floor(length / 256 ** at) % 256);
  if (masked) for (const shift of [24, 16, 8, 0]) bytes.push((maskingKey >>> shift) & 0xff);
  return bytes;
}

/** The frame's first bits, laid out as in section 5.2: 32 in a row where there is room, 16 where there is not. */
export function diagram(frame, header) {
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
export function light(event) {
  const field = event.type === "pointerleave" ? undefined : event.target.closest("[data-field]")?.dataset.field;
  for (const part of $("anatomy").querySelectorAll("[data-field]")) part.classList.toggle("lit", part.dataset.field === field);
}
