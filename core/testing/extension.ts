/**
 * An extension session that is no compression, for tests of what is around one: it turns each byte over, and notes what it is asked.
 * @module
 */
import type { ExtensionSession } from "../websocket/extension.ts";
import type { Fault } from "../websocket/fault.ts";

/** One connection's session. */
export class Inverter implements ExtensionSession {
  rsv = 0x40;
  threshold = 3;
  bytesHeld = 0;
  /** What `decode` was asked: bytes as they came, and the room. */
  readonly decoded: (readonly [data: number[], room: number])[] = [];
  /** What `encode` was asked. */
  readonly encoded: (readonly [data: number[], first: boolean, final: boolean])[] = [];
  /** How often it was ended. */
  ends = 0;
  /** What `decode` gives in place of the message. */
  fault: Fault | undefined = undefined;
  /** Whole messages that `encode` leaves as they are. */
  declines: (data: Uint8Array) => boolean = () => false;

  decode(data: Uint8Array, room: number): Uint8Array | Fault {
    this.decoded.push([[...data], room]);
    return this.fault ?? inverted(data);
  }

  encode(data: Uint8Array, first: boolean, final: boolean): Uint8Array | undefined {
    this.encoded.push([[...data], first, final]);
    return first && final && this.declines(data) ? undefined : inverted(data);
  }

  end(): void {
    this.ends++;
  }
}

/** Every bit turned over, in an array of its own. */
export function inverted(data: Uint8Array): Uint8Array {
  return Uint8Array.from(data, (byte) => byte ^ 0xff);
}
