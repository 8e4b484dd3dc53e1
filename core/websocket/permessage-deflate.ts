/**
 * permessage-deflate (RFC 7692, section 7): what is offered and answered, and messages compressed and restored.
 *
 * 1. Four parameters, each at most once, with the values section 7.1 gives them; an offer that breaks this is declined, an answer fails.
 * 2. A compressed message is its DEFLATE blocks without the last four bytes, 00 00 FF FF (7.2.1).
 * 3. With context takeover a message may refer to those before it, no further back than the agreed window (7.2.3.2).
 * 4. What is restored is limited while it is restored (RFC 6455, 10.4).
 * @module
 */
import type { ExtensionOffer } from "../http/field.ts";
import { type DeflateSettings, deflate } from "./deflate.ts";
import { type Agreement, type Extension, type ExtensionSession, formatExtension } from "./extension.ts";
import { FAULTS, type Fault } from "./fault.ts";
import { History } from "./history.ts";
import { inflate } from "./inflate.ts";

export type { DeflateSettings };

/**
 * Compresses and restores, synchronously. Between messages an end keeps nothing but the history: the last bytes of what went one way,
 * which the next message may refer to. It is a raw DEFLATE stream's preset dictionary.
 */
export interface DeflateCodec {
  /**
   * Compresses `data` in blocks of which none is the last, up to and with an empty stored block: it ends in 00 00 FF FF. `data` is lent and
   * not empty; the result is the caller's own. The history is not changed: who sends the result pushes `data` to it.
   */
  deflate(data: Uint8Array, history: History, settings: DeflateSettings): Uint8Array;
  /**
   * Restores a message whose last four bytes are missing. "large" as soon as it is longer than `room` bytes, "invalid" for what is no DEFLATE
   * data or ends inside a block. `data` is lent; the result is the caller's own. The history is not changed.
   */
  inflate(data: Uint8Array, history: History, room: number): Uint8Array | "large" | "invalid";
}

/** What to negotiate and how to compress. */
export interface DeflateOptions {
  /** The server's messages do not refer to earlier ones. As a client: ask for it. False when it is not said. */
  readonly serverNoContextTakeover?: boolean;
  /** The client's messages do not refer to earlier ones. False when it is not said. */
  readonly clientNoContextTakeover?: boolean;
  /** The server's window, 9 to 15. A server uses at most this, and 12 when it is not said; a client asks for it, and for none when it is not said. */
  readonly serverMaxWindowBits?: number;
  /** The client's window, 9 to 15. A server asks it of clients that let it, and 12 when it is not said; a client uses at most this, and 12 when it is not said. */
  readonly clientMaxWindowBits?: number;
  /** A message of fewer bytes is sent as it is. 64 when it is not said. */
  readonly threshold?: number;
  /** 0 (none) to 9 (best); 5 when it is not said. */
  readonly level?: number;
  /**
   * 1 (least memory) to 9 (finds most): a connection that compresses has 2 to this power times 256 bytes besides its history, as long as it is among
   * those that did it last. 5 when it is not said.
   */
  readonly memLevel?: number;
  /**
   * Bytes of history all connections of this instance may keep together, counted from the agreed windows. Past it a server agrees on no context
   * takeover with those who come: they compress less well and keep nothing. 64 MiB when it is not said.
   */
  readonly maxMemory?: number;
}

/** The options, whole. */
type Settings = Required<Omit<DeflateOptions, "serverMaxWindowBits" | "clientMaxWindowBits">> & DeflateOptions;

/** What is agreed for one direction. */
interface Direction {
  readonly takeover: boolean;
  readonly windowBits: number;
}

/** permessage-deflate for any number of connections. */
export class PermessageDeflate implements Extension {
  /** "permessage-deflate". */
  readonly name: string = NAME;
  readonly #codec: DeflateCodec;
  readonly #settings: Settings;
  #memory = 0;

