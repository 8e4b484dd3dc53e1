/**
 * The format of a wire case: what is sent to a peer that echoes every message, what must come back, and how it must end.
 * @module
 */
import type { Frame } from "../frames.ts";
import type { Extension } from "./extension.ts";

/** One case. Its number is that of the Autobahn testsuite's case of the same meaning. */
export interface Case {
  /** Such as "5.19". */
  readonly id: string;
  /** A sentence. */
  readonly about: string;
  readonly send: readonly Send[];
  /** The messages and pongs that must come back, in order. */
  readonly expect: readonly Frame[];
  /** Fewer may come back than must; that is not strict, but no failure. A failing case always has this. */
  readonly lenient?: true;
  /** A client is watched for a moment: it should leave it to the server to end TCP. */
  readonly watchesEnd?: true;
  /**
   * `clean`: the closing handshake is done and answered. Codes: the peer must fail the connection, with one of these codes or
   * by just dropping it.
   */
  readonly end: "clean" | readonly number[];
  /** For a close frame the case itself sends: the codes that answer it strictly; undefined stands for none. */
  readonly answers?: readonly (number | undefined)[];
  /** Which peers can be asked this; both when it is not said. */
  readonly only?: "server" | "client";
  /** What is said of extensions in the opening handshake; nothing when it is not said. */
  readonly deflate?: Deflate;
}

/** How a case wants permessage-deflate agreed (RFC 7692). */
export interface Deflate {
  /** What a server is offered: the field Sec-WebSocket-Extensions. */
  readonly offer: string;
  /** What a client is answered: the field too, right or wrong; undefined for none. */
  answer(offers: readonly Extension[]): string | undefined;
  /** The case is about a peer that declines as well, as it may have to. Without this, such a peer cannot be asked. */
  readonly optional?: true;
  /** The case needs that what the tester sends may refer to earlier messages, in the largest window. */
  readonly takeover?: true;
}

/** A step of a case. */
export type Send =
  /** Frames in one write; in writes of `chop` bytes each; or in a write each. */
  | { readonly frames: readonly Frame[]; readonly chop?: number | "frames" }
  /** Bytes in one write. */
  | { readonly bytes: Uint8Array }
  /** One frame, its payload cut behind that many bytes; at each cut the step that stands there happens. */
  | { readonly piecemeal: Frame; readonly cuts: readonly number[]; readonly between: readonly Send[] }
  /** A whole message, compressed where that was agreed, in frames of `size` bytes or in one. */
  | { readonly message: Frame; readonly size?: number }
  /** Messages like that, each when the one before has come back equal. They are not among what the case expects. */
  | { readonly series: Iterable<Frame>; readonly size?: number }
  /** Waits until that many messages and pongs have come back in all. */
  | { readonly heard: number }
  /** Waits a moment, in which the peer must not fail the connection. */
  | { readonly alive: true }
  /** The peer must have failed the connection before more is sent; one that does it later is not strict. */
  | { readonly failedByNow: true };

/** How well a peer did. Unimplemented: it does not do what the case is about, as it may. */
export type Verdict = "ok" | "non-strict" | "failed" | "unimplemented";

/** A case that was run. */
export interface Result {
  readonly id: string;
  readonly about: string;
  readonly verdict: Verdict;
  /** What was wrong or lax, one sentence each. */
  readonly reasons: readonly string[];
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** What came back compressed. */
  readonly compressed: Compressed;
}

/** Compressed messages of a peer: how many, their bytes on the wire, and the bytes they stand for. */
export interface Compressed {
  readonly messages: number;
  readonly payload: number;
  readonly restored: number;
}

/** How long a peer may take, in milliseconds. */
export interface Patience {
  /** To answer; large messages get 30 seconds more. */
  readonly answer: number;
  /** To end TCP. */
  readonly drop: number;
  /** To fail the connection at the first byte that cannot be right, where that is asked for. */
  readonly failFast: number;
}

/** What holds when nothing else is said. */
export const DEFAULT_PATIENCE: Patience = { answer: 5_000, drop: 5_000, failFast: 1_000 };

/** One line a group, and one for each case that is not ok, up to some number. */
export function summarise(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const group of new Set(results.map(({ id }) => id.split(".")[0]))) {
    const all = results.filter(({ id }) => id.split(".")[0] === group);
    const count = (verdict: Verdict): number => all.filter((result) => result.verdict === verdict).length;
    const time = all.reduce((sum, { duration }) => sum + duration, 0);
    const lacking = count("unimplemented") === 0 ? "" : `, ${count("unimplemented")} unimplemented`;
    const [messages, payload, restored] = (["messages", "payload", "restored"] as const).map((part) => all.reduce((sum, { compressed }) => sum + compressed[part], 0));
    const shrunk = messages === 0 ? "" : `; ${messages} messages came compressed to ${(payload / restored * 100).toFixed(1)} %`;
    lines.push(`group ${group.padStart(2)}: ${count("ok")} ok, ${count("non-strict")} non-strict, ${count("failed")} failed${lacking} (${Math.round(time)} ms)${shrunk}`);
    const others = all.filter(({ verdict }) => verdict !== "ok");
    for (const { id, about, verdict, reasons } of others.slice(0, MOST_TOLD)) lines.push(`  ${id} ${verdict}: ${reasons.join("; ")} (${about})`);
    if (others.length > MOST_TOLD) lines.push(`  and ${others.length - MOST_TOLD} more: ${others.slice(MOST_TOLD).map(({ id }) => id).join(" ")}`);
  }
  return lines.join("\n");
}

/** Of a group. */
const MOST_TOLD = 30;
