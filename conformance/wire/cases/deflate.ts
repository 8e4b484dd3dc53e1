/**
 * Messages of all kinds and sizes, compressed as was agreed (RFC 7692, sections 6 and 7.1).
 * @module
 */
import type { Deflate, Draft, Rule } from "../case.ts";
import { type Extension, formatExtension, readParameters } from "../extension.ts";
import { cut, type Payload, PAYLOADS } from "../payloads.ts";

const COMPRESSED: Rule = { name: "compressed", rfc: 7692, section: "6", says: "What one end compresses the other restores, whatever the data and the frames" };
const PARAMETERS_KEPT: Rule = {
  name: "parameters-kept", rfc: 7692, section: "7.2.1", says: "What was agreed about context takeover and window sizes is kept to in every message",
};

/** How many messages each case of Autobahn's sends. */
export const AUTOBAHN_MESSAGES = 1000;

/** Groups 12 and 13 of Autobahn. Without a number each case sends few messages, and of large ones fewer: enough to fill the largest window. */
export function deflateCases(messages?: number): Draft[] {
  return [
    ...PAYLOADS.flatMap((payload, at) => each(COMPRESSED, `12.${at + 1}`, payload, agreeing([{}]), messages)),
    ...PARAMETERS.flatMap((wishes, at) => each(PARAMETERS_KEPT, `13.${at + 1}`, PAYLOADS[0], agreeing(wishes), messages)),
  ];
}

/** What the tester wants its peer to do, in order of preference: both roles ask for the same. */
interface Wish {
  readonly noTakeover?: true;
  readonly bits?: number;
}

const PARAMETERS: readonly (readonly Wish[])[] = [
  [{}],
  [{ noTakeover: true }],
  [{ bits: 9 }],
  [{ bits: 15 }],
  [{ noTakeover: true, bits: 9 }],
  [{ noTakeover: true, bits: 15 }],
  [{ noTakeover: true, bits: 9 }, { noTakeover: true }, {}],
];

/** Bytes of a message, and of a frame. */
const SIZES: readonly (readonly [size: number, frame?: number])[] = [
  [16], [64], [256], [1024], [4096], [8192], [16_384], [32_768], [65_536], [131_072],
  [8192, 256], [16_384, 256], [32_768, 256], [65_536, 256], [131_072, 256], [131_072, 1024], [131_072, 4096], [131_072, 32_768],
];

function each(rule: Rule, group: string, payload: Payload, deflate: Deflate, messages: number | undefined): Draft[] {
  return SIZES.map(([size, frame], at): Draft => {
    const count = messages ?? Math.min(20, Math.max(3, Math.trunc(2 ** 18 / size)));
    const inFrames = frame === undefined ? "" : ` in frames of ${frame} bytes`;
    return {
      rule,
      title: `${count} compressed messages of ${size} bytes of ${payload.name}${inFrames} are echoed; offered: ${deflate.offer}`,
      autobahn: `${group}.${at + 1}`,
      send: [{ series: cut(payload, size, count), ...(frame === undefined ? {} : { size: frame }) }],
      deflate,
    };
  });
}

/** Offers to a server as Autobahn's client makes them; of a client's offers, the first that allows a wish is accepted. */
function agreeing(wishes: readonly Wish[]): Deflate {
  const offers = wishes.map(({ noTakeover, bits }) => formatExtension({
    name: "permessage-deflate",
    parameters: [
      ["client_no_context_takeover", true],
      ["client_max_window_bits", true],
      ...noTakeover ? [["server_no_context_takeover", true] as const] : [],
      ...bits === undefined ? [] : [["server_max_window_bits", String(bits)] as const],
    ],
  }));
  return {
    offer: offers.join(", "),
    answer: (offers) => wishes.flatMap((wish) => offers.map((offer) => accept(offer, wish))).find((answer) => answer !== undefined),
  };
}

/** The answer to an offer: what the client asked for, and what is wished of it; undefined when it does not allow that. */
export function accept(offer: Extension, { noTakeover, bits }: Wish): string | undefined {
  const asked = readParameters(offer, "client");
  if (typeof asked === "string" || bits !== undefined && bits > (asked.clientBits ?? 0)) return undefined;
  return formatExtension({
    name: offer.name,
    parameters: [
      ...asked.serverTakeover ? [] : [["server_no_context_takeover", true] as const],
      ...asked.serverBits === undefined ? [] : [["server_max_window_bits", String(asked.serverBits)] as const],
      ...noTakeover || !asked.clientTakeover ? [["client_no_context_takeover", true] as const] : [],
      ...bits === undefined ? [] : [["client_max_window_bits", String(bits)] as const],
    ],
  });
}