  /**
   * Negotiates as the options say.
   * @param codec what compresses and restores, when it is not to be our own
   * @throws {RangeError} for an option out of its range
   */
  constructor(options: DeflateOptions = {}, codec: DeflateCodec = OWN) {
    const named = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#codec = codec;
    this.#settings = { ...DEFAULTS, ...Object.fromEntries(named) as DeflateOptions };
    checkSettings(this.#settings);
  }

  /** Bytes of history its connections may keep together, as agreed. */
  get memory(): number {
    return this.#memory;
  }

  /** Client: one offer, with what the options ask for (section 7.1). */
  offers(): readonly ExtensionOffer[] {
    const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = this.#settings;
    const parameters: [string, string | undefined][] = [];
    if (serverNoContextTakeover) parameters.push([SERVER_NO_TAKEOVER, undefined]);
    if (clientNoContextTakeover) parameters.push([CLIENT_NO_TAKEOVER, undefined]);
    if (serverMaxWindowBits !== undefined) parameters.push([SERVER_BITS, String(serverMaxWindowBits)]);
    parameters.push([CLIENT_BITS, clientMaxWindowBits === undefined ? undefined : String(clientMaxWindowBits)]);
    return [{ name: NAME, parameters }];
  }

  /** Server: declines an offer that breaks section 7.1, or that wants a window of 8 bits from our compressor. */
  accept(offer: ExtensionOffer): Agreement | undefined {
    const offered = readParameters(offer);
    if (offered === undefined || offered.serverBits === 8) return undefined;
    const settings = this.#settings;
    const server = {
      takeover: !(offered.serverNoTakeover || settings.serverNoContextTakeover),
      windowBits: Math.min(offered.serverBits ?? 15, settings.serverMaxWindowBits ?? USUAL_BITS),
    };
    const client = {
      takeover: !(offered.clientNoTakeover || settings.clientNoContextTakeover),
      windowBits: offered.clientBits === undefined ? 15 // only a client that offers it can be told (section 7.1.2.2)
        : Math.min(offered.clientBits, settings.clientMaxWindowBits ?? USUAL_BITS),
    };
    if (this.#memory + cost(server) + cost(client) > settings.maxMemory) server.takeover = client.takeover = false;
    const parameters: [string, string | undefined][] = [];
    if (!server.takeover) parameters.push([SERVER_NO_TAKEOVER, undefined]);
    if (!client.takeover) parameters.push([CLIENT_NO_TAKEOVER, undefined]);
    if (offered.serverBits !== undefined) parameters.push([SERVER_BITS, String(server.windowBits)]);
    if (offered.clientBits !== undefined) parameters.push([CLIENT_BITS, String(client.windowBits)]);
    return this.#agree({ name: NAME, parameters }, server, client);
  }

  /** Client: an answer may ask for less than was offered, never for more (section 7.1). */
  check(chosen: ExtensionOffer): Agreement | string {
    const settings = this.#settings;
    const answered = readParameters(chosen);
    if (answered === undefined || chosen.parameters.some(([key, value]) => key === CLIENT_BITS && value === undefined)) {
      return `The server's choice breaks the rules of permessage-deflate: "${formatExtension(chosen)}"`;
    }
    if (settings.serverNoContextTakeover && !answered.serverNoTakeover) return "The server did not agree to server_no_context_takeover";
    if ((answered.serverBits ?? 15) > (settings.serverMaxWindowBits ?? 15)) return "The server did not agree to server_max_window_bits";
    if ((answered.clientBits ?? 0) > (settings.clientMaxWindowBits ?? 15)) return "The server chose a larger client_max_window_bits than was offered";
    return this.#agree(
      chosen,
      { takeover: !answered.serverNoTakeover, windowBits: answered.serverBits ?? 15 },
      {
        takeover: !(answered.clientNoTakeover || settings.clientNoContextTakeover),
        windowBits: Math.min(answered.clientBits ?? 15, settings.clientMaxWindowBits ?? USUAL_BITS),
      },
      true,
    );
  }

  #agree(chosen: ExtensionOffer, server: Direction, client: Direction, isClient = false): Agreement {
    const [sending, receiving] = isClient ? [client, server] : [server, client];
    return {
      chosen,
      start: () => {
        const bytes = cost(server) + cost(client);
        this.#memory += bytes;
        return new DeflateSession(this.#codec, this.#settings, sending, receiving, () => this.#memory -= bytes);
      },
    };
  }
}

/** One connection's two directions. */
class DeflateSession implements ExtensionSession {
  readonly rsv = RSV1;
  readonly threshold: number;
  readonly #codec: DeflateCodec;
  readonly #settings: DeflateSettings;
  readonly #takeover: boolean;
  readonly #sent: History;
  readonly #received: History;
  readonly #onEnd: () => void;

  constructor(codec: DeflateCodec, settings: Settings, sending: Direction, receiving: Direction, onEnd: () => void) {
    const { level, memLevel } = settings;
    this.#codec = codec;
    this.threshold = sending.windowBits < 9 ? Number.POSITIVE_INFINITY : settings.threshold; // no compressor keeps to 8 bits: nothing is compressed
    this.#settings = { windowBits: sending.windowBits, level, memLevel };
    this.#takeover = sending.takeover;
    this.#sent = new History(cost(sending));
    this.#received = new History(cost(receiving));
    this.#onEnd = onEnd;
  }

