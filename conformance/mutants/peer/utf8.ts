/**
 * UTF-8, a byte at a time (RFC 3629, section 4).
 * @module
 */

/** Between two characters. */
export const UTF8_START = 0;

/**
 * The state behind one more byte; undefined when it cannot stand there. A state is how many bytes a character lacks, and times 256 and
 * 65536 the least and the greatest that its next byte may be.
 */
export function nextUtf8(state: number, byte: number): number | undefined {
  if (state === UTF8_START) return beginUtf8(byte);
  const missing = state & 255;
  if (byte < (state >> 8 & 255) || byte > state >> 16) return undefined;
  return missing === 1 ? UTF8_START : expectUtf8(missing - 1);
}

/** So many more bytes, of which the next is in this range. */
export function expectUtf8(missing: number, least: number = 0x80, most: number = 0xbf): number {
  return most << 16 | least << 8 | missing;
}

function beginUtf8(byte: number): number | undefined {
  if (byte < 0x80) return UTF8_START;
  if (byte < 0xc2 || byte > 0xf4) return undefined; // a continuation, or a character in too many bytes, or past Unicode
  if (byte < 0xe0) return expectUtf8(1);
  if (byte < 0xf0) return expectUtf8(2, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf); // in too many bytes; a surrogate
  return expectUtf8(3, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf); // in too many bytes; past Unicode
}
