/**
 * What an extension is, and how the two ends agree on one (RFC 6455, section 9). permessage-deflate.ts is the one there is; the
 * connection knows only these interfaces, so that unused code is left out of a bundle.
 *
 * 1. A client offers a list, the most wanted first (9.1); a server takes the first of it that it can, or none.
 * 2. A client fails a connection whose server chose what was not offered (4.1).
 * 3. At most one extension is in use on a connection.
 * @module
 */
import { type ExtensionOffer, parseExtensions } from "../http/field.ts";
import type { Fault } from "./fault.ts";

/** An extension as an application names it. One instance may serve any number of connections, in both roles. */
export interface Extension {
  /** The token it is registered under. */
  readonly name: string;
  /** Client: what to offer, the most wanted first. */
  offers(): readonly ExtensionOffer[];
  /** Server: what to answer to one offer of its name; undefined declines it. */
  accept(offer: ExtensionOffer): Agreement | undefined;
  /** Client: judges what the server chose. Text says what is wrong with it. */
  check(chosen: ExtensionOffer): Agreement | string;
}

/** What both ends agreed on. */
export interface Agreement {
  /** The element of Sec-WebSocket-Extensions that says so. */
  readonly chosen: ExtensionOffer;
  /** Begins one connection. */
  start(): ExtensionSession;
}

/** An extension at work on one connection. It transforms messages, not frames (RFC 7692, section 4). */
export interface ExtensionSession {
  /** The reserved bits it claims: set on the first frame of a message it transformed. */
  readonly rsv: number;
  /** Bytes of memory it keeps between messages. */
  readonly bytesHeld: number;
  /** How long a message that it may encode is at least, in bytes. */
  readonly threshold: number;
  /** Restores a received message of at most `room` bytes. `data` is lent; the result is the caller's own. */
  decode(data: Uint8Array, room: number): Uint8Array | Fault;
  /** Transforms the next piece of a message. `data` is lent, the result the caller's own. Undefined: this piece is a whole message and is sent as it is. */
  encode(data: Uint8Array, first: boolean, final: boolean): Uint8Array | undefined;
  /** The connection is over; nothing is called any more. */
  end(): void;
}

/** Server: the first of the client's offers that can be taken; undefined for none. */
export function chooseExtension(offers: readonly ExtensionOffer[], extensions: readonly Extension[]): Agreement | undefined {
  for (const offer of offers) {
    for (const extension of extensions) {
      const agreement = extension.name === offer.name ? extension.accept(offer) : undefined;
      if (agreement !== undefined) return agreement;
    }
  }
  return undefined;
}

/** Client: judges the values of Sec-WebSocket-Extensions in an answer. Undefined when the server chose none; text says what is wrong. */
export function checkExtension(values: readonly string[], extensions: readonly Extension[]): Agreement | string | undefined {
  if (values.length === 0) return undefined;
  const chosen = parseExtensions(values);
  if (chosen === undefined || chosen.length === 0) return "Sec-WebSocket-Extensions in the answer is not a list of extensions"; // one at least (section 9.1)
  const known = extensions.filter(({ name }) => name === chosen[0].name);
  if (chosen.length > 1 || known.length === 0) return "The server chose an extension that was not offered";
  let problem = "";
  for (const extension of known) {
    const verdict = extension.check(chosen[0]);
    if (typeof verdict !== "string") return verdict;
    problem = verdict;
  }
  return problem;
}

/** An offer or a choice as it stands in the field. */
export function formatExtension({ name, parameters }: ExtensionOffer): string {
  return [name, ...parameters.map(([key, value]) => value === undefined ? key : `${key}=${value}`)].join("; ");
}
