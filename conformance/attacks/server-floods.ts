/**
 * One connection that sends more than a server should keep, or do at once (RFC 6455, section 10.4).
 * @module
 */
import { binary, close, encodeFrame, type Frame, frame, more, ping, pong, text } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, soft } from "./attack.ts";
import { judgeEnd } from "./server-frames.ts";
import { LONG_PATIENCE, Peer, repeat, type ServerGround, sleep } from "./server-peer.ts";

/** A flood on one connection. */
interface Flood {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** Sent first. */
  readonly first?: readonly Frame[];
  /** Sent again and again. */
  readonly frames: readonly Frame[];
  /** How often. */
  readonly times: number;
  /** Sent last, before a close frame. */
  readonly last?: readonly Frame[];
  /** Nothing is read until all of it is sent or nothing more is taken. */
  readonly deaf?: true;
  /** What is wrong with what came back where all was taken. */
  readonly wrong?: (peer: Peer, times: number) => string | undefined;
  /** Close codes that refuse it. */
  readonly codes?: readonly number[];
  /** How much more memory it may take, in bytes. */
  readonly memory?: number;
}

/** Both ends are right: all of it is taken and answered, or the connection fails with a code that says why. */
async function lead(ground: ServerGround, { first = [], frames, times, last = [], deaf, wrong, codes = [] }: Flood): Promise<Finding> {
  const peer = await Peer.open(ground);
  peer.keep = false;
  if (deaf) peer.socket.pause();
  try {
    peer.send(...first);
    const piece = peer.encode(...frames);
    const together = Math.max(1, Math.floor(65_536 / piece.length));
    const sent = await peer.flood(repeat(piece, together), Math.ceil(times / together), deaf ? DEAF : LONG_PATIENCE);
    peer.socket.resume();
    if (!peer.ended) peer.send(...last, close(1000));
    if (!await peer.until(() => peer.ended, LONG_PATIENCE)) return fail(`it did not come to an end; ${peer.count} frames came back`);
    const { closeCode } = peer;
    if (closeCode === undefined) return soft("it ended without a close frame");
    if (closeCode !== 1000) return expect(codes.includes(closeCode), `it closed with ${closeCode}`);
    const what = wrong?.(peer, sent * together);
    return what === undefined ? pass() : fail(what);
  } finally {
    peer.destroy();
  }
}

const MIB = 1024 * 1024;
/** What one connection may cost with messages of 1 MiB at most; what a garbage collector puts off is in it. */
const MEMORY = 32 * MIB;
/** How long is written to a victim that takes no more, in milliseconds. */
const DEAF = 3_000;

function echoed(peer: Peer, times: number): string | undefined {
  return peer.count === times + 1 ? undefined : `${peer.count - 1} of ${times} messages came back`; // and its close frame
}

function some(peer: Peer, times: number): string | undefined {
  return peer.count >= 2 && peer.count <= times + 1 ? undefined : `${peer.count - 1} answers to ${times} pings came back`;
}

function one(peer: Peer): string | undefined {
  return peer.count === 2 ? undefined : `${peer.count - 1} messages came back, not 1`;
}

