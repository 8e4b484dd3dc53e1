/**
 * Reads what a side sends, and finds everything no side may send (RFC 6455, sections 5.1 to 5.5): it shares no code with the core.
 * @module
 */

/** A frame that was sent. */
export interface SentFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly rsv: number;
  /** Unmasked. */
  readonly payload: Uint8Array;
}

/** Collects frames from pieces. */
export class FrameReader {
  readonly frames: SentFrame[] = [];
  /** The first rule that was broken. */
  problem: string | undefined = undefined;
  readonly #masked: boolean;
  readonly #allowedBits: number;
  #bytes = new Uint8Array(0);
  #lastKey = "";

  /**
   * @param masked true for what a client sends
   * @param allowedBits the reserved bits that an extension claims
   */
  constructor(masked: boolean, allowedBits = 0) {
    this.#masked = masked;
    this.#allowedBits = allowedBits;
  }

  /** Bytes of a frame that is not whole. */
  get pending(): number {
    return this.#bytes.length;
  }

  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#bytes.length > 0) {
      bytes = new Uint8Array(this.#bytes.length + piece.length);
      bytes.set(this.#bytes);
      bytes.set(piece, this.#bytes.length);
    }
    let at = 0;
    while (this.problem === undefined) {
      const next = this.#frame(bytes, at);
      if (next === at) break;
      at = next;
    }
    this.#bytes = bytes.slice(at);
  }

  /** Reads the frame at `at` and returns where it ends; `at` when it is not whole. */
  #frame(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < 2) return at;
    const short = bytes[at + 1] & 127;
    const more = short === 127 ? 8 : short === 126 ? 2 : 0;
    const masked = bytes[at + 1] > 127;
    const start = at + 2 + more + (masked ? 4 : 0);
    if (start > bytes.length) return at;
    let length = more === 0 ? short : 0;
    for (let i = 0; i < more; i++) length = length * 256 + bytes[at + 2 + i];
    if (start + length > bytes.length) return at;
    const payload = bytes.slice(start, start + length);
    if (masked) for (let i = 0; i < length; i++) payload[i] ^= bytes[start - 4 + (i % 4)];
    const frame = { fin: bytes[at] > 127, opcode: bytes[at] & 15, rsv: bytes[at] & 0x70, payload };
    this.problem = this.#judge(frame, masked, length < 126 ? 0 : length < 65_536 ? 2 : 8, more);
    if (masked) {
      const key = String(bytes.subarray(start - 4, start));
      if (key === this.#lastKey) this.problem ??= "two frames in a row have the same masking key (5.3)";
      this.#lastKey = key;
    }
    this.frames.push(frame);
    return start + length;
  }

  #judge({ fin, opcode, rsv, payload }: SentFrame, masked: boolean, shortest: number, more: number): string | undefined {
    if (masked !== this.#masked) return `a frame is ${masked ? "" : "not "}masked (5.1)`;
    if ((rsv & ~this.#allowedBits) !== 0) return "a frame has a reserved bit that no extension claims (5.2)";
    if (more !== shortest) return "a length is not in its shortest form (5.2)";
    if ((opcode > 2 && opcode < 8) || opcode > 10) return "a frame has a reserved opcode (5.2)";
    if (opcode > 7 && (!fin || payload.length > 125)) return "a control frame is fragmented or has more than 125 bytes (5.5)";
    return undefined;
  }
}
