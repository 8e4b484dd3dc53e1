/**
 * The format of a wire case: how a connection to a peer that echoes every message is opened, what is sent, what must come back, and how it
 * must end. A case is data: nothing in it knows how bytes travel.
 * @module
 */
import type { Frame, ReadFrame } from "../frames.ts";
import type { Extension } from "./extension.ts";
import type { CaseInfo, Verdict } from "./result.ts";

/** A rule that cases check. */
export interface Rule {
  /** What breaks it is named after it: "reserved-bits". */
  readonly name: string;
  /** 6455 when it is not said. */
  readonly rfc?: number;
  /** Such as "5.5.2". */
  readonly section: string;
  /** The rule in a sentence of our own. */
  readonly says: string;
}

/** A case that has no number yet: it gets that of its place among those of its section. */
export interface Draft {
  /** What it checks. */
  readonly rule: Rule;
  /** What is special here, in a sentence. */
  readonly title: string;
  /** The number of the Autobahn testsuite's case of the same meaning. */
  readonly autobahn?: string;
  /** Which peers can be asked this; both when it is not said. */
  readonly only?: "server" | "client";
  /** Where it makes sense alone: through TLS, or in a stream of HTTP/2 (RFC 8441). Anywhere but in HTTP/2 when it is not said. */
  readonly over?: "tls" | "http2";
  /** Takes long, or much memory: such run one by one. */
  readonly heavy?: true;
  /** It is about what a peer can stand, not about what it says. */
  readonly robustness?: true;

  /** How a server is dialled, where that is special. One that refuses is judged by `ask.refuses`. */
  readonly dial?: Dialling;
  /** To a server: the request, where it is not the usual one. */
  readonly ask?: Ask;
  /** In HTTP/2: the request that opens the stream, where it is not the usual one. */
  readonly stream?: StreamAsk;
  /** To a client: the answer, where it is not the usual one. */
  readonly answer?: Answer;
  /** What is said of permessage-deflate in the opening handshake; nothing when it is not said. */
  readonly deflate?: Deflate;

  /** What the tester does once the connection is open. */
  readonly send?: readonly Send[];
  /** The messages and pongs that must come back, in order. */
  readonly expect?: readonly Frame[];
  /** Fewer may come back than must; that is not strict, but no failure. A failing case always has this. */
  readonly lenient?: true;
  /**
   * - `clean` (when it is not said): the tester closes, unless a step did, and the peer answers.
   * - Codes: the peer must fail the connection, with one of these codes or by just dropping it.
   * - `begun`: the peer closes first, as it was asked to by a command; `answers` are the codes it may say. The tester answers, unless a step did.
   * - `either`: both a close handshake and a dropped connection are fine.
   */
  readonly end?: "clean" | "begun" | "either" | readonly number[];
  /** The codes that a close frame of the peer has strictly; undefined stands for none. 1000 when it is not said. */
  readonly answers?: readonly (number | undefined)[];
  /** The reason that a close frame of the peer must have. */
  readonly reason?: string;
  /** The tester does not answer the peer's close frame. */
  readonly silent?: true;
  /** What it means that the peer ends TCP without the close frame that is awaited; `fail` when it is not said. */
  readonly drops?: Verdict;
  /** What it means that the peer's interface refuses a command. When it is not said, "conformance:refused" is a message like any other. */
  readonly refusal?: Verdict;
  /** Several pings may be answered by a pong to the last of them alone (section 5.5.3). */
  readonly latestPong?: true;
  /** Pongs may come anywhere among the messages: nothing says in which order a message and a ping behind it are answered. */
  readonly pongsAnywhere?: true;
  /**
   * What comes back from a peer that takes what it might have failed the connection for: the RFC forbids to send it, and does not say what
   * becomes of it. That is not strict.
   */
  readonly tolerated?: readonly Frame[];
  /** What the tester sends for each ping, `number` counts them from 1; a pong with the same payload when it is not said. */
  pongs?(payload: Uint8Array, number: number): readonly Frame[];
  /** Looks at all frames that the peer sent, in order. */
  check?(frames: readonly ReadFrame[]): Finding | undefined;
  /** A message or pong that may come too, though it had better not: that is not strict. */
  readonly unneeded?: Frame;
  /** A client is watched for a moment: it should leave it to the server to end TCP. */
  readonly watchesEnd?: true;

  /** What the tester does, where the steps do not say it well enough. */
  readonly sends?: readonly string[];
  /** What is taken as what, where that does not follow from the above. */
  readonly accepts?: Partial<CaseInfo["accepts"]>;
}

/** A case with its number. */
export interface Case extends Draft {
  /** Section and number: "5.5.2-3"; of another RFC than 6455 with its own: "7692:7.2.1-4". */
  readonly id: string;
}

