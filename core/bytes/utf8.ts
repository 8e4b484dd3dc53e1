/**
 * UTF-8, whole and piece by piece (RFC 3629; RFC 6455, section 8.1).
 * @module
 */

/** Encodes text. A lone surrogate becomes U+FFFD, as it has no UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes `bytes` from `start` to `end`; a byte order mark is kept. Undefined when they are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

export interface TextCodec { decodeAscii(bytes: Uint8Array, start: number, end: number): string; decode(bytes: Uint8Array, start: number, end: number): string | undefined; encodeInto(text: string, target: Uint8Array, at: number): number; }
export const standardText: TextCodec = { decodeAscii: (b, s, e) => decodeUtf8(b, s, e) as string, decode: decodeUtf8, encodeInto: (t, b, at) => encoder.encodeInto(t, b.subarray(at)).written };
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Checks text that comes in pieces, and fails at the first byte that cannot continue any valid text: hosts' own streaming
 * decoders may hold an impossible byte back until the character would have ended.
 */
export class Utf8Validator {
  /** How many continuation bytes the character still wants. */
  #wanted = 0;
  /** The bounds of the next continuation byte; narrower than 80..BF only behind E0, ED, F0 and F4 (RFC 3629, section 4). */
  #low = 0x80;
  #high = 0xbf;

  /** True when no character is begun but not ended. */
  get complete(): boolean {
    return this.#wanted === 0;
  }

  /** Checks the next piece. False once the text is invalid; then the validator is spent. */
  push(bytes: Uint8Array, start: number, end: number, _ascii = false): boolean {
    let wanted = this.#wanted;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (wanted > 0) {
        if (byte < this.#low || byte > this.#high) return false;
        this.#low = 0x80;
        this.#high = 0xbf;
        wanted--;
      } else if (byte >= 0x80) {
        if (byte < 0xc2 || byte > 0xf4) return false;
        wanted = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        if (byte === 0xe0) this.#low = 0xa0; // shorter forms exist below
        else if (byte === 0xed) this.#high = 0x9f; // surrogates above
        else if (byte === 0xf0) this.#low = 0x90; // shorter forms exist below
        else if (byte === 0xf4) this.#high = 0x8f; // past U+10FFFF above
      }
    }
    this.#wanted = wanted;
    return true;
  }
}
