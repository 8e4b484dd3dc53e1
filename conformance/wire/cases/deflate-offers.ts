/**
 * What a server answers to offers of permessage-deflate, and what a client takes for an answer
 * (RFC 7692, sections 5 and 7.1; RFC 6455, section 9.1).
 * @module
 */
import type { Deflate, Draft, Rule, Send } from "../case.ts";
import { type Extension, formatExtension, type Parameters, parseExtensions, readParameters, whyUnfit } from "../extension.ts";
import { cut, PAYLOADS } from "../payloads.ts";

const AGREEING: Rule = { name: "agreeing", rfc: 7692, section: "5.1", says: "A server accepts one element of what is offered, or none, and says nothing that was not offered" };
const SERVER_TAKEOVER: Rule = { name: "server-takeover", rfc: 7692, section: "7.1.1.1", says: "Asked for server_no_context_takeover, a server says it too, and refers to no earlier message" };
const CLIENT_TAKEOVER: Rule = { name: "client-takeover", rfc: 7692, section: "7.1.1.2", says: "A client that is told client_no_context_takeover refers to no earlier message" };
const SERVER_WINDOW: Rule = { name: "server-window", rfc: 7692, section: "7.1.2.1", says: "Asked for server_max_window_bits, a server says that size or a smaller one, and keeps to it" };
const CLIENT_WINDOW: Rule = { name: "client-window", rfc: 7692, section: "7.1.2.2", says: "A client's window is only limited where it offered that, and to no more than it offered" };
const DECLINED: Rule = { name: "declined", rfc: 7692, section: "7.1", says: "An offer with a parameter that is unknown, repeated or out of range is declined" };
const NOT_TAKEN: Rule = { name: "not-taken", rfc: 7692, section: "7.1", says: "An answer with a parameter that is unknown, repeated or out of range fails the connection" };

const NAME = "permessage-deflate";
/** What a parameter is given as: undefined for not at all, true for without a value. */
type Value = string | true | undefined;

const WRONG_FLAG: readonly Value[] = ["1", "true"];
const SIZES: readonly Value[] = ["8", "9", "10", "11", "12", "13", "14", "15"];
const WRONG_SIZES: readonly Value[] = ["7", "16", "0", "08", "1e1", "100000000000000000000", "ten"];

/** Sections 5.1 and 7.1.1 to 7.1.3 of RFC 7692. */
export const offers: readonly Draft[] = [...toServers(), ...toClients()];

function toServers(): Draft[] {
  const bare = undefined;
  const right: readonly (readonly [Rule, string])[] = [
    [AGREEING, offerOf()],
    [SERVER_TAKEOVER, offerOf(true)],
    [CLIENT_TAKEOVER, offerOf(bare, true)],
    [SERVER_TAKEOVER, offerOf(true, true)],
    ...SIZES.map((bits) => [SERVER_WINDOW, offerOf(bare, bare, bits)] as const),
    ...SIZES.map((bits) => [SERVER_WINDOW, offerOf(true, bare, bits)] as const),
    ...[true as const, ...SIZES].map((bits) => [CLIENT_WINDOW, offerOf(bare, bare, bare, bits)] as const),
    ...[true as const, ...SIZES].map((bits) => [CLIENT_WINDOW, offerOf(bare, true, bare, bits)] as const),
    ...SIZES.map((bits) => [AGREEING, offerOf(true, true, bits, bits)] as const),
    ...([["9", "15"], ["15", "9"], ["10", "12"], ["12", "10"]] as const).map(([server, client]) => [AGREEING, offerOf(bare, bare, server, client)] as const),
  ];
  const wrong = [
    ...WRONG_FLAG.flatMap((flag) => [offerOf(flag), offerOf(undefined, flag)]),
    ...[true as const, ...WRONG_SIZES].map((bits) => offerOf(undefined, undefined, bits)),
    ...WRONG_SIZES.map((bits) => offerOf(undefined, undefined, undefined, bits)),
    ...["server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=10", "client_max_window_bits"].map((parameter) =>
      `${NAME}; ${parameter}; ${parameter}`),
    `${NAME}; client_max_window_bits; client_max_window_bits=10`,
    `${NAME}; max_window_bits=10`,
    `${NAME}; constructor`,
    "permessage-bzip2", "x-webkit-deflate-frame", "deflate", "toString",
  ];
  const lists = [
    `${NAME}; server_max_window_bits=16, ${NAME}`,
    `${NAME}; unknown, ${NAME}; server_no_context_takeover`,
    `permessage-bzip2, ${NAME}`,
    `${NAME}, permessage-bzip2`,
    `${NAME}; server_max_window_bits=10, ${NAME}`,
    `${NAME}; server_no_context_takeover; client_no_context_takeover, ${NAME}`,
    `${NAME}; server_max_window_bits="10"; client_max_window_bits="11"`,
    `${NAME}  ;  server_max_window_bits=10 ,${NAME}`,
    `permessage-bzip2\r\nSec-WebSocket-Extensions: ${NAME}`,
    Array.from({ length: 50 }, (_, at) => at < 49 ? `${NAME}; server_max_window_bits=${at + 16}` : NAME).join(", "),
  ];
  return [
    ...right.map(([rule, offer]) => offered(rule, offer, "is answered as it may be")),
    ...wrong.map((offer) => offered(DECLINED, offer, "is declined", true)),
    ...lists.map((offer) => offered(AGREEING, offer, "is answered with one of its elements")),
  ];
}

