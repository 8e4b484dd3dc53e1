/**
 * What a connection reads and writes with. It needs that only while something is on its way: what is between two messages has nothing of a frame, of a
 * message or of output. So connections take turns at a few, and one that is idle has none (measured on Node: 0.6 KB of 2.7).
 * @module
 */
import type { RandomPool } from "../bytes/random-pool.ts";
import type { TextCodec } from "../bytes/utf8.ts";
import type { ExtensionSession } from "./extension.ts";
import type { Fault } from "./fault.ts";
import { FrameParser, type Role } from "./frame-parser.ts";
import type { Limits } from "./limits.ts";
import { MessageReader, type MessageVisitor } from "./message-reader.ts";
import { MessageWatch } from "./message-watch.ts";
import { Outlet } from "./outlet.ts";

/** Hears the control frames of one of many. */
export type OwnersControl<Owner> = (owner: Owner, opcode: number, payload: Uint8Array) => Fault | undefined;

/** Reads for one at a time. */
export class Intake<Owner> {
  /** Whose it is. */
  owner: Owner | undefined = undefined;
  /** True while it parses. */
  busy = false;
  readonly parser: FrameParser;
  /** The deadline of the message in progress. */
  watch: MessageWatch | undefined = undefined;
  readonly #reader: MessageReader;

  /** Is nobody's. */
  constructor({ role, limits, codec, lends }: Tools<Owner>, onControl: OwnersControl<Owner>, extension: ExtensionSession | undefined) {
    this.#reader = new MessageReader(limits, NOBODY, (opcode, payload) => onControl(this.owner as Owner, opcode, payload), extension, codec, lends);
    this.parser = new FrameParser(role, this.#reader, extension?.rsv);
  }

  /** Reads for somebody else, or for nobody. */
  serve(owner: Owner | undefined, visitor: MessageVisitor): void {
    this.owner = owner;
    this.#reader.visitor = visitor;
  }

  /** True while it has nothing of a frame or message, and may read for another. */
  get idle(): boolean {
    return this.parser.between && !this.#reader.unfinished;
  }

  /** Looks at the message in progress, behind whatever came. */
  look(now: number, timeout: number): void {
    if (this.#reader.unfinished) (this.watch ??= new MessageWatch(this.#reader, timeout)).look(now);
    else this.watch = undefined;
  }

  /** Bytes kept of the message in progress. */
  get bytesHeld(): number {
    return this.#reader.bytesHeld;
  }
}

/** The tools of connections that are alike, as all of a server are. */
export class Tools<Owner> {
  readonly role: Role;
  readonly limits: Limits;
  /** Where masking keys come from; undefined for a server, which masks nothing. */
  readonly random: RandomPool | undefined;
  readonly codec: TextCodec | undefined;
  /** Whether large binary messages are lent. */
  readonly lends: boolean;
  readonly #onControl: OwnersControl<Owner>;
  /** One is enough, as reading does not wait. */
  #intake: Intake<Owner> | undefined = undefined;
  #outlet: Outlet | undefined = undefined;
  #outlets = 0;

  /** @param onControl hears control frames, and whose they are */
  constructor(role: Role, limits: Limits, random: RandomPool | undefined, codec: TextCodec | undefined, lends: boolean, onControl: OwnersControl<Owner>) {
    this.role = role;
    this.limits = limits;
    this.random = random;
    this.codec = codec;
    this.lends = lends;
    this.#onControl = onControl;
  }

  /** True when they suit a connection of this kind. */
  suit(role: Role, limits: Limits, random: RandomPool | undefined, codec: TextCodec | undefined, lends: boolean, onControl: OwnersControl<Owner>): boolean {
    return this.role === role && this.limits === limits && this.random === random && this.codec === codec && this.lends === lends && this.#onControl === onControl;
  }

  /** One to read with, that has nothing of a frame. One with an extension is for good. */
  takeIntake(owner: Owner, visitor: MessageVisitor, extension: ExtensionSession | undefined): Intake<Owner> {
    let intake = extension === undefined ? this.#intake : undefined;
    if (intake === undefined) intake = new Intake<Owner>(this, this.#onControl, extension);
    else this.#intake = undefined;
    intake.serve(owner, visitor);
    return intake;
  }

  /** It has nothing of a frame again. */
  giveIntake(intake: Intake<Owner>): void {
    intake.watch = undefined;
    intake.serve(undefined, NOBODY);
    this.#intake = intake;
  }

  /** One to write with, that has nothing queued. One with an extension is for good. */
  takeOutlet(extension: ExtensionSession | undefined): Outlet {
    const outlet = this.#outlet;
    if (outlet === undefined || extension !== undefined) return new Outlet(this.random, this.limits, this.codec, extension);
    this.#outlet = outlet.next;
    outlet.next = undefined; // who is long at it keeps no others
    this.#outlets--;
    return outlet;
  }

  /** It has nothing queued again. */
  giveOutlet(outlet: Outlet): void {
    if (this.#outlets === SPARE) return;
    this.#outlets++;
    outlet.next = this.#outlet;
    this.#outlet = outlet;
  }
}

/** Those made last, when they suit: the connections of a server are alike. */
export function toolsFor<Owner>(
  role: Role, limits: Limits, random: RandomPool | undefined, codec: TextCodec | undefined, lends: boolean, onControl: OwnersControl<Owner>,
): Tools<Owner> {
  const last = latest as Tools<Owner> | undefined;
  if (last?.suit(role, limits, random, codec, lends, onControl)) return last;
  const tools = new Tools(role, limits, random, codec, lends, onControl);
  latest = tools;
  return tools;
}

let latest: unknown;
/** Hears nothing. */
const NOBODY: MessageVisitor = { onText: () => {}, onBinary: () => {} };
/** Outlets that are kept: as many as a broadcast wants at a time. */
const SPARE = 256;
