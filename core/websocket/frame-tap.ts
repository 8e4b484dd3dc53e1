/**
 * Shows the frames of a connection, both ways, without the connection knowing: a protocol around a protocol.
 * @module
 */
import type { Protocol } from "../protocol.ts";
import { FrameParser, type FrameVisitor, type Role } from "./frame-parser.ts";

/** One frame as it passed. */
export interface FrameRecord {
  /** Which way it went, seen from this end. */
  readonly direction: "sent" | "received";
  /** The last fragment of its message. */
  readonly fin: boolean;
  /** The reserved bits as they stand in the first byte. */
  readonly rsv: number;
  /** What the frame is: see opcode.ts. */
  readonly opcode: number;
  /** True when it was masked on the wire. */
  readonly masked: boolean;
  /** The masking key it was masked with, its first byte on top. */
  readonly maskingKey: number | undefined;
  /** Bytes of payload. */
  readonly length: number;
  /** The payload unmasked, cut off at the tap's limit. Its own array. */
  readonly payload: Uint8Array;
}

/** Wraps an open connection and reports each frame once its last byte passed. Bytes behind a broken rule are not reported. */
export class FrameTap implements Protocol<Uint8Array, Uint8Array> {
  readonly #inner: Protocol<Uint8Array, Uint8Array>;
  readonly #received: FrameParser;
  readonly #sent: FrameParser;

  /**
   * Stands in the connection's place from here on.
   * @param inner the connection
   * @param role which end it is
   * @param onFrame hears of each frame
   * @param maxPayload bytes of each payload that are kept to be shown
   */
  constructor(inner: Protocol<Uint8Array, Uint8Array>, role: Role, onFrame: (frame: FrameRecord) => void, maxPayload = 1024) {
    const peer = role === "client" ? "server" : "client";
    this.#inner = inner;
    this.#received = new FrameParser(role, recorder("received", maxPayload, onFrame), ALL_BITS);
    this.#sent = new FrameParser(peer, recorder("sent", maxPayload, onFrame), ALL_BITS);
  }

  /** The connection's. */
  get outputEnded(): boolean {
    return this.#inner.outputEnded;
  }

  /** The connection's. */
  get paused(): boolean {
    return this.#inner.paused;
  }

  /** The connection's. */
  get deadline(): number {
    return this.#inner.deadline;
  }

  /** Reports the frames that end in `input`, then hands it to the connection. */
  receive(input: Uint8Array, now: number): void {
    this.#received.parse(input, 0, input.length);
    this.#inner.receive(input, now);
  }

  /** Tells the connection. */
  receiveEnd(now: number): void {
    this.#inner.receiveEnd(now);
  }

  /** Reports the frames the connection hands over, and hands them on. */
  takeOutput(now: number): readonly Uint8Array[] {
    const output = this.#inner.takeOutput(now);
    for (const bytes of output) this.#sent.parse(bytes, 0, bytes.length);
    return output;
  }

  /** Tells the connection. */
  handleTimeout(now: number): void {
    this.#inner.handleTimeout(now);
  }
}

function recorder(direction: FrameRecord["direction"], maxPayload: number, onFrame: (frame: FrameRecord) => void): FrameVisitor {
  let frame!: FrameParser;
  let kept = new Uint8Array(0);
  return {
    onHeader(parser) {
      frame = parser;
      kept = new Uint8Array(Math.min(parser.length, maxPayload));
      return undefined;
    },
    onPayload(bytes, start, end, remaining) {
      const { fin, rsv, opcode, masked, length } = frame;
      const maskingKey = masked ? frame.maskingKey : undefined;
      const offset = length - remaining - (end - start);
      const cut = Math.min(end, start + kept.length - offset);
      if (cut > start) frame.copyPayload(bytes, start, cut, remaining + (end - cut), kept, offset);
      if (remaining === 0) onFrame({ direction, fin, rsv, opcode, masked, maskingKey, length, payload: kept });
      return undefined;
    },
  };
}

const ALL_BITS = 0x70;
