/**
 * An application that means it: clients that reconnect and send again what was not acknowledged, a server that crashes, restarts and
 * drains, and a network on which everything goes wrong. All of it is decided by one seed, and watched.
 * @module
 */
import { HandshakeError } from "../../adapters/error.ts";
import { HIGH_WATER } from "../../adapters/message.ts";
import type { Handler, Socket } from "../../adapters/socket.ts";
import type { Extension } from "../../core/websocket/extension.ts";
import type { Message } from "../../core/protocol.ts";
import { DEFAULT_CONDITIONS, simulate, type SimulatedServer, type World } from "../../index.testing.ts";
import { permessageDeflate } from "../../index.deflate.ts";
import { crowdingOf, LIMITS, networkOf, STORM } from "./conditions.ts";
import { Violation, Witness } from "./witness.ts";

/** Ways to break what is tested, to see that it is noticed. */
export type Breakage = "duplicate" | "drop" | "flip" | "lostAck" | "earlyAck" | "leakedTimer" | "lateEvent" | "wrongClose" | "hoard";

/** What is simulated. */
export interface ChatOptions {
  /** Decides everything. */
  readonly seed: number;
  /** Minutes of the world's time during which things go wrong; a few more follow in which all must come right. */
  readonly minutes: number;
  /** Something that is wrong on purpose. */
  readonly broken?: Breakage;
  /** Milliseconds between two messages of a client, on average. */
  readonly pause?: number;
  /** Milliseconds between two misfortunes of the server, the network and the clocks, on average; two minutes when it is not said. */
  readonly weather?: number;
  /** How often links fail, times `STORM`; 1 when it is not said. */
  readonly faults?: number;
  /** Lines of the trace to keep. */
  readonly maxTrace?: number;
}

/** What came of it. */
export interface ChatSummary {
  /** Messages the server has worked on. */
  readonly processed: number;
  /** Messages delivered, either way, answers too. */
  readonly delivered: number;
  /** Connections that opened at both ends. */
  readonly connections: number;
  /** Times the server was drained. */
  readonly drained: number;
  /** Equal for two runs that were the same. */
  readonly digest: string;
  /** Lines of the trace. */
  readonly trace: readonly string[];
}

/** Runs it. Throws a `Violation` when something happened that must not, with the trace in `trace`. */
export async function chat(options: ChatOptions): Promise<ChatSummary> {
  const witness = new Witness();
  const world: World = simulate({
    seed: options.seed,
    faults: Object.fromEntries(Object.entries(STORM).map(([name, rate]) => [name, rate * (options.faults ?? 1)])),
    network: networkOf(options.seed),
    maxTrace: options.maxTrace ?? 2_000,
    dial: (link) => {
      const seldom = (): boolean => world.random() < 0.01;
      if (options.broken === "duplicate") link.tamper("server", (bytes) => seldom() ? [bytes, bytes] : [bytes]);
      if (options.broken === "drop") link.tamper("client", (bytes) => seldom() ? [] : [bytes]);
      if (options.broken === "flip") link.tamper("client", (bytes) => seldom() ? [bytes.map((byte) => byte ^ 1)] : [bytes]);
      if (options.broken === "wrongClose") link.tamper("client", changeCloseCode);
    },
    afterEach: () => {
      witness.check();
      app.check();
    },
  });
  const app = new Chat(world, witness, options);
  try {
    await world.run(() => app.live(), Number.POSITIVE_INFINITY);
    app.checkEnd();
    return {
      processed: app.processed.size, delivered: witness.delivered, connections: witness.connections, drained: app.drained,
      digest: world.digest, trace: world.trace,
    };
  } catch (error) {
    throw Object.assign(error as Error, { trace: world.trace });
  } finally {
    await world.end();
  }
}

/** Everything of one direction that may wait in between: what the system holds, what the driver lets through, one full write. */
const MOST_BUFFERED = DEFAULT_CONDITIONS.window + HIGH_WATER + (LIMITS.maxQueued as number);

