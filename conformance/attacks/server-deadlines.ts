/**
 * Peers that take their time: whatever they do, each step has a deadline (RFC 6455, sections 4.2, 5.5.2 and 7.1.1).
 * @module
 */
import { binary, close, pong, text } from "../frames.ts";
import { DEFAULT_LIMITS } from "../../core/websocket/limits.ts";
import { type Attack, expect, fail, type Finding, pass, soft, worst } from "./attack.ts";
import { eventually, LONG_PATIENCE, Peer, type ServerGround, upgradeRequest } from "./server-peer.ts";

/** The deadlines, in milliseconds. */
interface Deadlines {
  readonly handshakeTimeout: number;
  readonly closeTimeout: number;
  readonly pingInterval: number;
  readonly pongTimeout: number;
  readonly messageTimeout: number;
}

/** What holds when nothing else is said: led against those with `long`. */
const REAL: Deadlines = { handshakeTimeout: 10_000, closeTimeout: 5_000, pingInterval: 30_000, pongTimeout: 20_000, messageTimeout: 30_000 };
const SHORT: Deadlines = { handshakeTimeout: 800, closeTimeout: 500, pingInterval: 600, pongTimeout: 400, messageTimeout: 800 };

/** A server whose deadlines are known: with defaults, or with short ones. */
async function timed(ground: ServerGround, ...args: readonly string[]): Promise<{ readonly server: ServerGround; readonly times: Deadlines }> {
  const { other } = ground;
  if (other === undefined || ground.long && args.length === 0) return { server: ground, times: REAL };
  if (ground.long) return { server: await other(...args), times: REAL };
  const limits = Object.entries(SHORT).filter(([name]) => name in DEFAULT_LIMITS).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
  return { server: await other(...limits, ...args), times: SHORT };
}

/** The end must not come before its time, nor much later: a busy machine is given seconds, a quiet one (`long`) one. */
async function endsIn(ground: ServerGround, peer: Peer, since: number, due: number): Promise<Finding> {
  const ended = await peer.until(() => peer.ended, due + LONG_PATIENCE);
  const took = performance.now() - since;
  if (!ended) return fail("it did not end TCP");
  const late = took - due;
  if (late < -0.1 * due) return fail(`it ended after ${Math.round(took)} ms, and had ${due}`);
  return late > (ground.long ? 1_000 : 10_000) ? soft(`it ended after ${Math.round(took)} ms, and had ${due}`) : pass(ground.long ? `${Math.round(took)} ms` : "");
}

/** Opens TCP, and sends a piece now and then until the victim has enough. */
async function trickle(ground: ServerGround, pieces: (times: Deadlines) => Iterable<string>, every: number): Promise<Finding> {
  const { server, times } = await timed(ground);
  const peer = new Peer(server);
  const since = performance.now();
  const pause = every * times.handshakeTimeout;
  for (const piece of pieces(times)) {
    if (peer.ended) break;
    peer.write(piece);
    await peer.until(() => peer.ended, pause);
  }
  return endsIn(ground, peer, since, times.handshakeTimeout).finally(() => peer.destroy());
}

function* bytesOf(text: string): Iterable<string> {
  yield* text;
}

function* linesForEver(): Iterable<string> {
  yield "GET / HTTP/1.1\r\n";
  for (let at = 0; at < 90; at++) yield `X-${at}: 1\r\n`;
}

const ATTACHED = "node:http has deadlines of its own here";

