/**
 * Notes what a frame parser shows, for tests.
 * @module
 */
import { type Fault, FAULTS } from "../websocket/fault.ts";
import { FrameParser, type FrameVisitor, type Role } from "../websocket/frame-parser.ts";

/** A frame as it was seen. */
export interface Seen {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly length: number;
  payload: number[];
  pieces: number;
  ended: boolean;
}

/** Notes frames, with payloads put together. */
export class Notes implements FrameVisitor {
  readonly frames: Seen[] = [];
  #parser!: FrameParser;

  onHeader(parser: FrameParser): Fault | undefined {
    const { fin, rsv, opcode, masked: isMasked, length } = parser;
    this.#parser = parser;
    this.frames.push({ fin, rsv, opcode, masked: isMasked, length, payload: [], pieces: 0, ended: false });
    return length > Number.MAX_SAFE_INTEGER ? FAULTS.largeFrame : undefined; // past it lengths are rounded, and sums with them
  }

  onPayload(bytes: Uint8Array, start: number, end: number, remaining: number): Fault | undefined {
    const seen = this.frames[this.frames.length - 1];
    if (seen.ended) throw new Error("A piece came behind the end of its frame");
    const piece = new Uint8Array(end - start + 2);
    this.#parser.copyPayload(bytes, start, end, remaining, piece, 1);
    seen.payload.push(...piece.slice(1, -1));
    seen.pieces++;
    if (seen.payload.length + remaining !== seen.length) throw new Error("The lengths do not add up");
    seen.ended = remaining === 0;
    return undefined;
  }
}

/** What a parser of its own sees of the pieces. */
export function parse(role: Role, pieces: readonly Uint8Array[], extensionBits?: number): { frames: Seen[]; fault: Fault | undefined } {
  const notes = new Notes();
  const parser = new FrameParser(role, notes, extensionBits);
  for (const piece of pieces) parser.parse(piece, 0, piece.length);
  return { frames: notes.frames, fault: parser.fault };
}

/** The name of the fault in the bytes, if there is one. */
export function faultOf(role: Role, bytes: Uint8Array, extensionBits?: number): string | undefined {
  return parse(role, [bytes], extensionBits).fault?.name;
}
