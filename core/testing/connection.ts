/**
 * What the tests of a connection share: both ends, and what one sent and heard as plain data.
 * @module
 */
import { FAULTS, type FaultName } from "../websocket/fault.ts";
import type { Role } from "../websocket/frame-parser.ts";
import type { Limits } from "../websocket/limits.ts";
import { frame, masked } from "./frames.ts";
import { End, type Heard } from "./pair.ts";

/** A time that never comes. */
export const NEVER: number = Number.POSITIVE_INFINITY;
/** Each end, and how its peer makes frames. */
export const ENDS: readonly (readonly ["client", typeof frame] | readonly ["server", typeof masked])[] = [["client", frame], ["server", masked]];
/** The parts of a first fragment. */
export const FIRST = { fin: false };

/** The frames an end queued, as opcode and text; a close frame's code as a number before its reason. */
export function sent(end: End, now = 0): string[] {
  return end.frames(now).map(({ opcode, payload }) => {
    const bytes = Uint8Array.from(payload);
    if (opcode !== 8 || bytes.length === 0) return `${opcode} ${Buffer.from(bytes).toString()}`.trim();
    return `8 ${bytes[0] * 256 + bytes[1]} ${Buffer.from(bytes.slice(2)).toString()}`.trim();
  });
}

/** The close frame that tells the peer of a fault, as `sent` shows it. */
export function told(fault: FaultName): string {
  return `8 ${FAULTS[fault].code} ${FAULTS[fault].message}`;
}

/** What an end heard, by name. */
export function names(end: End): string[] {
  return end.heard.map(([name]) => name);
}

/** An end that has received the pieces. */
export function received(role: Role, pieces: readonly Uint8Array[], limits?: Partial<Limits>, during?: (heard: Heard, end: End) => void): End {
  const end = new End(role, limits, during);
  for (const piece of pieces) end.connection.receive(piece, 0);
  return end;
}
