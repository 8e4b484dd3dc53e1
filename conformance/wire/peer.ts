/**
 * The tester's own end of a connection: it sends what it is told to, and listens strictly. It shares nothing with the core.
 * @module
 */
import { concat, decode, describeFrame, encodeFrame, type Frame, FrameReader, fragments, pong, type ReadFrame, slices } from "../frames.ts";
import type { Codec } from "./codec.ts";
import type { Draft } from "./case.ts";
import type { CaseResult } from "./result.ts";
import type { Wire } from "./wire.ts";

/** The other end, which is tested. */
export class Peer {
  /** Its messages, put together, and its pongs. */
  readonly heard: Frame[] = [];
  /** All its frames, in order. */
  readonly frames: ReadFrame[] = [];
  /** The rules it broke, one sentence each. */
  readonly broken: string[] = [];
  /** Its close frame. */
  closed: { readonly code: number | undefined; readonly reason: string } | undefined = undefined;
  /** It says that it cannot do what it was asked for by a command. */
  unsupported = false;
  /** Its interface refuses what it was asked for by a command. */
  refused = false;
  /** True once we sent a close frame. */
  closeSent = false;
  /** True once we sent anything with the opcode of a close frame, right or wrong. */
  closeTried = false;
  /** Its role. */
  readonly role: "client" | "server";
  /** Its compressed messages. */
  readonly compressed: { -readonly [Part in keyof NonNullable<CaseResult["compressed"]>]: number } = { messages: 0, payload: 0, restored: 0 };
  /** What is sent when it pings. */
  pongs: NonNullable<Draft["pongs"]> = (payload) => [pong(payload)];
  /** Set when it agreed to permessage-deflate. */
  readonly codec: Codec | undefined;
  readonly #wire: Wire;
  readonly #reader: FrameReader;
  #fragments: Frame[] = [];
  #key: number;
  #command: string | undefined = undefined;
  /** It closes because it was asked to: a ping is still answered then, or not (sections 5.5.1 and 5.5.2). */
  #closedFirst = false;