/** A close frame of the server's says one more: 4001 is not 4000. */
function changeCloseCode(bytes: Uint8Array): Uint8Array[] {
  const changed = bytes.slice();
  for (let at = 3; at < changed.length; at++) {
    if (changed[at - 3] === 0x88 && changed[at - 1] === 4000 >> 8) changed[at]++;
  }
  return [changed];
}

/** Output that waits in the connection and in the driver, and messages that wait to be iterated. */
const MOST_HELD = 2 * (LIMITS.maxQueued as number) + HIGH_WATER;

class Chat {
  /** Every other world compresses its messages. */
  readonly extensions: readonly Extension[];
  /** Sockets of clients. */
  readonly sockets = new Set<Socket<undefined>>();
  readonly processed = new Set<string>();
  readonly acknowledged = new Set<string>();
  drained = 0;
  readonly #world: World;
  readonly #witness: Witness;
  readonly #options: ChatOptions;
  #server!: SimulatedServer<string>;
  #over = false;
  /** Milliseconds that all machines slept. */
  #slept = 0;

  constructor(world: World, witness: Witness, options: ChatOptions) {
    this.#world = world;
    this.#witness = witness;
    this.#options = options;
    this.extensions = options.seed % 2 === 0 && options.broken !== "hoard" ? [permessageDeflate()] : [];
  }

