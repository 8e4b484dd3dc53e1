/**
 * A pair of WHATWG streams of bytes (WHATWG Streams) as a pipe: what `streams.ts` and runtimes with such sockets share.
 * Room is what is counted here, and what the stream says of it: workerd's says there is always some.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import { Driver, type Transport } from "./driver.ts";
import { HIGH_WATER } from "./message.ts";
import type { ByteStreams, Pipe, StreamInfo, TlsClientOptions } from "./pipe.ts";

/** What a pipe of streams is made from, besides the streams. */
export interface StreamPipeOptions extends StreamInfo {
  /** Starts TLS on the unlocked streams. Without it the streams are taken to carry TLS already where a URL asks for it. */
  readonly startTls?: (options: TlsClientOptions, hostname: string) => Promise<Pipe>;
}

/** A pair of streams as a pipe and a transport. */
export class StreamPipe implements Pipe, Transport<Uint8Array> {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly secure: boolean;
  #settle!: () => void;
  /** Settles when both streams are over or given up. Never rejects. */
  readonly closed: Promise<void> = new Promise((resolve) => this.#settle = resolve);
  bufferedAmount = 0;
  readonly #info: StreamPipeOptions;
  readonly #reader: ByteReader;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  /** True once this pipe has no say any more: closed, or handed on to TLS. */
  #over = false;
  #halves = 0;
  #full = false;
  #paused = false;
  #wake: () => void = ignore;
  readonly #fail = (): void => void (this.#over || this.destroy());

  constructor(streams: ByteStreams, info: StreamPipeOptions = {}) {
    this.remoteAddress = info.remoteAddress;
    this.remotePort = info.remotePort;
    this.secure = info.secure ?? false;
    this.#info = info;
    this.#reader = readerOf(streams.readable);
    this.#writer = streams.writable.getWriter();
    this.#reader.closed.catch(this.#fail); // heard of even while nothing is read or written
    this.#writer.closed.catch(this.#fail);
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    if (this.#driver === undefined) this.#read().catch(this.#fail);
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this, this.#info.clock);
    if (this.#over) queueMicrotask(() => driver.closed());
    this.resume(); // the one before may have paused
    return driver;
  }

  write(output: readonly Uint8Array[]): boolean {
    const writer = this.#writer;
    for (const piece of output) {
      this.bufferedAmount += piece.length;
      writer.write(piece).then(() => this.#written(piece.length), ignore); // `closed` rejects as well
    }
    return !(this.#full = !this.#hasRoom);
  }

  end(): void {
    this.#writer.close().then(() => this.#half(), ignore);
  }

  destroy(): void {
    const { release } = this.#info;
    release?.(); // also when it was handed on to TLS, which has not started yet
    if (this.#over) return;
    this.#over = true;
    this.#wake();
    if (release === undefined) this.#abort();
    else setTimeout(() => this.#abort(), 0); // aborted in the turn it is closed in, workerd keeps the connection
    this.#settle();
    queueMicrotask(() => this.#driver?.closed()); // later: it may be destroyed while it receives
  }

  /** Ends both streams; does nothing to one that is closed. */
  #abort(): void {
    this.#writer.abort().catch(ignore);
    this.#reader.cancel().catch(ignore);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  startTls(options: TlsClientOptions, hostname: string): Promise<Pipe> {
    const { startTls } = this.#info;
    if (startTls === undefined) return Promise.resolve(this);
    this.#over = true; // no read is pending: workerd would not release the lock
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    return startTls(options, hostname);
  }

  /** One direction is over. */
  #half(): void {
    if (++this.#halves === 2) this.destroy();
  }

  get #hasRoom(): boolean {
    return this.bufferedAmount < HIGH_WATER && (this.#writer.desiredSize ?? 0) > 0;
  }

  #written(count: number): void {
    this.bufferedAmount -= count;
    if (!this.#full || (this.bufferedAmount > 0 && !this.#hasRoom)) return;
    this.#full = false;
    this.#driver?.drained();
  }

  async #read(): Promise<void> {
    while (!this.#over) {
      if (this.#paused) await this.#resumed();
      const bytes = await this.#reader.read();
      if (this.#paused) await this.#resumed(); // what was on its way as reading stopped
      if (this.#over) return;
      if (bytes === undefined) break;
      this.#driver?.received(bytes);
    }
    this.#driver?.ended();
    this.#half();
  }

  async #resumed(): Promise<void> {
    while (this.#paused && !this.#over) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

/** What is used of a reader. What `read` gives is lent until the next; undefined at the end. */
interface ByteReader extends Pick<ReadableStreamDefaultReader<Uint8Array>, "closed" | "cancel" | "releaseLock"> {
  read(): Promise<Uint8Array | undefined>;
}

/**
 * A stream of bytes reads into one buffer again and again, as a flood would else leave more to be collected than the host is quick
 * to: 100 MiB in workerd (measured). A read that fills it asks for a larger one, so that an idle connection holds little.
 */
function readerOf(readable: ReadableStream<Uint8Array>): ByteReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = readable.getReader({ mode: "byob" });
  } catch {
    return defaultReader(readable.getReader()); // no stream of bytes
  }
  let buffer = new Uint8Array(MIN_READ);
  return {
    closed: reader.closed,
    cancel: () => reader.cancel(),
    releaseLock: () => reader.releaseLock(),
    async read() {
      const size = buffer.length;
      const { value, done } = await reader.read(buffer);
      if (done || value === undefined) return undefined;
      const next = value.length === size ? Math.min(size * 8, MAX_READ) : Math.max(size / 8, MIN_READ);
      buffer = next === size ? new Uint8Array(value.buffer) : new Uint8Array(next);
      return value;
    },
  };
}

function defaultReader(reader: ReadableStreamDefaultReader<Uint8Array>): ByteReader {
  return {
    closed: reader.closed,
    cancel: () => reader.cancel(),
    releaseLock: () => reader.releaseLock(),
    read: async () => (await reader.read()).value,
  };
}

function ignore(): void {}

/** Sizes of the read buffer, in bytes. */
const MIN_READ = 1_024;
const MAX_READ = 65_536;
