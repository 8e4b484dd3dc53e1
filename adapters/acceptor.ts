/**
 * Turns accepted pipes into sockets: who is let in, what is answered, what is open, and how all of it ends.
 *
 * Each pipe takes a slot until its transport is gone, whatever came of it: so no way to end can keep one.
 * @module
 */
import type { RequestHead } from "../core/http/head.ts";
import { type Accepted, refuse, type Refused } from "../core/websocket/handshake.ts";
import { type Limits, withDefaults } from "../core/websocket/limits.ts";
import { ServerUpgrade, type ServerUpgradeOptions } from "../core/websocket/server-upgrade.ts";
import { Budget, DEFAULT_SERVER_LIMITS } from "./budget.ts";
import { type Clock, hostClock } from "./clock.ts";
import { checkDrain, drainAll, type DrainOptions, type DrainSummary } from "./drain.ts";
import type { Driver, DriverObserver } from "./driver.ts";
import { report } from "./error.ts";
import { judge, type ServeHandler, toUpgradeRequest, type UpgradeRequest, type Verdict } from "./handler.ts";
import type { Keeper } from "./hearer.ts";
import { OpenCount } from "./listening.ts";
import { isThenable } from "./message.ts";
import { checkOptions, SERVE_OPTIONS } from "./options.ts";
import type { Pipe } from "./pipe.ts";
import { Socket } from "./socket.ts";
import { hostText } from "./text.ts";

