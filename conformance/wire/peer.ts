/**
 * The tester's own end of a connection: it sends what it is told to, and listens strictly. It shares nothing with the core.
 * @module
 */
import type { Socket } from "node:net";
import { concat, decode, describeFrame, encodeFrame, type Frame, FrameReader, fragments, type ReadFrame, slices } from "../frames.ts";
import type { Compressed } from "./case.ts";
import type { Codec } from "./codec.ts";

/** The other end, which is tested. */
export class Peer {
  /** Its messages, put together, and its pongs. */
  readonly heard: Frame[] = [];
  /** The rules it broke, one sentence each. */
  readonly broken: string[] = [];
  /** Its close frame. */
  closed: { readonly code: number | undefined } | undefined = undefined;
  /** True once it ended TCP, or TCP was lost. */
  ended = false;
  /** True once we ended TCP. */
  endedByUs = false;
  /** True once we sent a close frame. */
  closeSent = false;
  /** Its role. */
  readonly role: "client" | "server";
  /** Its compressed messages. */
  readonly compressed: { -readonly [Part in keyof Compressed]: number } = { messages: 0, payload: 0, restored: 0 };
  /** Set when it agreed to permessage-deflate. */
  readonly codec: Codec | undefined;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  #fragments: Frame[] = [];
  #key = 0x3a7c_91e5;
  #waiting: (() => void)[] = [];

  /** @param rest what came behind the head */
  constructor(socket: Socket, role: "client" | "server", rest: Uint8Array, codec?: Codec) {
    this.#socket = socket;
    this.role = role;
    this.codec = codec;
    this.#reader = new FrameReader((frame) => this.#onFrame(frame));
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    if (rest.length > 0) this.#receive(rest);
  }

  /** True when it said that it sends no more, or cannot. */
  get over(): boolean {
    return this.closed !== undefined || this.ended;
  }

  /** Sends frames in one write, or chopped. Stops when TCP is gone. */
  async send(frames: readonly Frame[], chop?: number | "frames"): Promise<void> {
    if (frames.some(({ opcode, rsv, fin }) => opcode === 8 && rsv === 0 && fin)) this.closeSent = true;
    const encoded = frames.map((frame) => this.encode(frame));
    const pieces = chop === "frames" ? encoded : chop === undefined ? [concat(encoded)] : slices(concat(encoded), chop);
    for (const piece of pieces) {
      this.write(piece);
      if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends a whole message, compressed where that was agreed, in frames of `size` bytes or in one. */
  async sendMessage({ opcode, payload }: Frame, size: number = Number.POSITIVE_INFINITY): Promise<void> {
    const compressed = this.codec?.compress(payload) ?? payload;
    const [first, ...others] = fragments(opcode, compressed, size);
    await this.send([{ ...first, rsv: this.codec === undefined ? 0 : RSV1 }, ...others]);
  }

  /** A frame's bytes as this peer wants them: masked for a server. */
  encode(frame: Frame): Uint8Array {
    return encodeFrame(frame, this.role === "server" ? this.#nextKey() : undefined);
  }

  /** Writes bytes as they are. */
  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Ends our side of TCP. */
  end(): void {
    this.endedByUs = true;
    this.#socket.end();
  }

  /** Drops TCP. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits until something holds. False when the time was up first. */
  async until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    if (condition()) return true;
    return new Promise((resolve) => {
      const finish = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve(held);
      };
      const look = (): void => {
        if (condition()) finish(true);
      };
      const timer = setTimeout(() => finish(condition()), milliseconds);
      this.#waiting.push(look);
    });
  }

  #receive(bytes: Uint8Array): void {
    if (this.closed !== undefined) this.#break("it sent something behind its close frame");
    this.#reader.push(bytes);
    if (this.#reader.error !== undefined) this.#break(`it sent ${this.#reader.error}`);
    this.#look();
  }

  #end(): void {
    if (this.ended) return;
    if (!this.#reader.idle && this.#reader.error === undefined) this.#break("it ended inside a frame");
    this.ended = true;
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #onFrame(frame: ReadFrame): void {
    const { opcode, fin, payload } = frame;
    if (this.closed !== undefined) this.#break(`it sent ${describeFrame(frame)} behind its close frame`);
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
    if (message !== undefined) this.heard.push({ opcode: first.opcode, payload: message, fin: true, rsv: 0 });
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
    if (opcode === 10) this.heard.push({ opcode, payload, fin: true, rsv: 0 });
    if (opcode === 9 && !this.closeSent) void this.send([{ opcode: 10, payload, fin: true, rsv: 0 }]);
    if (opcode !== 8) return;
    if (payload.length === 1 || decode(payload.subarray(2)) === undefined) this.#break("its close frame is malformed");
    this.closed = { code: payload.length < 2 ? undefined : payload[0] * 256 + payload[1] };
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