export const DEADLINE_ATTACKS: readonly Attack<ServerGround>[] = [
  {
    id: "K-70",
    rule: "A client that says nothing is cut off when the handshake's time is up",
    source: "RFC 6455, 10.4",
    run: (ground) => trickle(ground, () => [], 1),
  },
  {
    id: "K-71",
    rule: "A client that sends its request a byte at a time is cut off when the handshake's time is up",
    source: "RFC 6455, 10.4",
    run: (ground) => trickle(ground, () => bytesOf(upgradeRequest(ground)), 1 / 40),
  },
  {
    id: "K-72",
    rule: "A client that sends a header line now and then is cut off when the handshake's time is up",
    source: "RFC 6455, 10.4",
    run: (ground) => trickle(ground, linesForEver, 1 / 20),
  },
  {
    id: "K-73",
    rule: "An application that never decides is not waited for",
    source: "RFC 6455, 10.4",
    skip: ({ other }) => other === undefined ? "it needs a server whose application takes its time" : undefined,
    async run(ground) {
      const { server, times } = await timed(ground, "--decide-after", "60000");
      const peer = new Peer(server);
      const since = performance.now();
      peer.write(upgradeRequest(server));
      const ended = await endsIn(ground, peer, since, times.handshakeTimeout);
      const answer = await peer.answer(1);
      peer.destroy();
      return worst([ended, expect(answer?.status === 503, `it answered ${answer?.status}`)]);
    },
  },
  {
    id: "K-74",
    rule: "A TLS client that says nothing, or half of its hello, is cut off when the handshake's time is up",
    source: "RFC 6455, 10.4",
    skip: ({ other, runtime }) => other === undefined ? "it needs a server of TLS" : runtime === "attach" ? ATTACHED : runtime === "workerd" ? "workerd ends TLS itself, before the Worker hears of a connection" : runtime === "deno" ? "Deno keeps the TCP connection of what is closed during its TLS handshake" : undefined,
    async run(ground) {
      const { server, times } = await timed(ground, "--tls");
      const silent = new Peer(server);
      const half = new Peer(server);
      const since = performance.now();
      half.write("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
      const findings = await Promise.all([silent, half].map((peer) => endsIn(ground, peer, since, times.handshakeTimeout)));
      silent.destroy();
      half.destroy();
      return worst(findings);
    },
  },
  {
    id: "C-01",
    rule: "A peer that closes and keeps TCP open is let go of",
    source: "RFC 6455, 7.1.1",
    run: (ground) => letsGo(ground, (peer) => void peer.send(close(1000))),
  },
  {
    id: "C-02",
    rule: "A peer that breaks a rule and keeps TCP open is let go of",
    source: "RFC 6455, 7.1.7",
    run: (ground) => letsGo(ground, (peer) => void peer.send(text("x", { rsv: 4 }))),
  },
  {
    id: "C-03",
    rule: "A peer that lets nothing through, neither its reads nor its pongs, is gone when the time for its pong is up",
    source: "RFC 6455, 5.5.2",
    run: (ground) => letsGo(ground, async (peer) => {
      peer.socket.pause();
      await peer.flood(peer.encode(binary(new Uint8Array(65_536))), 256, 500);
      peer.send(close(1000));
    }, ({ pingInterval, pongTimeout }) => pingInterval + pongTimeout),
  },
  {
    id: "C-04",
    rule: "A peer that ends its side and reads nothing is let go of",
    source: "RFC 6455, 7.1.1; CVE-2017-2670",
    run: (ground) => letsGo(ground, async (peer) => {
      peer.socket.pause();
      await peer.flood(peer.encode(binary(new Uint8Array(65_536))), 16, 1_000);
      peer.socket.end();
    }),
  },
  {
    id: "C-05",
    rule: "A peer that answers no ping is gone when the time for its pong is up",
    source: "RFC 6455, 5.5.2",
    async run(ground) {
      const { server, times } = await timed(ground);
      const peer = await Peer.open(server);
      const finding = await endsIn(ground, peer, performance.now(), times.pingInterval + times.pongTimeout);
      const pinged = peer.frames.some(({ opcode }) => opcode === 9);
      peer.destroy();
      return worst([finding, expect(pinged, "it did not ping")]);
    },
  },
  {
    id: "C-06",
    rule: "A peer that answers pings stays",
    source: "RFC 6455, 5.5.2",
    async run(ground) {
      const { server, times } = await timed(ground);
      const peer = await Peer.open(server);
      const wanted = 3;
      let answered = 0;
      await peer.until(() => {
        const pings = peer.frames.filter(({ opcode }) => opcode === 9);
        for (const { payload } of pings.slice(answered)) peer.send(pong(payload));
        answered = pings.length;
        return peer.ended || answered === wanted;
      }, wanted * times.pingInterval + LONG_PATIENCE);
      peer.send(text("here"), close(1000));
      await peer.until(() => peer.ended);
      peer.destroy();
      return expect(peer.heard.join() === "here" && peer.closeCode === 1000, `it was pinged ${answered} times, and closed with ${peer.closeCode}`);
    },
  },
  {
    id: "C-07",
    rule: "A message that is begun and not gone on with is not waited for",
    source: "RFC 6455, 10.4",
    run: (ground) => unfinished(ground, (peer) => peer.encode(text("begun", { fin: false }))),
  },
  {
    id: "C-08",
    rule: "A frame that is begun and not gone on with is not waited for",
    source: "RFC 6455, 10.4",
    run: (ground) => unfinished(ground, (peer) => peer.encode(binary(new Uint8Array(1_000))).subarray(0, 500)),
  },
  {
    id: "C-09",
    rule: "A header that is begun and not gone on with is waited for no longer than a pong, for which there is no room",
    source: "RFC 6455, 5.5.2",
    async run(ground) {
      const { server, times } = await timed(ground);
      const peer = await Peer.open(server);
      const since = performance.now();
      peer.write(peer.encode(binary(new Uint8Array(1_000))).subarray(0, 3));
      return endsIn(ground, peer, since, times.pingInterval + times.pongTimeout).finally(() => peer.destroy());
    },
  },
];

/** Its descriptor comes back though our side of TCP stays open. */
async function letsGo(
  ground: ServerGround,
  body: (peer: Peer) => Promise<void> | void,
  within: (times: Deadlines) => number = ({ closeTimeout }) => closeTimeout,
): Promise<Finding> {
  const { server, times } = await timed(ground);
  const before = server.process.files ?? 0;
  const peer = await Peer.open(server);
  const open = await eventually(() => (server.process.files ?? Number.POSITIVE_INFINITY) > before);
  await body(peer);
  const since = performance.now();
  const gone = await eventually(() => (server.process.files ?? 0) <= before, within(times) + LONG_PATIENCE);
  const took = performance.now() - since;
  peer.destroy();
  if (!open || !gone) return fail(open ? "it holds the connection" : "its descriptors cannot be counted");
  return took > within(times) + (ground.long ? 1_000 : 10_000) ? soft(`it let go after ${Math.round(took)} ms`) : pass(ground.long ? `${Math.round(took)} ms` : "");
}

/** The connection fails, though pings are answered all the while. */
async function unfinished(ground: ServerGround, begun: (peer: Peer) => Uint8Array): Promise<Finding> {
  const { server, times } = await timed(ground);
  const peer = await Peer.open(server);
  const since = performance.now();
  peer.write(begun(peer));
  const finding = await endsIn(ground, peer, since, times.messageTimeout);
  peer.destroy();
  return worst([finding, expect(peer.closeCode === 1008, `it closed with ${peer.closeCode}`)]);
}
