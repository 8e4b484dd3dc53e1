/**
 * Input that came while reading was paused, to be parsed once it goes on.
 * @module
 */
import { Gather } from "../bytes/gather.ts";

/** Bytes in order, from which a parser takes some at a time. */
export class HeldInput extends Gather {
  /** Where what was not parsed yet begins; it ends at `length`. */
  start = 0;

  /** Keeps a copy of `bytes` from `start` on. */
  add(bytes: Uint8Array, start: number): void {
    const at = this.extend(bytes.length - start, 0);
    this.bytes.set(bytes.subarray(start), at);
  }

  /** What stands before `start` was parsed. */
  dropTo(start: number): void {
    this.start = start;
    if (start * 2 < this.length) return;
    this.drop(start); // seldom enough that a handler which pauses at each message costs linear time
    this.start = 0;
  }
}