/** Whatever is agreed, messages are echoed. An answer that fits no offer fails the case as it is read. */
function offered(rule: Rule, offer: string, title: string, optional = false): Draft {
  const eightBits = /server_max_window_bits=8/.test(offer); // zlib cannot do it: servers decline
  return {
    rule,
    title: `The offer "${offer.length < 120 ? offer.replace("\r\n", " and ") : `${offer.slice(0, 100)}…`}" ${title}`,
    only: "server",
    send: series(),
    deflate: { offer, answer: () => undefined, ...(optional || eightBits ? { optional: true } : {}) },
    ...(optional ? { ask: { refuses: "non-strict" } } : {}), // what is offered wrongly is to be declined, not to be punished
  };
}

function toClients(): Draft[] {
  const sizes = SIZES.flatMap((bits) => [`server_max_window_bits=${String(bits)}`, `client_max_window_bits=${String(bits)}`]);
  const right = [
    ...sizes, "server_no_context_takeover", "client_no_context_takeover", "server_no_context_takeover; client_no_context_takeover",
    "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9",
    'server_max_window_bits="10"', "client_no_context_takeover ;server_max_window_bits=10",
  ];
  const wrong = [
    ...["server", "client"].flatMap((side) => [
      ...[true as const, ...WRONG_SIZES].map((bits) => formatExtension({ name: NAME, parameters: [[`${side}_max_window_bits`, bits as string | true]] })),
      `${NAME}; ${side}_no_context_takeover=1`,
      `${NAME}; ${side}_no_context_takeover; ${side}_no_context_takeover`,
      `${NAME}; ${side}_max_window_bits=10; ${side}_max_window_bits=10`,
    ]),
    `${NAME}; unknown`,
    `${NAME}; constructor`,
    `${NAME}, ${NAME}`,
    `${NAME}, permessage-bzip2`,
    "permessage-bzip2",
    `${NAME};`,
    `${NAME}; server_max_window_bits=`,
  ];
  return [
    ...right.map((parameters) => answered(parameters)),
    ...wrong.map((answer): Draft => ({
      rule: NOT_TAKEN,
      title: `The answer "${answer}" is not taken`,
      only: "client",
      end: [1010, 1002],
      deflate: { offer: "", answer: () => answer, optional: true },
    })),
  ];
}

/** An answer that fits none of the client's offers cannot be given. */
function answered(parameters: string): Draft {
  const answer = `${NAME}; ${parameters}`;
  const [extension] = parseExtensions(answer) as Extension[];
  const asked = readParameters(extension, "server") as Parameters;
  const fits = (offer: Parameters | string): boolean => typeof offer !== "string" && whyUnfit(offer, asked) === undefined;
  const deflate: Deflate = { offer: "", answer: (offers) => offers.some((offer) => fits(readParameters(offer, "client"))) ? answer : undefined };
  const rule = !asked.clientTakeover ? CLIENT_TAKEOVER : asked.clientBits !== undefined ? CLIENT_WINDOW : asked.serverBits !== undefined ? SERVER_WINDOW : SERVER_TAKEOVER;
  return { rule, title: `The answer "${answer}" is taken, and kept to`, only: "client", send: series(), deflate };
}

function offerOf(serverFlag?: Value, clientFlag?: Value, serverBits?: Value, clientBits?: Value): string {
  const parameters = [
    ["server_no_context_takeover", serverFlag], ["client_no_context_takeover", clientFlag],
    ["server_max_window_bits", serverBits], ["client_max_window_bits", clientBits],
  ] as const;
  return formatExtension({ name: NAME, parameters: parameters.filter((parameter): parameter is readonly [typeof parameter[0], string | true] => parameter[1] !== undefined) });
}

/** Messages that can refer to each other, within themselves further back than most windows, and are cut in frames. */
function series(): Send[] {
  return [{ series: cut(PAYLOADS[0], 1500, 3), size: 500 }];
}