/** Serves pipes as a handler says. */
export class Acceptor<Data> {
  /** The open sockets. */
  readonly sockets: Set<Socket<Data>> = new Set();
  readonly #handler: ServeHandler<Data>;
  readonly #onOpen: ((socket: Socket<Data>) => void) | undefined;
  readonly #clock: Clock;
  /** One object for all connections. */
  readonly #limits: Limits;
  /** One for all handshakes. */
  readonly #options: ServerUpgradeOptions;
  readonly #maxConnections: number;
  readonly #budget: Budget | undefined;
  /** Pipes that have a slot. */
  readonly #slots = new OpenCount();
  /** Pipes whose handshake is not done; one that is gone is in it no more. */
  readonly #pending = new Map<Pipe, Handshake>();
  /** Pipes without a slot, which are being told so. */
  #turnedAway = 0;
  /** One for all sockets. */
  readonly #keeper: Keeper<Socket<Data>> = {
    flushed: (socket) => this.#budget?.update(socket),
    ended: (socket) => void this.sockets.delete(socket),
    gone: (socket) => {
      this.#slots.remove();
      this.#budget?.end(socket);
    },
  };
  readonly #host: HandshakeHost = {
    refused: (handshake, refused) => this.#tell(handshake, refused),
    gone: (handshake) => this.#gone(handshake),
  };
  /** What the last socket's client asked for. */
  #asked: { readonly secure: boolean; readonly host: string; readonly target: string; readonly url: string } | undefined = undefined;
  #drained: Promise<DrainSummary> | undefined = undefined;
  #closed = false;

  /**
   * Answers as the handler says.
   * @param onOpen hears of each socket, behind the handler
   * @param clock where the time of `drain` and of looking after memory comes from; a connection's comes from its pipe
   */
  constructor(handler: ServeHandler<Data>, onOpen?: (socket: Socket<Data>) => void, clock: Clock = hostClock) {
    checkOptions(handler, SERVE_OPTIONS);
    this.#handler = handler;
    this.#onOpen = onOpen;
    this.#clock = clock;
    const { limits, overflow } = handler;
    this.#limits = withDefaults(limits);
    this.#options = { limits: this.#limits, codec: hostText, onRequest: (head, upgrade) => this.#requested(upgrade as Handshake, head) };
    this.#maxConnections = limits?.maxConnections ?? DEFAULT_SERVER_LIMITS.maxConnections;
    const maxMemory = limits?.maxMemory ?? DEFAULT_SERVER_LIMITS.maxMemory;
    if (maxMemory < Number.POSITIVE_INFINITY) this.#budget = new Budget(maxMemory, overflow?.memory ?? "pause", clock);
  }

  /** Serves a pipe from its first byte. */
  accept(pipe: Pipe): void {
    this.#admit(pipe)?.driver.flush();
  }

  /** Serves a pipe whose request the host has parsed; `rest` came behind it. */
  acceptRequest(pipe: Pipe, request: RequestHead, rest: Uint8Array): void {
    const handshake = this.#admit(pipe);
    if (handshake === undefined) return;
    handshake.request(request);
    if (rest.length > 0) handshake.driver.received(rest);
    else handshake.driver.flush();
  }

  /** True when nothing more should be taken from the system, not even to be refused. @param before sockets that are no pipes yet */
  isCrowded(before: number): boolean {
    const spare = this.#handler.overflow?.connections === "drop" ? 0 : MAX_TURNED_AWAY;
    return this.#slots.count + this.#turnedAway + before >= this.#maxConnections + spare;
  }

  /** Closes every socket, drops every handshake, and settles when all are gone. */
  async close(code: number, reason: string): Promise<void> {
    this.#closed = true;
    for (const pipe of this.#pending.keys()) pipe.destroy();
    await Promise.all([...this.sockets].map((socket) => socket.close(code, reason)));
  }

  /**
   * Refuses handshakes from now on, and lets every socket go behind what it has to say; see `DrainOptions`. Settles when all
   * are gone. A second call gets the first one's promise.
   * @throws {RangeError} for a code no close frame may carry, a reason of over 123 bytes, and a time that is none
   */
  drain(options: DrainOptions = {}): Promise<DrainSummary> {
    checkDrain(options);
    return this.#drained ??= this.#drain(options);
  }

  #drain(options: DrainOptions): Promise<DrainSummary> {
    for (const handshake of this.#pending.values()) {
      if (handshake.asked !== undefined) continue; // its hook is asked, and may answer what is no upgrade
      handshake.refuse(unavailable(GOING));
      handshake.driver.schedule();
    }
    return drainAll({
      sockets: this.sockets,
      gone: () => this.#slots.none(),
      destroy: () => {
        for (const pipe of this.#pending.keys()) pipe.destroy();
      },
    }, options, this.#clock);
  }

  /** Runs the handshake on it, if only to refuse it; `undefined` when it was dropped instead. */
  #admit(pipe: Pipe): Handshake | undefined {
    const isFull = this.#slots.count >= this.#maxConnections;
    const hasSlot = !isFull && this.#drained === undefined;
    const { overflow } = this.#handler;
    if (this.#closed || (isFull && overflow?.connections === "drop") || (!hasSlot && this.#turnedAway >= MAX_TURNED_AWAY)) {
      pipe.destroy();
      return undefined;
    }
    const handshake = new Handshake(this.#host, pipe, withoutSpent(this.#options, pipe), hasSlot, isFull);
    this.#pending.set(pipe, handshake);
    if (hasSlot) this.#slots.add();
    else this.#turnedAway++;
    return handshake;
  }

  #gone({ pipe, hasSlot }: Handshake): void {
    this.#pending.delete(pipe);
    if (hasSlot) this.#slots.remove();
    else this.#turnedAway--;
  }

  #requested(handshake: Handshake, head: RequestHead): void {
    const request = handshake.asked = toUpgradeRequest(head, handshake.pipe);
    const refusal = handshake.isFull ? FULL : this.#drained !== undefined ? GOING : this.#budget?.isFull ? HEAVY : undefined;
    if (refusal === undefined) this.#decide(handshake, request);
    else handshake.refuse(unavailable(refusal));
  }

  /** At once, unless a hook takes its time. */
  #decide(handshake: Handshake, request: UpgradeRequest): void {
    try {
      const verdict = judge(this.#handler, request);
      if (verdict instanceof Promise) this.#await(handshake, request, verdict);
      else this.#settle(handshake, request, verdict);
    } catch (error) {
      this.#fail(handshake, error);
    }
  }

  /** By itself: where a function is made, hosts make room for what it uses even where it is not reached. */
  #await(handshake: Handshake, request: UpgradeRequest, verdict: Promise<Verdict<Data>>): void {
    verdict.then((settled) => this.#settle(handshake, request, settled)).catch((error: unknown) => this.#fail(handshake, error));
  }

  #settle(handshake: Handshake, request: UpgradeRequest, verdict: Verdict<Data>): void {
    const { pipe } = handshake;
    if ("refused" in verdict) {
      if (verdict.plain) handshake.answer(verdict.refused);
      else handshake.refuse(verdict.refused);
    } else if (this.#drained !== undefined) {
      handshake.refuse(unavailable(GOING));
    } else if (this.#pending.has(pipe)) {
      this.#open(handshake, request, verdict.accepted, verdict.data);
    }
    this.#pending.delete(pipe);
    handshake.driver.schedule();
  }

  #fail(handshake: Handshake, error: unknown): void {
    report(this.#handler, error);
    handshake.refuse(refuse(500, "The server failed"));
    this.#pending.delete(handshake.pipe);
    handshake.driver.schedule();
  }

  #open(handshake: Handshake, request: UpgradeRequest, accepted: Accepted, data: Data): void {
    const { pipe, driver } = handshake;
    const origin = {
      role: "server",
      url: this.#urlOf(request),
      protocol: accepted.protocol,
      extension: accepted.extension,
      request,
      response: accepted.response,
      peer: pipe,
      data,
    } as const;
    const socket = new Socket<Data>(origin, this.#handler, this.#limits);
    if (!handshake.accept(accepted, socket.wire, driver.now)) {
      socket.wire.receiveEnd(driver.now); // it came too late, and lets go of what it has
      return;
    }
    this.sockets.add(socket);
    this.#budget?.open();
    socket.start(driver, this.#keeper);
    this.#onOpen?.(socket);
  }

  /** Clients ask for the same one, and share it. */
  #urlOf({ secure, fields, target }: UpgradeRequest): string {
    const last = this.#asked;
    if (last !== undefined && last.secure === secure && last.target === target && fields.is("Host", last.host)) return last.url;
    const host = fields.get("Host") as string;
    const url = `${secure ? "wss" : "ws"}://${host}${target}`;
    this.#asked = { secure, host, target, url };
    return url;
  }

  #tell({ asked: request, pipe: { remoteAddress } }: Handshake, { response: { status }, body }: Refused): void {
    try {
      const told = this.#handler.refused?.({ status, message: typeof body === "string" ? body : "", request, remoteAddress });
      if (isThenable(told)) void Promise.resolve(told).catch((error: unknown) => report(this.#handler, error));
    } catch (error) {
      report(this.#handler, error);
    }
  }
}

/** What all handshakes of a server tell. */
interface HandshakeHost {
  refused(handshake: Handshake, refused: Refused): void;
  gone(handshake: Handshake): void;
}

/** One handshake, which hears its driver and tells of refusals, its own too. Nothing of it is kept once the socket is open. */
class Handshake extends ServerUpgrade implements DriverObserver {
  readonly pipe: Pipe;
  /** False for one that is only told so. */
  readonly hasSlot: boolean;
  readonly isFull: boolean;
  readonly driver: Driver<Uint8Array, Uint8Array>;
  /** Once it has come. */
  asked: UpgradeRequest | undefined = undefined;
  readonly #host: HandshakeHost;

  constructor(host: HandshakeHost, pipe: Pipe, options: ServerUpgradeOptions, hasSlot: boolean, isFull: boolean) {
    super(options);
    this.#host = host;
    this.pipe = pipe;
    this.hasSlot = hasSlot;
    this.isFull = isFull;
    this.driver = pipe.run(this);
    this.driver.observer = this;
  }

  get stallTimeout(): number {
    return Number.POSITIVE_INFINITY;
  }

  flushed(): void {}

  closed(): void {
    this.#host.gone(this);
  }

  override refuse(refused: Refused): boolean {
    const done = super.refuse(refused);
    if (done) this.#host.refused(this, refused);
    return done;
  }

  /** Answers what asked for no upgrade. */
  answer(refused: Refused): boolean {
    return super.refuse(refused);
  }
}

function unavailable(sentence: string): Refused {
  return refuse(503, sentence, [["Retry-After", String(RETRY_AFTER)]]);
}

const FULL = "The server has as many connections as it takes";
const HEAVY = "The server holds as much as it takes";
const GOING = "The server is going away";
/** In seconds. */
const RETRY_AFTER = 5;
/** Pipes past `maxConnections` that may wait for their refusal at a time; more are dropped. */
const MAX_TURNED_AWAY = 256;

/** The handshake's time runs from when TCP was connected: what TLS took of it is gone. */
function withoutSpent(options: ServerUpgradeOptions, { connectedAt }: Pipe): ServerUpgradeOptions {
  if (connectedAt === undefined) return options;
  const limits = withDefaults(options.limits);
  return { ...options, limits: { ...limits, handshakeTimeout: Math.max(0, limits.handshakeTimeout - (hostClock.now() - connectedAt)) } };
}
