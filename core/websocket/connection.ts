/**
 * A WebSocket connection once the opening handshake is done (RFC 6455, sections 5 to 7), for both roles.
 *
 * 1. A ping is answered with a pong (5.5.2, 5.5.3); outlet.ts says how many.
 * 2. A close frame is answered with its own code and reason (5.5.1); closing.ts has the rest of closing.
 * 3. What came before a bad frame is delivered and answered; what comes behind it is not read (7.1.7).
 * @module
 */
import type { Message, Protocol } from "../protocol.ts";
import { type CloseStatus, decodeClose, encodeClose, NO_STATUS } from "./close.ts";
import { Closing } from "./closing.ts";
import type { ExtensionSession } from "./extension.ts";
import { FAULTS, type Fault } from "./fault.ts";
import type { Role } from "./frame-parser.ts";
import type { WebSocketHandler, WebSocketOptions } from "./handler.ts";
import { HeldInput } from "./held-input.ts";
import { silenceDue, UNTIMED } from "./keepalive.ts";
import { type Limits, withDefaults } from "./limits.ts";
import { CLOSE, PING } from "./opcode.ts";
import type { Outlet } from "./outlet.ts";
import type { ClosingEvent } from "./phase.ts";
import { type Intake, type OwnersControl, type Tools, toolsFor } from "./tools.ts";

/** What an application needs to know of how far a connection is. */
export type State = "open" | "closing" | "closed";

/** One end of an open connection, as a protocol over bytes. */
export class WebSocketConnection implements Protocol<Uint8Array, Uint8Array> {
  readonly #tools: Tools<WebSocketConnection>;
  readonly #handler: WebSocketHandler;
  readonly #extension: ExtensionSession | undefined;
  /** Only while there is something of a frame or message; always with an extension. */
  #intake: Intake<WebSocketConnection> | undefined = undefined;
  /** Only while something is queued, or a message is not all sent; always with an extension. */
  #outlet: Outlet | undefined = undefined;
  /** When the peer was last heard, or the ping left that is waited on. */
  #silentSince = UNTIMED;
  /** Which of the flags below are set: one field, as every connection has it. */
  #flags = 0;
  #more: More | undefined = undefined;

  /** Opens in the state behind the handshake; nothing is queued. */
  constructor(options: WebSocketOptions) {
    const { role, handler, random, extension, codec, lend = false } = options;
    this.#tools = toolsFor(role, withDefaults(options.limits), role === "client" ? random : undefined, codec, lend, WebSocketConnection.#control);
    this.#handler = handler;
    this.#extension = extension;
  }

  /** Which end this is. */
  get role(): Role {
    return this.#tools.role;
  }

  /** The limits that hold, with those that were not named. */
  get limits(): Limits {
    return this.#tools.limits;
  }

  /** `closing` from the first close frame or fault on, `closed` once `onClose` was called. */
  get state(): State {
    return this.#is(OVER) ? "closed" : this.#is(CLOSING) ? "closing" : "open";
  }

  /** Bytes queued and not yet taken, frame headers included. */
  get bufferedAmount(): number {
    return this.#queued();
  }

