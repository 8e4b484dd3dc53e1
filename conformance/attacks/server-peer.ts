/**
 * A client that means harm: a raw TCP socket, bytes by hand, frames by `frames.ts`. It shares nothing with the core.
 * @module
 */
import net from "node:net";
import { concat, encodeFrame, type Frame, FrameReader, type ReadFrame, toBytes } from "../frames.ts";

/** Where a server listens, and what else there is to know of it. */
export interface ServerGround {
  readonly host: string;
  readonly port: number;
  /** What it runs on; "" for anybody's server. */
  readonly runtime: string;
  /** The largest message it takes, in bytes. */
  readonly maxMessage: number;
  /** What can be seen of its process. */
  readonly process: ServerProcess;
  /** Another server like it with further arguments; kept until the attacks are over. Absent for anybody's server. */
  readonly other?: (...args: readonly string[]) => Promise<ServerGround>;
  /** Everything at its full size, and deadlines as they are when nothing is said. */
  readonly long: boolean;
}

/** What can be seen of a process; a number is undefined where the system does not tell. */
export interface ServerProcess {
  readonly alive: boolean;
  readonly rss: number | undefined;
  readonly files: number | undefined;
}

/** A head that came. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; the values of one name joined with ", ". */
  readonly fields: ReadonlyMap<string, string>;
}

/** One connection to the victim. */
export class Peer {
  /** What came before frames, as Latin-1. */
  text = "";
  /** The frames that came. */
  readonly frames: ReadFrame[] = [];
  /** Set when what came are no frames a server may send. */
  broken: string | undefined = undefined;
  /** True once the victim ended its side, or TCP was lost. */
  ended = false;
  /** True once TCP is gone, both ways. */
  closed = false;
  /** Bytes read. */
  received = 0;
  readonly socket: net.Socket;
  readonly #reader = new FrameReader((frame) => this.#onFrame(frame));
  /** Keeps the frames; else they are only counted. */
  keep = true;
  /** How many frames came. */
  count = 0;
  #open = false;
  #key = 0x1234_5678;
  #waiting: (() => void)[] = [];

  constructor(ground: Pick<ServerGround, "host" | "port">) {
    const socket = this.socket = net.connect({ host: ground.host, port: ground.port, allowHalfOpen: true });
    socket.setNoDelay(true);
    socket.on("error", () => {}); // "close" follows
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    socket.on("end", () => this.#end());
    socket.on("close", () => {
      this.closed = true;
      this.#end();
    });
  }

  /** A peer whose opening handshake is done. */
  static async open(ground: ServerGround, target = "/"): Promise<Peer> {
    const peer = new Peer(ground);
    await peer.upgrade(ground, target);
    return peer;
  }

  /** Does the opening handshake, and rejects when that fails. */
  async upgrade(ground: Pick<ServerGround, "host" | "port">, target = "/"): Promise<void> {
    this.write(upgradeRequest(ground, { target }));
    const answer = await this.answer(PATIENCE);
    if (answer?.status !== 101) throw new Error(`it did not accept a good handshake: ${this.text.slice(0, 80)}`);
  }

  /** The head that answers, once it is whole; undefined when none comes. A 101 opens the connection. */
  async answer(patience: number = PATIENCE): Promise<Answer | undefined> {
    await this.until(() => this.text.includes("\r\n\r\n") || this.ended, patience);
    const end = this.text.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const answer = parseAnswer(this.text.slice(0, end));
    if (answer.status === 101) {
      this.#open = true;
      const rest = Buffer.from(this.text.slice(end + 4), "latin1");
      this.text = this.text.slice(0, end + 4);
      if (rest.length > 0) this.#read(rest);
    }
    return answer;
  }

  /** Writes bytes, or text as Latin-1. */
  write(bytes: string | Uint8Array): boolean {
    return this.socket.writable && (typeof bytes === "string" ? this.socket.write(bytes, "latin1") : this.socket.write(bytes));
  }

  /** Writes frames in one write, masked unless they say otherwise. */
  send(...frames: readonly Frame[]): boolean {
    return this.write(this.encode(...frames));
  }

  /** Frames as bytes, each with a key of its own. */
  encode(...frames: readonly Frame[]): Uint8Array {
    return concat(frames.map((frame) => encodeFrame(frame, this.#nextKey())));
  }

  /** Writes the same bytes again and again, as fast as the victim takes them. Returns how often; fewer when TCP is gone before or the time is up. */
  async flood(bytes: Uint8Array, times: number, patience: number = LONG_PATIENCE): Promise<number> {
    const until = performance.now() + patience;
    for (let done = 0; done < times; done++) {
      if (!this.socket.writable || this.ended || performance.now() > until) return done;
      if (this.write(bytes)) continue;
      if (!await this.drained(Math.max(0, until - performance.now()))) return done + 1;
    }
    return times;
  }

  /** Waits until what was written has left. False when TCP is gone or the time was up. */
  async drained(patience: number): Promise<boolean> {
    const drained = { yes: false };
    const onDrain = (): void => {
      drained.yes = true;
      this.#look();
    };
    this.socket.once("drain", onDrain);
    await this.until(() => drained.yes || this.ended || this.socket.writableLength === 0, patience);
    this.socket.off("drain", onDrain);
    return this.socket.writable && this.socket.writableLength === 0;
  }

  /** The payloads of text and binary frames, in order, as Latin-1. */
  get heard(): string[] {
    return this.frames.filter(({ opcode }) => opcode < 8).map(({ payload }) => Buffer.from(payload).toString("latin1"));
  }

  /** The close frame that came: its code, 1005 for none. Undefined when none came. */
  get closeCode(): number | undefined {
    const close = this.frames.find(({ opcode }) => opcode === 8);
    if (close === undefined) return undefined;
    return close.payload.length < 2 ? 1005 : close.payload[0] * 256 + close.payload[1];
  }

  /** Waits until something holds. False when the time was up first. */
  until(condition: () => boolean, patience: number = PATIENCE): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve(condition());
      };
      const look = (): void => {
        if (condition()) finish();
      };
      const timer = setTimeout(finish, patience);
      this.#waiting.push(look);
    });
  }