/** The head of a request or of an answer: its first line, and its fields in order. */
export interface Head {
  /** Without its end. */
  readonly line: string;
  /** Names as they are written. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** What is special about a connection to a server. */
export interface Dialling {
  /** No TLS, though the URL says so. */
  readonly plain?: true;
  /** Not the server's name; none at all for "". */
  readonly servername?: string;
  /** The only version of TLS. */
  readonly version?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** What is offered by ALPN; none at all when it is empty. */
  readonly alpn?: readonly string[];
  /** Goes on with the session of a connection made before. */
  readonly resumed?: true;
}

/** What an opening handshake may end in, and what that means. */
export interface Opening {
  /** The head's bytes come in writes of that many bytes, in one for each line, or cut between the two bytes of each line's end. */
  readonly chop?: number | "lines" | "line-ends";
  /** Follows the head in the same write. */
  readonly behind?: readonly (Frame | Uint8Array)[];
  /** What it means that the peer opens the connection; `pass` when it is not said. */
  readonly opens?: Verdict;
  /** What it means that it refuses to; `fail` when it is not said. */
  readonly refuses?: Verdict;
}

/** An opening handshake with a server. */
export interface Ask extends Opening {
  /** The request, made from the usual one; text is sent as it is, one byte a character. */
  request?(usual: Head): Head | string;
  /** The statuses that fit a refusal; with any other it is not strict. Any from 400 to 599 when it is not said. */
  readonly statuses?: readonly number[];
  /** What it means that the request is answered as one of plain HTTP, with a status from 200 to 299; `fail` when it is not said. Where `refuses` is `pass`. */
  readonly plain?: Verdict;
  /** What it means that TCP is ended without an answer; when it is not said, `non-strict` where a refusal is a `pass`, else `fail`. */
  readonly drops?: Verdict;
  /** A refusal is read to its end, which must be where its head says. */
  readonly whole?: true;
  /** Looks at the answer, whatever its status: what is wrong, and what is lax. */
  check?(answer: ReadHead): Finding | undefined;
}

/** The opening of a stream in HTTP/2 (RFC 8441). */
export interface StreamAsk {
  /** The fields of the request, made from the usual ones; undefined takes one away. */
  fields?(usual: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>>;
  /** What it means that the peer opens the stream for a WebSocket. */
  readonly opens?: Verdict;
  /** What it means that it refuses to. */
  readonly refuses?: Verdict;
  /** Looks at the fields of an answer that opens the stream. */
  check?(answer: Readonly<Record<string, unknown>>): Finding | undefined;
  /** How many streams of the same connection were opened before, each with an echo, and then left in that way. */
  readonly before?: { readonly count: number; readonly left: "open" | "ended" | "reset" };
}

/** An opening handshake with a client. */
export interface Answer extends Opening {
  /** The answer, made from the usual one; text is sent as it is, one byte a character. */
  response?(usual: Head, request: ReadHead): Head | string;
  /** Whether TCP is ended behind the answer. When it is not said: where it must not open the connection, and is no 101. */
  readonly ends?: boolean;
  /** The answer comes after a moment, in which nothing may follow the request. */
  readonly hesitates?: true;
  /** Looks at the request. */
  check?(request: ReadHead, visit: Visit): Finding | undefined;
}

/** What the tester knows of a client beside its request. */
export interface Visit {
  /** The port it came to; undefined in process. */
  readonly port?: number | undefined;
  /** The keys of its requests before this one. */
  readonly keys: readonly string[];
}

/** A head that was read. */
export interface ReadHead extends Head {
  /** Such as "101" or "GET": the answer's status, the request's method. */
  readonly start: readonly string[];
  /** The values of a field in order; whitespace around them is gone. */
  all(name: string): readonly string[];
  /** The values as one list; undefined when the field is missing. */
  get(name: string): string | undefined;
}

/** Something that is wrong or lax, one sentence. */
export interface Finding {
  /** How bad it is. */
  readonly verdict: "fail" | "non-strict";
  /** What it is. */
  readonly says: string;
}

/** A rule was broken. */
export function wrong(says: string): Finding {
  return { verdict: "fail", says };
}

/** Allowed, but not best. */
export function lax(says: string): Finding {
  return { verdict: "non-strict", says };
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
  /** One frame, its payload (or with `whole` all of it) cut behind that many bytes; at each cut the step that stands there happens. */
  | { readonly piecemeal: Frame; readonly whole?: true; readonly cuts: readonly number[]; readonly between: readonly Send[] }
  /** A whole message, compressed where that was agreed, in frames of `size` bytes or in one. */
  | { readonly message: Frame; readonly size?: number }
  /** Messages like that, each when the one before has come back equal. They are not among what the case expects. */
  | { readonly series: Iterable<Frame>; readonly size?: number }
  /**
   * Asks the peer to do something by its own interface: the text message "conformance:" and this is sent. A peer that echoes it cannot be asked; that is
   * `unimplemented`. One whose interface refuses it says "conformance:refused", which is heard as a message. The frames `before` and `behind` it are in the same write.
   */
  | { readonly command: string; readonly before?: readonly Frame[]; readonly behind?: readonly Frame[] }
  /** Waits until that many messages and pongs have come back in all. */
  | { readonly heard: number }
  /** Waits until the peer sent that many pings in all. */
  | { readonly pinged: number }
  /** Waits until the peer's close frame is there. */
  | { readonly closed: true }
  /** Waits that many milliseconds, whatever the peer does. */
  | { readonly wait: number }
  /** Waits a moment, in which the peer must not fail the connection. */
  | { readonly alive: true }
  /** The peer must have failed the connection before more is sent; one that does it later is not strict. */
  | { readonly failedByNow: true }
  /** From here on nothing is read of what the peer sends, or it is again. */
  | { readonly reading: boolean }
  /** Ends the tester's side of TCP; `drop` drops all of it. */
  | { readonly tcp: "end" | "drop" };

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
