/**
 * What a client under attack is told to do, and what it tells of it: JSON, as it may run on any runtime.
 * @module
 */
import type { HandshakeStage } from "../../adapters/error.ts";
import type { Close } from "../../core/websocket/close.ts";
import type { Limits } from "../../core/websocket/limits.ts";

/**
 * How the application hears its messages.
 * - `listener`: by handlers, all of them.
 * - `echo`: by a handler that sends each back, and waits where the socket says so.
 * - `bare`: it registers nothing, and never reads.
 * - `loop`: it iterates.
 * - `class`: by the WebSocket class of the web.
 */
export type Manner = "listener" | "echo" | "bare" | "loop" | "class";

/** What the application does, in order, once the socket is open. */
export type Act =
  /** Sends that many messages of that many bytes, each beginning with its number; `heed` waits for room between them. */
  | { readonly do: "send"; readonly size: number; readonly count: number; readonly heed: boolean }
  | { readonly do: "close"; readonly code?: number; readonly reason?: string }
  | { readonly do: "ping" | "terminate" }
  | { readonly do: "wait"; readonly milliseconds: number };

/** One connection. */
export interface Job {
  readonly url: string;
  readonly manner: Manner;
  readonly acts?: readonly Act[];
  readonly protocols?: readonly string[];
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly redirects?: number;
  readonly proxy?: string;
  readonly tls?: { readonly ca?: string; readonly servername?: string };
  /** permessage-deflate is offered. */
  readonly deflate?: boolean;
  readonly limits?: Partial<Limits>;
}

/** What came of it, told once it is over. */
export interface Report {
  readonly opened: boolean;
  readonly protocol: string;
  /** What `connect` rejected with; `class` tells none but "error". */
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly stage?: HandshakeStage;
    readonly code?: string;
    readonly status?: number;
    /** Characters of the body. */
    readonly body: number;
  };
  /** How it ended. */
  readonly close?: Pick<Close, "code" | "reason" | "clean"> & { readonly fault?: string };
  /** How many messages came, how many bytes or characters, and what the first of them were. */
  readonly messages: number;
  readonly size: number;
  readonly first: readonly string[];
  readonly pings: number;
  readonly pongs: number;
  /** What each act came to. */
  readonly acts: readonly string[];
  /** What handlers were told of as errors of their own. */
  readonly thrown: readonly string[];
}

/** A message in a report: text in quotes, bytes in hexadecimal, cut off. */
export function nameMessage(message: string | Uint8Array): string {
  if (typeof message === "string") return JSON.stringify(message.slice(0, 40));
  return `<${Array.from(message.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ")}>`;
}

/** JSON that is one line for every reader: some take U+0085 and U+2028 for ends of lines. */
export function toLine(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
