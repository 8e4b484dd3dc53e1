/**
 * What a compressed message holds by zlib alone (RFC 7692, section 7.2.2), to judge our codecs by.
 * @module
 */
import { constants, type InputType, inflateRawSync } from "node:zlib";

/** The four bytes that a sender leaves away. */
export const TAIL: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff);

/**
 * The message in `data`, behind `history`. "invalid" for what is no DEFLATE data, and for what ends inside a block: where four more bytes do not
 * complete it, or add to it, or where what stands behind them is not read as the next block.
 */
export function restore(data: Uint8Array, history: Uint8Array = EMPTY): Uint8Array | "invalid" {
  const alone = inflate(data, history);
  const whole = inflate(Buffer.concat([data, TAIL]), history);
  const more = inflate(Buffer.concat([data, TAIL, STORED]), history);
  if (alone === undefined || whole === undefined || more === undefined) return "invalid";
  if (alone.ended) return alone.output; // behind a block that is marked as the last one nothing is missing: that is taken, too
  const complete = more.output.length === whole.output.length + MARK.length && more.output.subarray(-MARK.length).equals(MARK);
  return complete && whole.output.length === alone.output.length ? whole.output : "invalid";
}

interface Inflated {
  readonly output: Buffer;
  /** True when it ended with a block marked as the last one. */
  readonly ended: boolean;
}

/** All the blocks in `data`, also those behind one that is marked as the last. Undefined for what zlib refuses. */
function inflate(data: Uint8Array, history: Uint8Array): Inflated | undefined {
  let output = Buffer.from(history);
  let at = 0;
  do {
    const dictionary = output.subarray(-32_768);
    let result: { buffer: Buffer; engine: { bytesWritten: number } };
    try {
      result = inflateRawSync(data.subarray(at) as InputType, {
        finishFlush: constants.Z_SYNC_FLUSH, info: true, ...(dictionary.length > 0 ? { dictionary } : {}),
      }) as unknown as typeof result;
    } catch {
      return undefined;
    }
    output = Buffer.concat([output, result.buffer]);
    at += result.engine.bytesWritten;
    if (at === data.length) return { output: output.subarray(history.length), ended: endsStream(data, at - result.engine.bytesWritten, dictionary) };
  } while (at < data.length);
  return undefined;
}

/** True when what begins at `start` ends with a block marked as the last one: then zlib reads nothing of what is put behind it. */
function endsStream(data: Uint8Array, start: number, dictionary: Uint8Array): boolean {
  const input = Buffer.concat([data.subarray(start), STORED]);
  try {
    const { engine } = inflateRawSync(input, {
      finishFlush: constants.Z_SYNC_FLUSH, info: true, ...(dictionary.length > 0 ? { dictionary } : {}),
    }) as unknown as { engine: { bytesWritten: number } };
    return engine.bytesWritten === data.length - start && data.length > start;
  } catch {
    return false;
  }
}

const EMPTY = new Uint8Array(0);
const MARK = Buffer.from("\u0001mark\u0002");
/** A stored block with the mark in it. */
const STORED = Buffer.concat([Buffer.of(0, MARK.length, 0, 255 - MARK.length, 255), MARK]);
