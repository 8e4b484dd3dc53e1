/**
 * A client over whatever dials sockets: what `connect` is on every runtime that has raw sockets.
 * @module
 */
import { Tunnel } from "../core/http/tunnel.ts";
import { encodeBase64 } from "../core/bytes/base64.ts";
import type { RandomPool } from "../core/bytes/random-pool.ts";
import type { Accepted, Offer } from "../core/websocket/handshake.ts";
import type { Extension } from "../core/websocket/extension.ts";
import { offerUpgrade } from "../core/websocket/handshake.ts";
import { ClientUpgrade, type UpgradeFailure } from "../core/websocket/client-upgrade.ts";
import { DEFAULT_LIMITS, type Limits } from "../core/websocket/limits.ts";
import { type Clock, hostClock } from "./clock.ts";
import type { Driver } from "./driver.ts";
import { explain, HandshakeError, type HandshakeStage } from "./error.ts";
import { CONNECT_OPTIONS, checkOptions } from "./options.ts";
import type { Address, Dial, Pipe, TlsClientOptions } from "./pipe.ts";
import { type HeaderInit, toPairs } from "./serve.ts";
import { type Handler, random, Socket } from "./socket.ts";
import { parseUrl, withoutCredentials } from "./url.ts";

/** How to connect, and what to do with what comes. */
export interface ConnectOptions extends Handler<undefined> {
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: string | readonly string[];
  /** Extensions to offer, the most wanted first, such as `permessageDeflate()`. */
  readonly extensions?: readonly Extension[];
  /** Further request headers, such as Authorization, Cookie or Origin. */
  readonly headers?: HeaderInit;
  /** Aborts the attempt; an open socket does not care. */
  readonly signal?: AbortSignal;
  /** How many redirects are followed; 0 when it is not said. Credentials and cookies do not follow to another origin. */
  readonly redirects?: number;
  /** TLS for `wss:`. */
  readonly tls?: TlsClientOptions;
  /** An HTTP proxy to tunnel through (CONNECT), such as "http://user:password@proxy.example:3128". */
  readonly proxy?: string | URL;
  /** A unix socket's path to connect to; the URL then only makes the request. */
  readonly unix?: string;
  /** Those that are not named keep their defaults. `handshakeTimeout` is for the whole attempt, redirects and all. */
  readonly limits?: Partial<Limits>;
}

/**
 * Opens a WebSocket.
 * @param pool where keys of handshakes and masks come from
 * @throws {TypeError} for a URL, subprotocol, header or option that may not be used
 * @throws {RangeError} for a limit below 0, or NaN
 * @throws {HandshakeError} when the connection does not open
 * @throws the signal's reason when it aborts
 */
export async function connectWith(
  dial: Dial,
  url: string | URL,
  options: ConnectOptions,
  clock: Clock = hostClock,
  pool: RandomPool = random,
): Promise<Socket<undefined>> {
  checkOptions(options, CONNECT_OPTIONS);
  let target = parseUrl(url);
  let headers = [...toPairs(options.headers)];
  options.signal?.throwIfAborted();
  const attempt = new Attempt(dial, options, clock, pool);
  try {
    for (let followed = 0; ; followed++) {
      const outcome = await attempt.run(target, headers);
      if (outcome instanceof Socket) return outcome;
      const location = locationOf(outcome);
      if (location === undefined || !options.redirects) throw fromFailure(outcome, target);
      const next = redirectTarget(location, target);
      if (next === undefined) throw redirectError(`the server redirects to "${location}", which is no WebSocket's URL`, outcome, target);
      if (followed === options.redirects) throw redirectError(`more than ${options.redirects} redirects`, outcome, target);
      if (target.protocol === "wss:" && next.protocol === "ws:") {
        throw redirectError(`the server redirects from wss: to ws:, which would send in the clear`, outcome, target);
      }
      if (next.origin !== target.origin) headers = headers.filter(([name]) => !SECRET.has(name.toLowerCase()));
      target = next;
    }
  } finally {
    attempt.end();
  }
}

/** One call of `connect`: its deadline and its signal, over all its redirects. */
class Attempt {
  readonly #dial: Dial;
  readonly #pool: RandomPool;
  readonly #options: ConnectOptions;
  readonly #timeout: number;
  readonly #controller = new AbortController();
  readonly #cancelTimer: (() => void) | undefined = undefined;
  #timedOut = false;
  #stage: HandshakeStage = "connect";
  #pipe: Pipe | undefined = undefined;
  #upgrading: ClientUpgrade | undefined = undefined;
  readonly #onAbort = (): void => this.#abort(this.#options.signal?.reason);

