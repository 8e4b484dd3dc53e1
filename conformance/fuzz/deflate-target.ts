/**
 * The codecs of permessage-deflate against zlib: what one compresses the other restores, both ways; a stream with changes is an error or
 * what zlib reads, never something else; a limit stops it.
 * @module
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { restore } from "../../core/testing/deflate-oracle.ts";
import { History } from "../../core/websocket/history.ts";
import { equalBytes, type Target } from "./case.ts";
import { KINDS, makeDeflated, makeMessage } from "./deflate-grammar.ts";

/** What compressed messages may refer to; bit 0 of the flags says whether there is any. */
const BEFORE: Uint8Array = makeMessage(2, 3_000, 7);
const EMPTY = new Uint8Array(0);

/** Compressed streams. Bits 1 and 2 of the flags choose how much room there is. */
export const INFLATE: Target = {
  name: "inflate",
  group: "deflate",
  weight: 4,
  cuttable: false,
  tries: 600,
  starts: () => [0],
  make(random) {
    const flags = random.below(8);
    return { target: "inflate", flags, bytes: makeDeflated(random, (flags & 1) === 1 ? BEFORE : EMPTY), cuts: [] };
  },
  check({ bytes, flags }, { codec }) {
    const before = (flags & 1) === 1 ? BEFORE : EMPTY;
    const history = new History(before.length > 0 ? 4_096 : 0);
    history.push(before);
    const room = [1 << 26, 1 << 26, 300, 0][(flags >> 1) & 3];
    const ours = codec.inflate(bytes.slice(), history, room);
    const theirs = restore(bytes, before);
    if (!equalBytes(history.bytes, before)) return "history: it was changed";
    if (ours === "large") return theirs === "invalid" || theirs.length > room ? undefined : `limit: a message of ${theirs.length} bytes is too large for ${room}`;
    if (theirs === "invalid") return ours === "invalid" ? undefined : `restored: zlib finds no message in what gave us ${ours.length} bytes`;
    if (theirs.length > room) return `limit: ${ours === "invalid" ? ours : ours.length} in place of too large`;
    if (ours === "invalid") return `refused: zlib restores ${theirs.length} bytes`;
    return equalBytes(ours, theirs) ? undefined : "other: zlib restores other bytes";
  },
};

/** Scripts of messages, four bytes each: kind, length in two, seed. The flags are window bits, takeover, level and memory level. */
export const DEFLATE: Target = {
  name: "deflate",
  group: "deflate",
  weight: 4,
  cuttable: false,
  tries: 600,
  starts: (bytes) => Array.from({ length: Math.ceil(bytes.length / 4) }, (_, at) => at * 4),
  make(random) {
    const bytes = random.bytes(4 * (1 + random.small(8)));
    for (let at = 0; at < bytes.length; at += 4) {
      bytes[at] = random.below(KINDS);
      if (!random.once(12)) bytes[at + 1] = random.below(4); // the upper half of the length
    }
    return { target: "deflate", flags: random.below(2_048), bytes, cuts: [] };
  },
  check({ bytes, flags }, { codec }) {
    const settings = { windowBits: 9 + (flags & 7) % 7, level: ((flags >> 4) & 15) % 10, memLevel: 1 + ((flags >> 8) & 7) };
    const history = new History((flags & 8) === 0 ? 0 : 2 ** settings.windowBits);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const data = makeMessage(bytes[at] % KINDS, bytes[at + 1] * 256 + bytes[at + 2] + 1, bytes[at + 3]);
      const dictionary = history.bytes.length > 0 ? { dictionary: history.bytes.slice() } : {};
      const blocks = codec.deflate(data, history, settings);
      if (!equalBytes(blocks.subarray(-4), TAIL)) return `tail: message ${at / 4} does not end in an empty stored block`;
      // small pieces of output make zlib look into its window for everything
      const read = inflateRawSync(blocks, { windowBits: settings.windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
      if (!equalBytes(read, data)) return `there: zlib restores other bytes of message ${at / 4}`;
      const theirs = deflateRawSync(data, { ...settings, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary }).subarray(0, -4);
      const back = codec.inflate(theirs, history, data.length);
      if (typeof back === "string" || !equalBytes(back, data)) return `back: message ${at / 4} of zlib's is ${typeof back === "string" ? back : "another"}`;
      if (codec.inflate(theirs, history, data.length - 1) !== "large") return `limit: message ${at / 4} is a byte too large and passes`;
      history.push(data);
    }
    return undefined;
  },
};

/** Why zlib cannot be compared with here; undefined when it can. */
export function zlibLacks(): string | undefined {
  const packed = deflateRawSync(BEFORE, { dictionary: BEFORE, finishFlush: constants.Z_SYNC_FLUSH });
  if (packed.length > 200) return "its compressor takes no dictionary here";
  const read = restore(Uint8Array.from(packed.subarray(0, -4)), BEFORE);
  return read !== "invalid" && equalBytes(read, BEFORE) ? undefined : "it does not tell here where a block ends";
}

const TAIL = Uint8Array.of(0, 0, 255, 255);