const FLOODS: readonly Flood[] = [
  { id: "R-01", rule: "A million fragments of one byte are joined or refused", source: "CVE-2026-48779; GHSA-pf94-94m9-536p", first: [binary("", { fin: false })], frames: [more("x", { fin: false })], times: 1_000_000, last: [more("")], wrong: one, codes: [1008, 1009], memory: MEMORY },
  { id: "R-02", rule: "A million empty fragments are joined or refused", source: "CVE-2026-62389; CVE-2026-12151", first: [text("", { fin: false })], frames: [more("", { fin: false })], times: 1_000_000, last: [more("")], wrong: one, codes: [1008], memory: MEMORY },
  { id: "R-03", rule: "Fragments of 256 KiB without an end are refused at the limit", source: "CVE-2026-9675; CVE-2026-54274", first: [binary("", { fin: false })], frames: [more(new Uint8Array(262_144), { fin: false })], times: 256, codes: [1009], wrong: () => "64 MiB were taken", memory: MEMORY },
  { id: "R-04", rule: "A flood of pings from a peer that reads nothing takes no memory", source: "CVE-2026-11586; GHSA-9fm3-97px-rjf6; CVE-2021-3690", frames: [ping("p".repeat(125))], times: 500_000, deaf: true, wrong: some, codes: [1008], memory: MEMORY },
  { id: "R-05", rule: "A flood of pings from a peer that reads is answered, each or the latest", source: "RFC 6455, 5.5.3", frames: [ping("p".repeat(125))], times: 500_000, wrong: some, codes: [1008], memory: MEMORY },
  { id: "R-06", rule: "A million pongs nobody asked for are taken", source: "RFC 6455, 5.5.3", frames: [pong("p")], times: 1_000_000, wrong: (peer) => peer.count === 1 ? undefined : "something came back", codes: [1008], memory: MEMORY },
  { id: "R-07", rule: "A flood of empty messages is answered", source: "CVE-2026-123817", frames: [text("")], times: 500_000, wrong: echoed, memory: MEMORY },
  { id: "R-08", rule: "A flood of empty messages from a peer that reads nothing is not read on", source: "CVE-2026-123817", frames: [binary("")], times: 500_000, deaf: true, wrong: echoed, memory: MEMORY },
  { id: "R-09", rule: "A flood of messages of 125 bytes is answered", source: "RFC 6455, 10.4", frames: [text("m".repeat(125))], times: 250_000, wrong: echoed, memory: MEMORY },
  { id: "R-10", rule: "A slow reader's messages of 64 KiB wait at the sender, and none is lost", source: "RFC 6455, 10.4", frames: [binary(new Uint8Array(65_536))], times: 4_096, deaf: true, wrong: echoed, memory: 16 * MIB },
  { id: "R-11", rule: "A slow reader's messages of 1 MiB wait at the sender, and none is lost", source: "RFC 6455, 10.4", frames: [binary(new Uint8Array(MIB))], times: 256, deaf: true, wrong: echoed, memory: MEMORY },
  { id: "R-12", rule: "Messages of 1 MiB leave nothing behind but what a garbage collector puts off", source: "RFC 6455, 10.4", frames: [binary(new Uint8Array(MIB))], times: 256, wrong: echoed, memory: 160 * MIB },
];

export const FLOOD_ATTACKS: readonly Attack<ServerGround>[] = [
  ...FLOODS.map((each): Attack<ServerGround> => {
    const { id, rule, source, memory } = each;
    return { id, rule, source, ...(memory === undefined ? {} : { memory }), run: (ground) => lead(ground, each) };
  }),
  {
    id: "R-13",
    rule: "A message of one byte more than the limit is refused by its header",
    source: "CVE-2016-10542",
    async run(ground) {
      const peer = await Peer.open(ground);
      peer.write(encodeFrame(frame(2, "", { length: BigInt(ground.maxMessage) + 1n, lengthBits: 64 }), 1));
      return judgeEnd(peer, { codes: [1009] }).finally(() => peer.destroy());
    },
  },
  {
    id: "R-14",
    rule: "Two fragments that pass the limit together are refused by the second's header",
    source: "CVE-2026-9675",
    async run(ground) {
      const peer = await Peer.open(ground);
      const half = new Uint8Array(ground.maxMessage / 2);
      peer.send(binary(half, { fin: false }));
      peer.write(encodeFrame(more("", { length: BigInt(half.length) + 1n, lengthBits: 64 }), 1));
      return judgeEnd(peer, { codes: [1009] }).finally(() => peer.destroy());
    },
  },
  {
    id: "R-15",
    rule: "A message of exactly the limit is taken",
    source: "RFC 6455, 10.4",
    async run(ground) {
      const peer = await Peer.open(ground);
      const whole = Buffer.alloc(ground.maxMessage, "m");
      peer.send(binary(whole), close(1000));
      return judgeEnd(peer, { echoed: [whole.toString("latin1")], codes: [1000] }).finally(() => peer.destroy());
    },
  },
  {
    id: "R-16",
    rule: "Frames that come byte by byte, each in a packet, are read like any others",
    source: "RFC 6455, 5.2; CVE-2023-43669",
    async run(ground) {
      const peer = await Peer.open(ground);
      for (const byte of peer.encode(text("byte by byte"), ping("p"), text("m".repeat(200)), close(1000))) {
        peer.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return judgeEnd(peer, { echoed: ["byte by byte", "m".repeat(200)], pongs: ["p"], codes: [1000] }).finally(() => peer.destroy());
    },
  },
  {
    id: "R-17",
    rule: "A peer that reads a little at a time gets every message",
    source: "CVE-2026-107928",
    async run(ground) {
      const peer = await Peer.open(ground);
      const messages = Array.from({ length: 64 }, (_, at) => String(at % 10).repeat(40_000));
      peer.socket.pause();
      for (const message of messages) peer.send(text(message));
      peer.send(close(1000));
      while (!peer.ended && peer.received < 64 * 41_000) {
        peer.socket.resume();
        await new Promise((resolve) => setImmediate(resolve));
        peer.socket.pause();
        await sleep(1);
        if (peer.closeCode !== undefined) break;
      }
      peer.socket.resume();
      return judgeEnd(peer, { echoed: messages, codes: [1000] }).finally(() => peer.destroy());
    },
  },
];