  constructor(dial: Dial, options: ConnectOptions, clock: Clock, pool: RandomPool) {
    this.#dial = dial;
    this.#pool = pool;
    this.#options = options;
    this.#timeout = options.limits?.handshakeTimeout ?? DEFAULT_LIMITS.handshakeTimeout;
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#timeout === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = clock.schedule(() => {
      this.#timedOut = true;
      this.#upgrading?.handleTimeout(Number.POSITIVE_INFINITY); // where only the body of a refusal is missing, that is what is told
      this.#abort(new Error("The time is up"));
    }, this.#timeout);
  }

  /** Nothing of the attempt is left behind. */
  end(): void {
    this.#cancelTimer?.();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Connects to one URL: a socket, or what the server answered instead. */
  async run(url: URL, headers: readonly (readonly [string, string])[]): Promise<Socket<undefined> | UpgradeFailure> {
    const offer = makeOffer(url, headers, this.#options, this.#pool);
    const aborted = new Promise<never>((_, reject) => {
      const { signal } = this.#controller;
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    try {
      this.#pipe = await Promise.race([this.#open(url), aborted]);
      this.#stage = "response";
      return await Promise.race([this.#upgrade(this.#pipe, url, offer), aborted]);
    } catch (error) {
      this.#pipe?.destroy();
      throw this.#toError(error, url);
    }
  }

  async #open(url: URL): Promise<Pipe> {
    const { proxy, unix, tls = {} } = this.#options;
    const secure = url.protocol === "wss:";
    const address = toAddress(url, unix);
    let pipe = proxy === undefined ? await this.#connect(address, "connect") : await this.#throughProxy(new URL(proxy), address);
    if (secure) {
      this.#stage = "tls";
      pipe = this.#pipe = await pipe.startTls(tls, address.hostname);
    }
    return pipe;
  }

  async #connect(address: Address, stage: HandshakeStage): Promise<Pipe> {
    this.#stage = stage;
    return this.#pipe = await this.#dial(address, this.#controller.signal);
  }

  async #throughProxy(proxy: URL, address: Address): Promise<Pipe> {
    if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
      throw new TypeError(`Cannot use proxy "${proxy.protocol}//": the scheme must be http or https`);
    }
    let pipe = await this.#connect(toAddress(proxy, undefined), "proxy");
    if (proxy.protocol === "https:") pipe = this.#pipe = await pipe.startTls({}, hostOf(proxy));
    const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
    const authorization = credentials(proxy);
    await new Promise<void>((resolve, reject) => {
      const tunnel = new Tunnel(`${host}:${address.port}`, authorization === undefined ? [] : [["Proxy-Authorization", authorization]], {
        onOpen() {
          driver.stopReading(); // what comes from here on is another's to read
          resolve();
        },
        onFailure: (message, response) => reject(new HandshakeError(`Cannot connect through proxy ${proxy.host}: ${message}`, {
          stage: "proxy", url: proxy.host, status: response?.status, headers: response?.fields,
        })),
      });
      const driver = pipe.run(tunnel);
      driver.flush();
    });
    return pipe;
  }

  #upgrade(pipe: Pipe, url: URL, offer: Offer): Promise<Socket<undefined> | UpgradeFailure> {
    const { limits } = this.#options;
    return new Promise((resolve) => {
      let opened: Socket<undefined> | undefined;
      let driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
      const upgrade = this.#upgrading = new ClientUpgrade({
        offer,
        limits: { ...limits, handshakeTimeout: Number.POSITIVE_INFINITY }, // the attempt has the timer
        onAccepted: (accepted) => {
          opened = this.#makeSocket(pipe, url, offer, accepted);
          queueMicrotask(() => {
            opened?.start(driver as Driver<Uint8Array, Uint8Array>);
            resolve(opened as Socket<undefined>);
          });
          return opened.wire;
        },
        onFailure: (failure) => void (failure.reason === "timeout" || resolve(failure)),
      });
      driver = pipe.run(upgrade);
      driver.flush();
    });
  }

  #makeSocket(pipe: Pipe, url: URL, offer: Offer, accepted: Accepted): Socket<undefined> {
    return new Socket<undefined>({
      role: "client",
      url: withoutCredentials(url),
      protocol: accepted.protocol,
      extension: accepted.extension,
      request: offer.request,
      response: accepted.response,
      peer: pipe,
      data: undefined,
      random: this.#pool,
    }, this.#options, this.#options.limits);
  }

  #abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.#pipe?.destroy();
  }

  #toError(error: unknown, url: URL): unknown {
    const { signal } = this.#options;
    if (signal?.aborted) return signal.reason;
    if (error instanceof HandshakeError || error instanceof TypeError) return error;
    const where = withoutCredentials(url);
    const stage = this.#stage;
    if (this.#timedOut) {
      return new HandshakeError(`Cannot connect to ${where}: no ${AWAITED[stage]} within ${this.#timeout} ms`, { stage, url: where, code: "ETIMEDOUT" });
    }
    const { message, code } = explain(error);
    return new HandshakeError(`Cannot connect to ${where}: ${message}`, { stage, url: where, code, cause: error });
  }
}

