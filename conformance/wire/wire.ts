/**
 * A link with its log, whose bytes are read as a head first, and then by a peer.
 * @module
 */
import { concat } from "../frames.ts";
import type { ReadHead } from "./case.ts";
import { latin1, readHead } from "./head.ts";
import type { Link } from "./link.ts";
import { Log } from "./log.ts";

/** The tester's end of a connection. */
export class Wire {
  readonly link: Link;
  readonly log: Log;
  /** True once the other side ended, or all was lost. */
  ended = false;
  /** True once the tester ended its side. */
  endedByUs = false;
  #read: Uint8Array = new Uint8Array(0);
  #onData: ((bytes: Uint8Array) => void) | undefined = undefined;
  #onEnd: () => void = () => {};

  constructor(link: Link) {
    this.link = link;
    this.log = new Log(() => link.now);
    link.listen({
      data: (bytes) => {
        if (this.#onData === undefined) this.#read = concat([this.#read, bytes]);
        else this.#onData(bytes);
      },
      end: (lost) => {
        if (this.ended) return;
        this.ended = true;
        this.#onEnd();
        if (!this.#isDestroyed) this.log.end("peer", lost ? "drop" : "end");
      },
    });
  }

  /**
   * Reads a head. Undefined when the other side ended first; throws a sentence when what comes is no head, or none in time.
   */
  async readHead(timeout: number): Promise<ReadHead | undefined> {
    const find = (): number => indexOfEnd(this.#read);
    const came = await this.link.until(() => find() >= 0 || this.ended || this.#read.length > MAX_HEAD, timeout);
    const end = find();
    if (end < 0) {
      if (this.#read.length > 0) this.log.head("peer", toText(this.#read));
      if (!came) throw new Error("it did not finish the opening handshake");
      if (this.ended && this.#read.length === 0) return undefined;
      throw new Error(this.ended ? "it ended TCP inside the head" : "its head does not end");
    }
    const text = toText(this.#read.subarray(0, end));
    this.log.head("peer", text);
    this.#read = this.#read.subarray(end + 4);
    const head = readHead(text);
    if (head === undefined) throw new Error(`its head has a line that is no field: ${JSON.stringify(text.slice(0, 200))}`);
    return head;
  }

  /** Hands what comes from here on to somebody, and what is there at once. */
  open(onData: (bytes: Uint8Array) => void, onEnd: () => void): void {
    this.#onData = onData;
    this.#onEnd = onEnd;
    const early = this.#read;
    this.#read = new Uint8Array(0);
    if (early.length > 0) onData(early);
    if (this.ended) onEnd();
  }

  /** What came and nobody took: behind a head, or without one. */
  get rest(): Uint8Array {
    return this.#read;
  }

  /** Writes a head, whole or in pieces, and what follows it in the last write. */
  async writeHead(text: string, chop?: number | keyof typeof CUTS, behind: Uint8Array = new Uint8Array(0)): Promise<void> {
    if (text !== "") this.log.head("tester", text.endsWith("\r\n\r\n") ? text.slice(0, -4) : text);
    const bytes = latin1(text);
    const pieces = chop === undefined ? [bytes] : typeof chop === "number" ? cutEvery(bytes, chop) : text.split(CUTS[chop]).map(latin1);
    const last = pieces.pop() ?? bytes;
    for (const piece of pieces) {
      this.link.write(piece);
      await this.link.turn();
    }
    this.link.write(concat([last, behind]));
  }

  /** Ends the tester's side. */
  end(): void {
    if (this.endedByUs) return;
    this.endedByUs = true;
    this.log.end("tester", "end");
    this.link.end();
  }

  /** Drops all. */
  destroy(): void {
    if (!this.ended || !this.endedByUs) this.log.end("tester", "drop");
    this.#isDestroyed = true;
    this.endedByUs = true;
    this.link.destroy();
  }

  #isDestroyed = false;
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function indexOfEnd(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf("\r\n\r\n");
}

function cutEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

/** Where a head is cut. */
const CUTS: Readonly<Record<"lines" | "line-ends", RegExp>> = { lines: /(?<=\n)/, "line-ends": /(?<=\r)/ };
/** Bytes; no peer's head is longer. */
const MAX_HEAD = 256 * 1024;
