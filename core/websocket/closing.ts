/**
 * How one connection ends (RFC 6455, section 7.1): what both sides said of it, how far it is, and by when it is over. phase.ts has the rules.
 * @module
 */
import { ABNORMAL, type Close, type CloseStatus } from "./close.ts";
import type { Fault } from "./fault.ts";
import type { Role } from "./frame-parser.ts";
import { type ClosingEvent, type Phase, PHASES } from "./phase.ts";

/** The end of one connection, from the first that is known of it. */
export class Closing {
  /** What our close frame says, once it is queued. */
  sent: CloseStatus | undefined = undefined;
  /** What the peer's said. */
  received: CloseStatus | undefined = undefined;
  /** Why we failed the connection, if we did. */
  fault: Fault | undefined = undefined;
  readonly #role: Role;
  readonly #timeout: number;
  #phase: Phase = "open";
  #deadline = UNARMED;

  /** @param timeout milliseconds it may take while nothing leaves */
  constructor(role: Role, timeout: number) {
    this.#role = role;
    this.#timeout = timeout;
  }

  /** True when nothing is sent behind what is queued. */
  get outputEnded(): boolean {
    return this.#phase === "ending" || this.#phase === "ended";
  }

  /** When it must be over; in the past until a call has told the time, `Infinity` once nothing is awaited. */
  get deadline(): number {
    return this.#phase === "ended" ? Number.POSITIVE_INFINITY : this.#deadline;
  }

  /** How it ended, as the application is told (sections 7.1.4 to 7.1.6). */
  get close(): Close {
    const { sent, received, fault } = this;
    return {
      code: received?.code ?? ABNORMAL,
      reason: received?.reason ?? "",
      clean: received !== undefined, // the peer's close frame was answered, if ours had not gone before
      sent,
      received,
      fault,
    };
  }

  /** Goes on to the phase behind an event. True while the peer's messages still count: it has not answered our close frame. */
  turn(event: ClosingEvent): boolean {
    this.#phase = PHASES[this.#role][this.#phase][event];
    return this.#phase === "closing";
  }

  /** Its time starts, unless it has. */
  arm(now: number): void {
    if (this.#deadline === UNARMED) this.restart(now);
  }

  /** Its time starts again. */
  restart(now: number): void {
    this.#deadline = now + this.#timeout;
  }
}

/** Before any time: due at once. */
const UNARMED = Number.NEGATIVE_INFINITY;