const AWAITED: Readonly<Record<HandshakeStage, string>> = {
  connect: "TCP connection",
  proxy: "tunnel through the proxy",
  tls: "TLS connection",
  response: "answer to the handshake",
  redirect: "answer to the handshake",
};

function makeOffer(url: URL, headers: readonly (readonly [string, string])[], options: ConnectOptions, pool: RandomPool): Offer {
  const { protocols = [], extensions = [] } = options;
  const authorization = credentials(url);
  const all = [...headers];
  if (authorization !== undefined && !all.some(([name]) => name.toLowerCase() === "authorization")) {
    all.push(["Authorization", authorization]);
  }
  return offerUpgrade({
    host: url.host,
    target: `${url.pathname}${url.search}`,
    protocols: typeof protocols === "string" ? [protocols] : protocols,
    extensions,
    headers: all,
  }, pool);
}

/** The Basic scheme (RFC 7617) for a URL's user and password. */
function credentials(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const text = `${percentDecode(url.username)}:${percentDecode(url.password)}`;
  return `Basic ${encodeBase64(new TextEncoder().encode(text))}`;
}

/** As a browser does: what is no escape stands for itself. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toAddress(url: URL, unix: string | undefined): Address {
  const port = url.port === "" ? DEFAULT_PORTS[url.protocol] : Number(url.port);
  return { hostname: hostOf(url), port, unix };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "ws:": 80, "http:": 80, "wss:": 443, "https:": 443 };

/** Where a redirect points to; undefined when it is none. */
function locationOf({ response }: UpgradeFailure): string | undefined {
  return response !== undefined && REDIRECTS.has(response.status) ? response.fields.get("Location") : undefined;
}

function redirectTarget(location: string, base: URL): URL | undefined {
  try {
    const next = new URL(location, base);
    next.hash = "";
    return parseUrl(next);
  } catch {
    return undefined;
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What must not follow a redirect to another origin. */
const SECRET: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

function redirectError(why: string, failure: UpgradeFailure, url: URL): HandshakeError {
  return new HandshakeError(`Cannot connect to ${withoutCredentials(url)}: ${why}`, { ...facts(failure, url), stage: "redirect" });
}

function fromFailure(failure: UpgradeFailure, url: URL): HandshakeError {
  const known = facts(failure, url);
  const said = known.body.trim() !== "" ? ` ("${known.body.trim().slice(0, 120)}")` : "";
  const location = locationOf(failure);
  const hint = location !== undefined ? `: it points to ${location}; set "redirects" to follow` : "";
  return new HandshakeError(`Cannot connect to ${withoutCredentials(url)}: ${lower(failure.message)}${said}${hint}`, { ...known, stage: "response" });
}

function facts(failure: UpgradeFailure, url: URL): { url: string; status: number | undefined; headers: UpgradeHeaders; body: string } {
  return {
    url: withoutCredentials(url),
    status: failure.response?.status,
    headers: failure.response?.fields,
    body: new TextDecoder().decode(failure.body),
  };
}

type UpgradeHeaders = NonNullable<UpgradeFailure["response"]>["fields"] | undefined;

/** The names of fields keep their capitals. */
function lower(sentence: string): string {
  return sentence.replace(/^The /, "the ");
}
