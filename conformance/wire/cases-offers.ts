/**
 * Wire cases of our own, groups 20 and 21: what a server answers to offers of permessage-deflate, and what a client takes for an answer
 * (RFC 7692, sections 5 and 7.1; RFC 6455, section 9.1).
 * @module
 */
import type { Case, Deflate, Send } from "./case.ts";
import { type Extension, formatExtension, type Parameters, parseExtensions, readParameters, whyUnfit } from "./extension.ts";
import { cut, PAYLOADS } from "./payloads.ts";

const NAME = "permessage-deflate";
/** What a parameter is given as: undefined for not at all, true for without a value. */
type Value = string | true | undefined;

const FLAG: readonly Value[] = [undefined, true];
const WRONG_FLAG: readonly Value[] = ["1", "true"];
const SIZES: readonly Value[] = ["8", "9", "10", "11", "12", "13", "14", "15"];
const WRONG_SIZES: readonly Value[] = ["7", "16", "0", "08", "1e1", "100000000000000000000", "ten"];

/** Groups 20 and 21. */
export const offers: readonly Case[] = [...toServers(), ...toClients()];

function toServers(): Case[] {
  const all = FLAG.flatMap((serverFlag) => FLAG.flatMap((clientFlag) => [undefined, ...SIZES].flatMap((serverBits) =>
    [undefined, true as const, ...SIZES].map((clientBits) => offerOf(serverFlag, clientFlag, serverBits, clientBits)))));
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
    ...all.map((offer, at) => offered(`20.1.${at + 1}`, offer, "is answered as it may be")),
    ...wrong.map((offer, at) => offered(`20.2.${at + 1}`, offer, "is declined", true)),
    ...lists.map((offer, at) => offered(`20.3.${at + 1}`, offer, "is answered with one of its elements")),
  ];
}

/** Whatever is agreed, messages are echoed. An answer that fits no offer fails the case as it is read. */
function offered(id: string, offer: string, about: string, optional = false): Case {
  const eightBits = /server_max_window_bits=8/.test(offer); // zlib cannot do it: servers decline
  return {
    id,
    about: `The offer "${offer.length < 120 ? offer.replace("\r\n", " and ") : `${offer.slice(0, 100)}…`}" ${about}`,
    only: "server",
    send: series(),
    expect: [],
    end: "clean",
    deflate: { offer, answer: () => undefined, ...(optional || eightBits ? { optional: true } : {}) },
  };
}

function toClients(): Case[] {
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
    ...right.map((parameters, at) => answered(`21.1.${at + 1}`, parameters)),
    ...wrong.map((answer, at): Case => ({
      id: `21.2.${at + 1}`,
      about: `The answer "${answer}" is not taken`,
      only: "client",
      send: [],
      expect: [],
      end: [1010, 1002],
      deflate: { offer: "", answer: () => answer, optional: true },
    })),
  ];
}

/** An answer that fits none of the client's offers cannot be given. */
function answered(id: string, parameters: string): Case {
  const answer = `${NAME}; ${parameters}`;
  const [extension] = parseExtensions(answer) as Extension[];
  const asked = readParameters(extension, "server") as Parameters;
  const fits = (offer: Parameters | string): boolean => typeof offer !== "string" && whyUnfit(offer, asked) === undefined;
  const deflate: Deflate = { offer: "", answer: (offers) => offers.some((offer) => fits(readParameters(offer, "client"))) ? answer : undefined };
  return { id, about: `The answer "${answer}" is taken, and kept to`, only: "client", send: series(), expect: [], end: "clean", deflate };
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