  /** Bytes of memory kept for this peer: input not parsed yet, the message in progress, output not taken yet, what the extension keeps. */
  get bytesHeld(): number {
    return (this.#more?.held?.bytes.length ?? 0) + (this.#intake?.bytesHeld ?? 0) + this.#queued() + (this.#extension?.bytesHeld ?? 0);
  }

  /** True once the last frame was taken and none may follow: after a fault, after the end, at a server after both close frames (section 7.1.1). */
  get outputEnded(): boolean {
    return this.#is(CLOSING) && this.#queued() === 0 && this.#closing().outputEnded;
  }

  /** True between `pause` and `resume`, as long as the peer's frames count. */
  get paused(): boolean {
    return (this.#flags & (PAUSED | DEAF)) === PAUSED;
  }

  /** When a ping, a pong, more of a message or the end of closing is due, in milliseconds; `Infinity` once nothing is awaited. */
  get deadline(): number {
    if (this.#is(CLOSING)) return this.#closing().deadline;
    return Math.min(silenceDue(this.#silentSince, this.#is(PINGED), this.#tools.limits), this.#intake?.watch?.deadline ?? NEVER);
  }

  /**
   * Sends a text message. A lone surrogate becomes U+FFFD. False once not open.
   * @param compress false sends it as it is, whatever extension is in use
   * @throws {RangeError} past `maxQueued`; the message is not queued
   */
  sendText(text: string, compress = true): boolean {
    return this.#send(text, compress);
  }

  /**
   * Sends a binary message. `data` is given: leave it unchanged until it has been written. False once not open.
   * @param compress false sends it as it is, whatever extension is in use
   * @throws {RangeError} past `maxQueued`; the message is not queued
   */
  sendBinary(data: Uint8Array, compress = true): boolean {
    return this.#send(data, compress);
  }

  /**
   * Sends the next fragment of a message (section 5.4); pings and pongs may stand between. False once not open.
   * @param compress false with the first fragment sends the message as it is, whatever extension is in use
   * @throws {RangeError} past `maxQueued`; the fragment is not queued
   */
  sendFragment(piece: Message, final: boolean, compress = true): boolean {
    if (this.#is(CLOSING)) return false;
    this.#out().writer.fragment(piece, final, compress);
    return true;
  }

  /**
   * Sends a ping. False once not open.
   * @throws {RangeError} for over 125 bytes (section 5.5)
   * @throws {TypeError} for what is no Uint8Array
   */
  ping(data: Uint8Array = EMPTY): boolean {
    if (!(data instanceof Uint8Array)) throw new TypeError(`Cannot ping with what is of type ${typeof data}: it must be a Uint8Array`);
    if (!(data.length <= MAX_CONTROL)) throw new RangeError(`Cannot ping with ${data.length} bytes: a control frame carries at most ${MAX_CONTROL}`);
    if (this.#is(CLOSING)) return false;
    this.#out().writer.control(PING, data);
    return true;
  }

  /**
   * Starts the closing handshake; messages may still arrive until the peer answers. False once not open.
   * @throws {RangeError} for a code no close frame may carry, and for a reason of over 123 bytes
   */
  close(code?: number, reason = ""): boolean {
    const payload = encodeClose(code, reason);
    if (this.#is(CLOSING)) return false;
    this.#sendClose({ code: code ?? NO_STATUS, reason }, payload);
    this.#turn("sendClose");
    return true;
  }

  /** Stops parsing behind the message being handled. What arrives all the same is held, up to `maxHeld`. */
  pause(): void {
    this.#flags |= PAUSED;
    this.#intake?.parser.stop();
  }

  /** Parses what was held, and reads on. */
  resume(now: number): void {
    if (!this.#is(PAUSED)) return;
    this.#flags &= ~PAUSED;
    this.#hear(now); // the silence until now was ours
    this.#intake?.watch?.extend(now - (this.#more?.pausedAt ?? now));
    if (this.#more !== undefined) this.#more.pausedAt = undefined;
    if (!this.#receiving()) this.#release(now);
  }

  /**
   * Parses bytes of the peer and calls the handler. A fault of the peer's is told by `onClose`, never thrown.
   * @throws {Error} from inside a handler; what a handler throws passes through, after the connection failed with 1011
   */
  receive(input: Uint8Array, now: number): void {
    if (this.#receiving()) throw new Error("Cannot receive from inside a handler: the call before has not returned");
    if (this.#is(DEAF)) return; // section 7.1.7: what follows a close frame or a fault is not processed
    this.#hear(now);
    if (!this.#is(PAUSED)) {
      const at = this.#parse(input, 0, input.length);
      if (at < input.length) this.#hold(input, at);
    } else {
      const held = this.#more?.held;
      if ((held === undefined ? 0 : held.length - held.start) + input.length > this.#tools.limits.maxHeld) this.#fail(FAULTS.heldInput);
      else this.#hold(input, 0);
    }
    this.#arm(now);
    this.#look(now);
  }

  /** Delivers what was held, paused or not, and calls `onClose`: with 1006 when no close frame came (section 7.1.5). */
  receiveEnd(now: number): void {
    try {
      while (this.#more?.held !== undefined && !this.#receiving()) this.#release(now); // nothing more can come: all of it is delivered, whoever pauses
    } finally {
      this.#turn("end");
      this.#arm(now);
      this.#finish();
    }
  }

  /** Hands over the queued frames, given to the caller; the pong and close timeouts start at `now`. */
  takeOutput(now: number): readonly Uint8Array[] {
    if (this.#is(PAUSED)) this.#rest().pausedAt ??= now;
    const outlet = this.#outlet;
    if (outlet === undefined) return NOTHING;
    const { pings } = outlet;
    const output = outlet.take(!this.#is(DEAF));
    if (output.length === 0) return output;
    if (pings && this.#is(PINGED)) this.#silentSince = now; // its time starts again
    if (this.#is(CLOSING)) this.#closing().restart(now); // the peer takes what we send: that is progress
    if (this.#extension === undefined && !outlet.writer.unfinished) {
      this.#outlet = undefined;
      this.#tools.giveOutlet(outlet);
    }
    return output;
  }

  /** Pings a silent peer, gives up one that answers no ping, and ends closing when its time is up. */
  handleTimeout(now: number): void {
    this.#arm(now);
    if (now < this.deadline) return;
    if (this.#is(CLOSING)) return this.#giveUp(this.#closing().received === undefined ? FAULTS.closeTimeout : undefined);
    if (this.#is(PAUSED)) {
      this.#hear(now);
      this.#intake?.watch?.restart(now);
      this.#rest().pausedAt = now;
    }
    if (now >= (this.#intake?.watch?.deadline ?? NEVER)) {
      this.#fail(FAULTS.messageTimeout);
      this.#arm(now);
      return;
    }
    if (now < silenceDue(this.#silentSince, this.#is(PINGED), this.#tools.limits)) return;
    if (this.#silentSince === UNTIMED) return this.#hear(now);
    if (this.#is(PINGED)) return this.#giveUp(FAULTS.pongTimeout);
    this.#silentSince = now;
    this.#flags |= PINGED;
    this.#out().ping();
  }

  #is(flags: number): boolean {
    return (this.#flags & flags) !== 0;
  }

  /** The peer said something, or its silence was none. */
  #hear(now: number): void {
    this.#silentSince = now;
    this.#flags &= ~PINGED;
  }

  #receiving(): boolean {
    return this.#intake !== undefined && this.#intake.busy;
  }

  #queued(): number {
    return this.#outlet === undefined ? 0 : this.#outlet.writer.length;
  }

  #out(): Outlet {
    return this.#outlet ??= this.#tools.takeOutlet(this.#extension);
  }

  #rest(): More {
    return this.#more ??= { closing: undefined, pausedAt: undefined, held: undefined };
  }

  #closing(): Closing {
    return this.#rest().closing ??= new Closing(this.#tools.role, this.#tools.limits.closeTimeout);
  }

  #send(message: Message, compress: boolean): boolean {
    if (this.#is(CLOSING)) return false;
    this.#out().writer.message(message, compress);
    return true;
  }

  /** Parses `bytes` from `start` to `end` and returns where it ended: earlier only when reading was paused, or is over. */
  #parse(bytes: Uint8Array, start: number, end: number): number {
    const intake = this.#intake ??= this.#tools.takeIntake(this, this.#handler, this.#extension);
    const { parser } = intake;
    let at = start;
    intake.busy = true;
    try {
      do {
        at = parser.parse(bytes, at, end);
      } while (at < end && !this.#is(PAUSED | DEAF) && parser.fault === undefined);
    } catch (error) {
      this.#fail(FAULTS.handlerError);
      throw error;
    } finally {
      intake.busy = false;
    }
    if (parser.fault !== undefined) this.#fail(parser.fault);
    return at;
  }

  #hold(bytes: Uint8Array, start: number): void {
    if (!this.#is(DEAF)) (this.#rest().held ??= new HeldInput()).add(bytes, start);
  }

  #release(now: number): void {
    const held = this.#more?.held;
    if (held !== undefined) {
      const at = this.#parse(held.bytes, held.start, held.length);
      if (at === held.length) this.#rest().held = undefined;
      else held.dropTo(at);
    }
    this.#arm(now);
    this.#look(now);
  }

  /** Looks at the message in progress; when there is none, nothing is needed to read with. */
  #look(now: number): void {
    const intake = this.#intake;
    if (intake === undefined) return;
    if (this.#extension === undefined && intake.idle) {
      this.#intake = undefined;
      this.#tools.giveIntake(intake);
    } else {
      intake.look(now, this.#tools.limits.messageTimeout);
    }
  }

  #onControl(opcode: number, payload: Uint8Array): Fault | undefined {
    if (opcode === CLOSE) return this.#onClose(payload);
    if (opcode === PING) {
      if (!this.#is(CLOSING)) this.#out().pong(payload); // after our close frame we send nothing (section 5.5.1)
      this.#handler.onPing?.(payload);
    } else {
      this.#handler.onPong?.(payload);
    }
    return undefined;
  }

  #onClose(payload: Uint8Array): Fault | undefined {
    const status = decodeClose(payload);
    if ("name" in status) return status;
    this.#closing().received = status;
    if (!this.#is(CLOSING)) this.#sendClose(status, payload);
    this.#turn("receiveClose");
    return undefined;
  }

  #fail(fault: Fault): void {
    this.#closing().fault = fault;
    if (!this.#is(CLOSING)) this.#sendClose({ code: fault.code, reason: fault.message }, encodeClose(fault.code, fault.message));
    this.#turn("fault");
  }

  #sendClose(status: CloseStatus, payload: Uint8Array): void {
    this.#closing().sent = status;
    this.#out().close(payload);
  }

  /** Nothing reaches the peer any more, or nothing it does is awaited any more. */
  #giveUp(fault: Fault | undefined): void {
    this.#closing().fault ??= fault;
    this.#turn("timeout");
    this.#outlet?.take(false);
    this.#finish();
  }

  #finish(): void {
    if (this.#is(OVER)) return;
    this.#flags |= OVER;
    this.#extension?.end();
    this.#handler.onClose(this.#closing().close);
  }

  #turn(event: ClosingEvent): void {
    this.#flags |= CLOSING;
    if (this.#closing().turn(event)) return;
    this.#flags |= DEAF;
    this.#intake?.parser.stop(); // a handler may have ended it: the rest of the chunk is not told either
    this.#rest().held = undefined;
  }

  #arm(now: number): void {
    if (this.#is(CLOSING)) this.#closing().arm(now);
  }

  static readonly #control: OwnersControl<WebSocketConnection> = (connection, opcode, payload) => connection.#onControl(opcode, payload);
}

/** What a connection keeps once it was paused or is closing. */
interface More {
  closing: Closing | undefined;
  /** The first time that was told since `pause`. */
  pausedAt: number | undefined;
  /** What arrived while reading was paused. */
  held: HeldInput | undefined;
}

const PAUSED = 1;
/** While a ping of the keepalive's is waited on. */
const PINGED = 2;
/** Once the phase is no more "open". */
const CLOSING = 4;
/** Once the peer's frames count no more. */
const DEAF = 8;
/** Once `onClose` was called. */
const OVER = 16;
const NEVER = Number.POSITIVE_INFINITY;
/** A control frame carries at most 125 bytes (section 5.5). */
const MAX_CONTROL = 125;
const EMPTY = new Uint8Array(0);
const NOTHING: readonly Uint8Array[] = [];