  /** Takes over where the heads end. The seed decides on masking keys. */
  constructor(wire: Wire, role: "client" | "server", seed: number, codec?: Codec) {
    this.#wire = wire;
    this.role = role;
    this.codec = codec;
    this.#key = seed >>> 0;
    this.#reader = new FrameReader((frame) => this.#onFrame(frame));
    wire.open((bytes) => this.#receive(bytes), () => this.#end());
  }

  /** True once it ended TCP, or TCP was lost. */
  get ended(): boolean {
    return this.#wire.ended;
  }

  /** True when it said that it sends no more, or cannot. */
  get over(): boolean {
    return this.closed !== undefined || this.ended;
  }

  /** Sends frames in one write, or chopped. Stops when TCP is gone. */
  async send(frames: readonly Frame[], chop?: number | "frames"): Promise<void> {
    if (this.#wire.endedByUs) return;
    const encoded = frames.map((frame) => this.encode(frame));
    const pieces = chop === "frames" ? encoded : chop === undefined ? [concat(encoded)] : slices(concat(encoded), chop);
    if (chop !== undefined && pieces.length > 1) this.#wire.log.note(chop === "frames" ? "each frame in a write of its own" : `in ${pieces.length} writes of ${chop} ${chop === 1 ? "byte" : "bytes"}`);
    for (const piece of pieces) {
      this.#wire.link.write(piece);
      if (pieces.length > 1) await this.#wire.link.turn();
    }
  }

  /** How many pings it sent. */
  get pings(): number {
    return this.frames.filter(({ opcode }) => opcode === 9).length;
  }

  /** Asks for something by a text message; frames may stand before and behind it in the same write. */
  async command(command: string, before: readonly Frame[] = [], behind: readonly Frame[] = []): Promise<void> {
    this.#command = `conformance:${command}`;
    await this.send([...before, { opcode: 1, payload: new TextEncoder().encode(this.#command), fin: true, rsv: 0 }, ...behind]);
  }

  /** Sends a whole message, compressed where that was agreed, in frames of `size` bytes or in one. */
  async sendMessage({ opcode, payload }: Frame, size: number = Number.POSITIVE_INFINITY): Promise<void> {
    const compressed = this.codec?.compress(payload) ?? payload;
    const [first, ...others] = fragments(opcode, compressed, size);
    await this.send([{ ...first, rsv: this.codec === undefined ? 0 : RSV1 }, ...others]);
  }

  /** A frame's bytes as this peer wants them: masked for a server. */
  encode(frame: Frame): Uint8Array {
    if (frame.opcode === 8) this.closeTried = true;
    if (frame.opcode === 8 && frame.rsv === 0 && frame.fin) this.closeSent = true;
    const bytes = encodeFrame(frame, this.role === "server" ? this.#nextKey() : undefined);
    this.#wire.log.sent(frame, bytes);
    return bytes;
  }

  /** Writes bytes as they are; those of a frame that `encode` gave are in the log already. */
  write(bytes: Uint8Array, isLogged = false): void {
    if (!isLogged) this.#wire.log.bytes("tester", bytes);
    this.#wire.link.write(bytes);
  }

  /** Reads on, or not. */
  read(on: boolean): void {
    this.#wire.log.note(on ? "reads again" : "reads nothing from here on");
    this.#wire.link.read(on);
  }

  /** Ends our side of TCP. */
  end(): void {
    this.#wire.end();
  }

  /** Drops TCP. */
  destroy(): void {
    this.#wire.destroy();
  }

  /** Waits until something holds. False when the time was up first. */
  until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    return this.#wire.link.until(condition, milliseconds);
  }

  #receive(bytes: Uint8Array): void {
    if (this.closed !== undefined && !this.#closedFirst) this.#break("it sent something behind its close frame");
    this.#reader.push(bytes);
    if (this.#reader.error === undefined) return;
    this.#wire.log.bytes("peer", bytes);
    this.#break(`it sent ${this.#reader.error}`);
  }

  #end(): void {
    if (!this.#reader.idle && this.#reader.error === undefined) this.#break("it ended inside a frame");
  }

  #onFrame(frame: ReadFrame): void {
    const { opcode, fin, payload } = frame;
    this.#wire.log.received(frame);
    this.frames.push(frame);
    if (this.closed !== undefined && !(opcode === 10 && this.#closedFirst)) this.#break(`it sent ${describeFrame(frame)} behind its close frame`);
    const mayBeCompressed = this.codec !== undefined && (opcode === 1 || opcode === 2);
    if (frame.rsv !== 0 && !(frame.rsv === RSV1 && mayBeCompressed) || ![0, 1, 2, 8, 9, 10].includes(opcode)) this.#break(`it sent ${describeFrame(frame)}`);
    if (frame.masked !== (this.role === "client")) this.#break(this.role === "client" ? "it sent a frame that is not masked" : "it sent a masked frame");
    if (opcode >= 8) {
      if (!fin || payload.length > 125) this.#break(`it sent ${describeFrame(frame)}`);
      this.#onControl(frame);
      return;
    }
    if ((opcode === 0) !== (this.#fragments.length > 0)) this.#break(`it sent ${describeFrame(frame)} out of turn`);
    this.#fragments.push(frame);
    if (!fin) return;
    const whole = this.#fragments.length === 1 ? payload : concat(this.#fragments.map((fragment) => fragment.payload));
    const [first] = this.#fragments;
    this.#fragments = [];
    const message = first.rsv === RSV1 ? this.#decompress(whole) : whole;
    if (message === undefined) return;
    if (this.#command !== undefined && first.opcode === 1) {
      const said = decode(message);
      if (said === this.#command || said === "conformance:unsupported") this.unsupported = true;
      if (this.unsupported) return;
      if (said === "conformance:refused") this.refused = true;
    }
    this.heard.push({ opcode: first.opcode, payload: message, fin: true, rsv: 0 });
  }

  #decompress(payload: Uint8Array): Uint8Array | undefined {
    try {
      const message = this.codec?.decompress(payload);
      this.compressed.messages++;
      this.compressed.payload += payload.length;
      this.compressed.restored += message?.length ?? 0;
      return message;
    } catch (error) {
      this.#break(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #onControl({ opcode, payload }: ReadFrame): void {
    if (opcode === 10 && this.closed === undefined) this.heard.push({ opcode, payload, fin: true, rsv: 0 });
    if (opcode === 9 && !this.closeSent) void this.send(this.pongs(payload, this.pings));
    if (opcode !== 8) return;
    const reason = decode(payload.subarray(2));
    if (payload.length === 1 || reason === undefined) this.#break("its close frame is malformed");
    this.#closedFirst ||= this.closed === undefined && this.#command !== undefined && !this.closeSent;
    this.closed ??= { code: payload.length < 2 ? undefined : payload[0] * 256 + payload[1], reason: reason ?? "" };
  }

  #break(rule: string): void {
    if (!this.broken.includes(rule)) this.broken.push(rule);
  }

  #nextKey(): number {
    this.#key = (Math.imul(this.#key, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#key;
  }
}

/** The bit of a message that is compressed, on its first frame (RFC 7692, section 6). */
const RSV1 = 4;