  get bytesHeld(): number {
    return this.#sent.capacity + this.#received.capacity;
  }

  decode(data: Uint8Array, room: number): Uint8Array | Fault {
    const message = this.#codec.inflate(data, this.#received, room);
    if (message === "large") return FAULTS.largeMessage;
    if (message === "invalid") return FAULTS.invalidDeflate;
    this.#received.push(message);
    return message;
  }

  /** Without takeover a message that does not get shorter is sent as it is. */
  encode(data: Uint8Array, first: boolean, final: boolean): Uint8Array | undefined {
    const blocks = data.length === 0 ? EMPTY_BLOCK : this.#codec.deflate(data, this.#sent, this.#settings);
    const encoded = final ? blocks.subarray(0, blocks.length - TAIL) : blocks;
    if (!this.#takeover && first && final && encoded.length >= data.length) return undefined;
    this.#sent.push(data);
    return encoded;
  }

  end(): void {
    this.#onEnd();
  }
}

/** The four parameters of an offer or an answer. */
interface Parameters {
  serverNoTakeover: boolean;
  clientNoTakeover: boolean;
  serverBits: number | undefined;
  /** 15 without a value: the client can be told any. */
  clientBits: number | undefined;
}

/** Undefined for a parameter that is unknown, stands there twice, or has a value it may not have (section 7.1). */
function readParameters({ parameters }: ExtensionOffer): Parameters | undefined {
  const read: Parameters = { serverNoTakeover: false, clientNoTakeover: false, serverBits: undefined, clientBits: undefined };
  const seen = new Set<string>();
  for (const [key, value] of parameters) {
    if (seen.has(key)) return undefined;
    seen.add(key);
    const bits = value === undefined ? undefined : WINDOW_BITS.test(value) ? Number(value) : 0;
    if (key === SERVER_NO_TAKEOVER && value === undefined) read.serverNoTakeover = true;
    else if (key === CLIENT_NO_TAKEOVER && value === undefined) read.clientNoTakeover = true;
    else if (key === SERVER_BITS && bits) read.serverBits = bits;
    else if (key === CLIENT_BITS && bits !== 0) read.clientBits = bits ?? 15;
    else return undefined;
  }
  return read;
}

/** Bytes of history that a direction may keep. */
function cost({ takeover, windowBits }: Direction): number {
  return takeover ? 2 ** windowBits : 0;
}

function checkSettings(settings: Settings): void {
  const ranges: readonly (readonly [keyof Settings, number, number])[] = [
    ["serverMaxWindowBits", 9, 15], ["clientMaxWindowBits", 9, 15], ["level", 0, 9], ["memLevel", 1, 9],
    ["threshold", 0, Number.POSITIVE_INFINITY], ["maxMemory", 0, Number.POSITIVE_INFINITY],
  ];
  for (const [name, least, most] of ranges) {
    const value = settings[name];
    if (value === undefined) continue;
    const whole = Number.isInteger(value) || value === most;
    if (!whole || (value as number) < least || (value as number) > most) {
      throw new RangeError(`Cannot use permessage-deflate with ${name} ${String(value)}: it is a whole number from ${least} to ${most}`);
    }
  }
}

/** The same on every runtime. */
const OWN: DeflateCodec = { deflate, inflate: (data, history, room) => inflate(data, history.bytes, room) };
const NAME = "permessage-deflate";
const SERVER_NO_TAKEOVER = "server_no_context_takeover";
const CLIENT_NO_TAKEOVER = "client_no_context_takeover";
const SERVER_BITS = "server_max_window_bits";
const CLIENT_BITS = "client_max_window_bits";
/** A decimal number from 8 to 15 without leading zeros (section 7.1.2). */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;
const RSV1 = 0x40;
/** Half the work and an eighth of the memory of 15, for 3 to 10 % more bytes (measured). */
const USUAL_BITS = 12;
const DEFAULTS = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  threshold: 64,
  level: 5, // for 2 % more bytes than 6, a fifth less work on 1 KiB of JSON (measured)
  memLevel: 5,
  maxMemory: 67_108_864,
};
/** An empty stored block behind a byte's end: what nothing compresses to (section 7.2.3.6). */
const EMPTY_BLOCK = new Uint8Array([0, 0, 0, 0xff, 0xff]);
/** How many bytes of the last block stay away. */
const TAIL = 4;