  /** Ends TCP with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Lets go of TCP. */
  destroy(): void {
    this.socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    this.received += bytes.length;
    if (this.#open) this.#read(bytes);
    else if (this.text.length < MAX_TEXT) this.text += Buffer.from(bytes).toString("latin1");
    this.#look();
  }

  #read(bytes: Uint8Array): void {
    if (this.broken !== undefined) return;
    this.#reader.push(bytes);
    this.broken ??= this.#reader.error;
  }

  #onFrame(frame: ReadFrame): void {
    this.count++;
    if (frame.masked) this.broken = "it sent a masked frame";
    if (this.keep || frame.opcode === 8) this.frames.push(frame);
  }

  #end(): void {
    this.ended = true;
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #nextKey(): number {
    this.#key = (Math.imul(this.#key, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#key;
  }
}

/** What may differ from a good request. */
export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  /** Instead of the fields of the same name; undefined leaves one out. */
  readonly fields?: Readonly<Record<string, string | undefined>>;
  /** Further lines, as they are. */
  readonly lines?: readonly string[];
}

/** A request to upgrade, good but for what is said. */
export function upgradeRequest({ host, port }: Pick<ServerGround, "host" | "port">, parts: RequestParts = {}): string {
  const { method = "GET", target = "/", version = "HTTP/1.1", fields = {}, lines = [] } = parts;
  const all: Record<string, string | undefined> = {
    Host: `${host}:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    ...fields,
  };
  const named = Object.entries(all).flatMap(([name, value]) => value === undefined ? [] : [`${name}: ${value}`]);
  return [`${method} ${target} ${version}`, ...named, ...lines, "", ""].join("\r\n");
}

/** Asks something on a connection of its own. */
export async function ask(ground: ServerGround, request: string, patience: number = PATIENCE): Promise<{ peer: Peer; answer: Answer | undefined }> {
  const peer = new Peer(ground);
  peer.write(request);
  return { peer, answer: await peer.answer(patience) };
}

/** Waits. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something holds that nobody tells of. False when the time was up first. */
export async function eventually(condition: () => boolean, patience: number = PATIENCE): Promise<boolean> {
  const until = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > until) return false;
    await sleep(20);
  }
  return true;
}

/** Does something many times, so many at once. */
export async function many(count: number, atOnce: number, body: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await body(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, work));
}

/** The same bytes over and over. */
export function repeat(piece: string | Uint8Array, times: number): Uint8Array {
  const bytes = toBytes(piece);
  const whole = new Uint8Array(bytes.length * times);
  whole.set(bytes);
  for (let done = bytes.length; done < whole.length; done *= 2) whole.copyWithin(done, 0, Math.min(done, whole.length - done));
  return whole;
}

function parseAnswer(head: string): Answer {
  const [start, ...lines] = head.split("\r\n");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    fields.set(name, fields.has(name) ? `${fields.get(name)}, ${value}` : value);
  }
  return { status: Number(/^HTTP\/1\.1 ([0-9]{3})/.exec(start)?.[1] ?? Number.NaN), fields };
}

/** The RFC's own example. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** What answers it (section 1.3). */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/** How long a victim may take for what it should do at once: a busy machine is no fault of its, in milliseconds. */
export const PATIENCE = 10_000;
/** The same where there is much to do. */
export const LONG_PATIENCE = 60_000;
/** More text than any answer has. */
const MAX_TEXT = 1024 * 1024;
