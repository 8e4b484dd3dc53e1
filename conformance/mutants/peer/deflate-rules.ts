/**
 * What a right peer does about permessage-deflate, each rule on its own (RFC 7692): a mutant replaces one. Compressing is left to the
 * tester's own codec: what is tested here is the tester, and that it sees what a peer does wrong.
 * @module
 */
import { concat, type Frame, frame, hex } from "../../frames.ts";
import { readBlocks } from "../../wire/blocks.ts";
import { accept } from "../../wire/cases/deflate.ts";
import { Codec } from "../../wire/codec.ts";
import { type Agreement, agreedBy, type Direction, type Extension, parseExtensions, readParameters, whyUnfit } from "../../wire/extension.ts";
import type { Role } from "./connection-rules.ts";

/** The rules of permessage-deflate. */
export interface DeflateRules {
  /** A server's answer to one element of what is offered (7.1); undefined declines it. */
  answerOffer(offer: Extension): string | undefined;
  /** The last touch to that answer before it is sent; what holds stays what was agreed on. */
  tellAnswer(answer: string): string;
  /** What a client offers; undefined for nothing. */
  readonly offer: string | undefined;
  /** What a client takes an answer for (7.1); undefined refuses it. */
  takeAnswer(answer: readonly Extension[], offer: string): Agreement | undefined;
  /** What it does with what it sends: what was agreed on (7.2.1). */
  keepOurs(agreed: Direction): Direction;
  /** What it does with what it hears (7.2.2). */
  keepTheirs(agreed: Direction): Direction;
  /** The frames of a compressed message (6.1). */
  compressedFrames(opcode: number, payload: Uint8Array): readonly Frame[];
  /** The message of a payload (6.2, 7.2.2). */
  decompress(payload: Uint8Array, codec: Codec, maxMessage: number): Uint8Array | "data" | "size";
}

/** As they should be. */
export const DEFLATE_RULES: DeflateRules = {
  answerOffer: (offer) => accept(offer, {}),
  tellAnswer: (answer) => answer,
  offer: "permessage-deflate; client_max_window_bits",
  takeAnswer: ([answer, ...others], offer) => {
    const [offered] = parseExtensions(offer) ?? [];
    const asked = others.length > 0 || offered === undefined ? "that was not offered" : readParameters(offered, "client");
    const told = readParameters(answer, "server");
    return typeof told === "string" || typeof asked === "string" || whyUnfit(asked, told) !== undefined ? undefined : agreedBy(told);
  },
  keepOurs: (agreed) => agreed,
  keepTheirs: (agreed) => agreed,
  compressedFrames: (opcode, payload) => [frame(opcode, payload, { rsv: 4 })],
  decompress: (payload, codec, maxMessage) => {
    try {
      const mayBeTooLong = payload.length * MOST_GROWTH > maxMessage;
      return mayBeTooLong && readBlocks(concat([payload, DEFLATE_TAIL])).length > maxMessage ? "size" : codec.decompress(payload);
    } catch {
      return "data";
    }
  },
};

/** The codec of an end, as its rules have it. */
export function makeCodec({ server, client }: Agreement, role: Role, rules: DeflateRules): Codec {
  const [ours, theirs] = role === "server" ? [server, client] : [client, server];
  return new Codec(rules.keepOurs(ours), rules.keepTheirs(theirs));
}

/** What a server answers to a field of offers, and what holds then; undefined for neither. */
export function answerOffers(offers: readonly Extension[], rules: DeflateRules): { readonly answer: string; readonly agreed: Agreement } | undefined {
  for (const offer of offers) {
    const answer = rules.answerOffer(offer);
    if (answer === undefined) continue;
    const [parsed] = parseExtensions(answer) ?? [];
    const parameters = parsed === undefined ? "it is none" : readParameters(parsed, "server");
    if (typeof parameters !== "string") return { answer: rules.tellAnswer(answer), agreed: agreedBy(parameters) };
  }
  return undefined;
}

/** A byte stands for so many at most: a reference of 258 bytes takes two bits. */
const MOST_GROWTH = 1032;
/** What each compressed message ends with, and no payload has (7.2.1). */
export const DEFLATE_TAIL: Uint8Array = hex("00 00 ff ff");