  async live(): Promise<void> {
    const world = this.#world;
    await this.#serve();
    const clients = Array.from({ length: 2 + this.#below(3) }, (_, id) => new Client(world, this.#witness, this.#options, this, id));
    const lives = Promise.all(clients.map((client) => client.live()));
    const weather = this.#weather();
    const lived = (): number => world.now - this.#slept;
    const life = this.#options.minutes * 60_000;
    while (lived() < life) await world.sleep(life - lived());
    this.#over = true;
    await weather;
    world.calm();
    for (const client of clients) client.finish();
    await lives;
    await this.#server.close();
    await world.sleep(10_000); // pauses of this program itself that a closed socket cut short
    if (this.#options.broken === "leakedTimer") void world.sleep(1e9);
  }

  /** What must hold at any time. */
  check(): void {
    for (const link of this.#world.links) {
      for (const side of ["client", "server"] as const) {
        if (link.buffered(side) > MOST_BUFFERED) throw new Violation(`link ${link.id} holds ${link.buffered(side)} bytes to the ${side}`);
      }
    }
    for (const socket of [...this.#server?.sockets ?? [], ...this.sockets]) {
      if (socket.bytesHeld > MOST_HELD) throw new Violation(`a socket holds ${socket.bytesHeld} bytes`);
    }
  }

  /** What must hold when all is over. */
  checkEnd(): void {
    this.#witness.check();
    const { timers, links } = this.#world;
    if (timers !== 0) throw new Violation(`${timers} timers are still set`);
    if (links.size !== 0) throw new Violation(`${links.size} links are left`);
    if (this.#witness.open !== 0) throw new Violation(`${this.#witness.open} ends never heard that they are closed`);
    if (this.#server.sockets.size !== 0) throw new Violation(`the server keeps ${this.#server.sockets.size} sockets`);
    for (const id of this.processed) {
      if (!this.acknowledged.has(id)) throw new Violation(`message ${id} was processed and never acknowledged`);
    }
  }

  #below(end: number): number {
    return Math.floor(this.#world.random() * end);
  }

  async #serve(): Promise<void> {
    const { broken } = this.#options;
    const handler: Handler<string> = this.#witness.watch<string>("server", (socket) => socket.data, {
      open: (socket) => {
        if (this.#world.random() < 0.3) this.#say(socket, `welcome ${"!".repeat(this.#below(4000))}`);
      },
      message: async (socket, message) => {
        const id = idOf(message);
        if (broken === "earlyAck" && this.#world.random() < 0.01) return this.#say(socket, `ack ${id}`);
        if (this.#world.random() < 0.2) await this.#world.sleep(this.#below(3000));
        this.processed.add(id);
        if (broken === "lostAck" && id.endsWith("7")) return;
        this.#say(socket, `ack ${id}`);
        if (this.#world.random() < 0.01) void socket.close(4000 + this.#below(3), "the server has had enough");
        if (this.#world.random() < 0.005) socket.terminate();
      },
      close: (socket) => {
        if (broken === "lateEvent") this.#world.clock.schedule(() => handler.ping?.(socket, new Uint8Array(0)), 10);
      },
    });
    this.#server = await this.#world.serve<string>({
      ...handler, ...crowdingOf(this.#options.seed), port: 443, extensions: this.extensions,
      upgrade: async ({ query }) => {
        if (this.#world.random() < 0.1) await this.#world.sleep(this.#below(2000));
        if (this.#world.random() < 0.03) return { status: 503, body: "not now" };
        return { data: query.get("name") ?? "" };
      },
    });
  }

  #say(socket: Socket<string>, text: string): void {
    if (socket.state !== "open") return;
    this.#witness.sends("server", socket.data, text);
    socket.send(text);
  }

  /** What happens to the server, the network and the clocks. */
  async #weather(): Promise<void> {
    const world = this.#world;
    while (!this.#over) {
      await world.sleep(this.#below(2 * (this.#options.weather ?? 120_000)));
      const what = this.#below(6);
      if (what === 0) {
        this.#server.crash();
        await world.sleep(this.#below(20_000));
        await this.#serve();
      } else if (what === 1) {
        await this.#drain();
        await world.sleep(this.#below(20_000));
        await this.#serve();
      } else if (what === 2) {
        world.offline();
        await world.sleep(this.#below(90_000));
        world.online();
      } else if (what === 3) {
        const night = this.#below(4) === 0 ? 86_400_000 : this.#below(60_000);
        this.#slept += night;
        world.leap(night);
      } else if (what === 4) {
        world.jump(this.#below(2) === 0 ? 86_400_000 : -86_400_000);
      } else {
        await this.#server.close(1012, "restarting");
        await this.#serve();
      }
    }
  }

  async #drain(): Promise<void> {
    this.drained++;
    const before = this.#server.sockets.size;
    const { closed, clean, forced } = await this.#server.drain({ code: 1012, window: this.#below(3000) });
    if (closed !== before) this.#witness.violate(`${before} sockets were open, and ${closed} were drained`);
    if (clean + forced > closed) this.#witness.violate(`${clean} of ${closed} went clean and ${forced} were forced`);
  }
}

class Client {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #options: ChatOptions;
  readonly #chat: Chat;
  readonly #id: number;
  /** What was said and not acknowledged, in order. */
  readonly #unacknowledged = new Map<string, Message>();
  #connections = 0;
  #said = 0;
  #finishing = false;

  constructor(world: World, witness: Witness, options: ChatOptions, chat: Chat, id: number) {
    this.#world = world;
    this.#witness = witness;
    this.#options = options;
    this.#chat = chat;
    this.#id = id;
  }

  /** Says nothing new, and goes as soon as all was acknowledged. */
  finish(): void {
    this.#finishing = true;
  }

  async live(): Promise<void> {
    let patience = 0;
    while (!this.#finishing || this.#unacknowledged.size > 0) {
      try {
        await this.#talk();
        patience = 0;
      } catch (error) {
        if (!(error instanceof HandshakeError)) throw error;
        patience = Math.min(patience + 1, 6);
      }
      await this.#world.sleep(this.#world.random() * 250 * 2 ** patience);
      if (this.#finishing && this.#world.now > this.#giveUp) throw new Violation(`client ${this.#id} never hears of ${[...this.#unacknowledged.keys()]}`);
    }
  }

  /** When a client that has all its life behind it stops to hope. */
  get #giveUp(): number {
    this.#finishedAt ??= this.#world.now;
    return this.#finishedAt + 10 * 60_000;
  }
  #finishedAt: number | undefined = undefined;

  /** One connection, from dial to end. */
  async #talk(): Promise<void> {
    const world = this.#world;
    const name = `${this.#id}.${this.#connections++}`;
    const iterates = world.random() < 0.3;
    const handler = this.#witness.watch<undefined>("client", () => name, {
      message: async (_, message) => {
        this.#heard(message);
        if (world.random() < 0.05) await world.sleep(world.random() * 5000);
      },
    }, iterates);
    if (iterates) delete handler.message;
    const socket = await world.connect(`ws://chat.example:443/?name=${name}`, {
      ...handler, extensions: this.#chat.extensions,
      limits: { ...LIMITS, handshakeTimeout: 5000, ...(this.#options.broken === "hoard" ? { maxQueued: 1 << 30 } : {}) },
    });
    this.#chat.sockets.add(socket);
    void socket.closed.then(() => this.#chat.sockets.delete(socket));
    if (iterates) void this.#listen(name, socket);
    for (const message of [...this.#unacknowledged.values()]) if (!await this.#send(name, socket, message)) break;
    let rounds = 0;
    while (socket.state === "open") {
      if (this.#finishing && (this.#unacknowledged.size === 0 || ++rounds > 200)) break;
      await Promise.race([socket.closed, this.#pause()]);
      if (!this.#finishing) await this.#act(name, socket);
    }
    await socket.close();
  }

  async #act(name: string, socket: Socket<undefined>): Promise<void> {
    const chance = this.#world.random();
    if (chance < 0.02) void socket.close(4100, "the client has had enough");
    else if (chance < 0.03) socket.terminate();
    else if (chance < 0.08) void socket.ping();
    else await this.#send(name, socket, this.#next());
    for (let count = 0; this.#options.broken === "hoard" && count < 30; count++) {
      if (socket.state !== "open") break;
      const text = `hoard-${count} ${this.#world.random()}`.padEnd(20_000, String.fromCharCode(32 + count));
      this.#witness.sends("client", name, text);
      socket.send(text);
    }
  }

  async #listen(name: string, socket: Socket<undefined>): Promise<void> {
    for await (const message of socket) {
      this.#witness.got("client", name, message);
      this.#heard(message);
      if (this.#world.random() < 0.05) await this.#world.sleep(this.#world.random() * 5000);
    }
  }

  #heard(message: Message): void {
    if (typeof message !== "string" || !message.startsWith("ack ")) return;
    const id = message.slice(4);
    if (!this.#chat.processed.has(id)) this.#witness.violate(`message ${id} was acknowledged before it was processed`);
    this.#chat.acknowledged.add(id);
    this.#unacknowledged.delete(id);
  }

  /** False once the socket is not open. */
  async #send(name: string, socket: Socket<undefined>, message: Message): Promise<boolean> {
    if (socket.state !== "open") return false;
    this.#witness.sends("client", name, message);
    const inPieces = this.#world.random() < 0.1;
    const middle = Math.floor(message.length / 2);
    if (inPieces) socket.sendFragment(message.slice(0, middle), false);
    const room = inPieces ? socket.sendFragment(message.slice(middle), true) : socket.send(message);
    return room || await socket.writable();
  }

  #next(): Message {
    const id = `${this.#id}-${++this.#said}`;
    const size = Math.floor(this.#world.random() ** 8 * 40_000);
    const text = `${id} ${"x".repeat(size)}`;
    const message = this.#world.random() < 0.5 ? text : new TextEncoder().encode(text);
    this.#unacknowledged.set(id, message);
    return message;
  }

  #pause(): Promise<void> {
    return this.#world.sleep(this.#world.random() * 2 * (this.#options.pause ?? 3000));
  }
}

function idOf(message: Message): string {
  const text = typeof message === "string" ? message : new TextDecoder().decode(message);
  return text.slice(0, text.indexOf(" "));
}
