/**
 * The tester's own compression (RFC 7692, section 7.2), by zlib: each message on its own, with the window so far as dictionary. So it
 * is done when the call returns, and nothing has to be waited for. Deno's zlib takes no dictionary: there, what the tester sends refers to no earlier message.
 * @module
 */
import zlib from "node:zlib";
import { concat, hex } from "../frames.ts";
import { readBlocks } from "./blocks.ts";
import type { Direction } from "./extension.ts";

/** Compresses and decompresses the messages of one connection, in their order. */
export class Codec {
  /** What the tester may do, and what its peer agreed to do. */
  readonly ours: Direction;
  readonly theirs: Direction;
  #sent: Uint8Array = EMPTY;
  #heard: Uint8Array = EMPTY;

  constructor(ours: Direction, theirs: Direction) {
    this.ours = ours;
    this.theirs = theirs;
  }

  /** The payload of a compressed message. */
  compress(message: Uint8Array): Uint8Array {
    const compressed = deflate(message, this.ours.bits, this.#sent);
    if (this.ours.takeover) this.#sent = moveOn(this.#sent, message, this.ours.bits);
    return compressed;
  }

  /** The message of a payload. Throws a sentence about the peer when it is not as was agreed. */
  decompress(payload: Uint8Array): Uint8Array {
    const { bits, takeover } = this.theirs;
    const bytes = concat([payload, TAIL]);
    const { farthest, before, ends, length } = readBlocks(bytes);
    if (farthest > 2 ** bits) throw new Error(`its message refers ${farthest} bytes back in a window of ${2 ** bits}`);
    if (before > 0 && !takeover) throw new Error("its message refers to what was before it, though it agreed to no context takeover");
    if (before > this.#heard.length) throw new Error("its message refers to what was before the connection");
    const parts: Uint8Array[] = [];
    let window = this.#heard;
    let start = 0;
    for (const end of ends) {
      const part = inflate(bytes.subarray(start, end), bits, window);
      window = moveOn(window, part, bits);
      parts.push(part);
      start = end;
    }
    if (takeover) this.#heard = window;
    const message = parts.length === 1 ? parts[0] : concat(parts);
    if (message.length !== length) throw new Error(`its message says ${length} bytes, and is ${message.length}`);
    return message;
  }
}

/** A payload: what zlib makes of a message, without its tail. A receiver does not care how long was searched for references. */
export function deflate(message: Uint8Array, bits: number = 15, dictionary: Uint8Array = EMPTY, level: number = 1): Uint8Array {
  const options: zlib.ZlibOptions = {
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    chunkSize: 65_536,
    level,
    windowBits: Math.max(9, bits),
    // zlib has no window of 256 bytes: with this strategy it refers to the last byte alone
    ...(bits === 8 ? { strategy: zlib.constants.Z_RLE } : {}),
    ...(dictionary.length === 0 ? {} : { dictionary }),
  };
  const compressed = zlib.deflateRawSync(message, options);
  return compressed.subarray(0, -TAIL.length);
}

/** What was said before stands before it in a block that is not compressed: not every zlib takes a dictionary here. */
function inflate(bytes: Uint8Array, bits: number, before: Uint8Array): Uint8Array {
  const { length } = before;
  const header = Uint8Array.of(0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255);
  const all = zlib.inflateRawSync(length === 0 ? bytes : concat([header, before, bytes]), { finishFlush: zlib.constants.Z_SYNC_FLUSH, chunkSize: 65_536, windowBits: bits });
  return all.subarray(length);
}

/** The last bytes of what was said, as many as the window has. */
function moveOn(window: Uint8Array, said: Uint8Array, bits: number): Uint8Array {
  const size = 2 ** bits;
  if (said.length >= size) return said.slice(-size);
  return concat([window.subarray(Math.max(0, window.length + said.length - size)), said]);
}

const EMPTY = new Uint8Array(0);
/** What each compressed message ends with, and no payload has (section 7.2.1). */
const TAIL = hex("00 00 ff ff");
