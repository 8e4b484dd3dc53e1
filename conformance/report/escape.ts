/**
 * Text that a peer may have chosen, on its way into HTML, XML and scripts.
 * @module
 */

const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff]/gu;

/**
 * Shows characters that cannot be seen, that turn the direction of what follows, or that no XML may have, as "\u{202e}". Line breaks and
 * tabs stay.
 */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for the head of a request or an answer: a line each, and whatever is no proper end of line is shown. */
export function visibleHead(text: string): string {
  if (!text.includes("\r\n")) return visible(text);
  return text.split("\r\n").map((line) => visible(line).replaceAll("\n", "\\u{a}")).join("\n");
}

/** Text in an element, or in a quoted attribute, of HTML or XML. */
export function escapeMarkup(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON that may stand in a script element: nothing in it ends the element, or begins a comment. */
export function toScriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
