/** Elements, and words and numbers for them. Whatever came from outside becomes text nodes, never markup. */

export const $ = (id) => document.getElementById(id);
/** True where the parts of the page stand below each other. */
export const stacked = matchMedia("(max-width: 47.49rem)");

/** An element with attributes and children; a string child is text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

/** A link to a section of RFC 6455. */
export function section(number, text = `section ${number}`) {
  return el("a", { href: `https://www.rfc-editor.org/rfc/rfc6455#section-${number}` }, text);
}

export function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}

export function hexLine(bytes) {
  return Array.from(bytes, hex).join(" ");
}

/** The bytes as UTF-8; a character that the end cuts is left out. */
export function toText(bytes) {
  return new TextDecoder().decode(bytes, { stream: true });
}

/** True for what ASCII can show. */
export function printable(byte) {
  return byte >= 0x20 && byte < 0x7f;
}

export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

export function milliseconds(value) {
  // the clock of a Worker has whole ones only
  if (Number.isInteger(value)) return value === 0 ? "< 1 ms" : `${value} ms`;
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/** A number of bytes, short. */
export function bytes(value) {
  if (value < 1000) return `${value} B`;
  const [size, unit] = value < 999_500 ? [value / 1000, "kB"] : [value / 1_000_000, "MB"];
  return `${size.toFixed(size < 9.95 ? 1 : 0)} ${unit}`;
}
