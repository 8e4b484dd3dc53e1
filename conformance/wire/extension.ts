/**
 * What a peer says about permessage-deflate, held against RFC 7692, section 7.1: offers and answers.
 * @module
 */

/** An extension as it stands in the field: its parameters in order, with true for one without a value. */
export interface Extension {
  /** Such as "permessage-deflate". */
  readonly name: string;
  /** In order; true for one without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/** What one side does with what it sends. */
export interface Direction {
  /** The size of its window, as a power of two. */
  readonly bits: number;
  /** Its messages may refer to earlier ones. */
  readonly takeover: boolean;
}

/** What both sides agreed to. */
export interface Agreement {
  readonly server: Direction;
  readonly client: Direction;
}

/** An offer or an answer whose parameters are all right. Sizes are undefined where they are not named. */
export interface Parameters {
  readonly serverTakeover: boolean;
  readonly clientTakeover: boolean;
  readonly serverBits: number | undefined;
  readonly clientBits: number | undefined;
}

/** Reads the field Sec-WebSocket-Extensions (RFC 6455, section 9.1); undefined when it is not of its grammar. */
export function parseExtensions(field: string): Extension[] | undefined {
  const extensions: { name: string; parameters: [string, string | true][] }[] = [];
  const pattern = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:(=)\s*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"([!#$%&'*+.^_`|~0-9A-Za-z-]+)")\s*)?(;|,|$)/y;
  let parameters: [string, string | true][] | undefined;
  for (;;) {
    const match = pattern.exec(field);
    if (match === null) return undefined;
    const [, name, equals, token, quoted, end] = match;
    if (parameters !== undefined) parameters.push([name, equals === undefined ? true : token ?? quoted]);
    else if (equals !== undefined) return undefined;
    else extensions.push({ name, parameters: parameters = [] });
    if (end === "") return extensions;
    if (end === ",") parameters = undefined;
  }
}

/** Writes it back. */
export function formatExtension({ name, parameters }: Extension): string {
  return [name, ...parameters.map(([key, value]) => value === true ? key : `${key}=${value}`)].join("; ");
}

/**
 * The parameters of an offer (`client`) or an answer (`server`): a sentence about it where they are not right (section 7.1.1,
 * 7.1.2). The size of a client's window may be without value in an offer only; that is 15.
 */
export function readParameters({ name, parameters }: Extension, by: "client" | "server"): Parameters | string {
  if (name !== "permessage-deflate") return `it speaks of ${name}`;
  const given = new Map(parameters);
  if (given.size < parameters.length) return "it has a parameter twice";
  for (const [key, value] of given) {
    const isFlag = FLAGS.has(key);
    if (!isFlag && !SIZES.has(key)) return `it has the unknown parameter ${key}`;
    const isBare = isFlag || by === "client" && key === "client_max_window_bits" && value === true;
    if (isBare ? value !== true : value === true || !/^(?:[89]|1[0-5])$/.test(value)) return `it has ${key}${value === true ? "" : `=${value}`}`;
  }
  const bits = (key: string): number | undefined => given.has(key) ? given.get(key) === true ? 15 : Number(given.get(key)) : undefined;
  return {
    serverTakeover: !given.has("server_no_context_takeover"),
    clientTakeover: !given.has("client_no_context_takeover"),
    serverBits: bits("server_max_window_bits"),
    clientBits: bits("client_max_window_bits"),
  };
}

/** Why an answer does not fit an offer (section 7.1); undefined where it does. */
export function whyUnfit(offer: Parameters, answer: Parameters): string | undefined {
  if (answer.serverTakeover && !offer.serverTakeover) return "it does not take server_no_context_takeover on";
  if ((answer.serverBits ?? 15) > (offer.serverBits ?? 15)) return "its window is larger than server_max_window_bits says";
  if (offer.serverBits !== undefined && answer.serverBits === undefined) return "it does not take server_max_window_bits on";
  if (answer.clientBits !== undefined && offer.clientBits === undefined) return "it says client_max_window_bits, which was not offered";
  if (answer.clientBits !== undefined && offer.clientBits !== undefined && answer.clientBits > offer.clientBits) {
    return "it grants a larger window than client_max_window_bits says";
  }
  return undefined;
}

/** What holds with such an answer. */
export function agreedBy({ serverBits = 15, clientBits = 15, serverTakeover, clientTakeover }: Parameters): Agreement {
  return { server: { bits: serverBits, takeover: serverTakeover }, client: { bits: clientBits, takeover: clientTakeover } };
}

const FLAGS = new Set(["server_no_context_takeover", "client_no_context_takeover"]);
const SIZES = new Set(["server_max_window_bits", "client_max_window_bits"]);
