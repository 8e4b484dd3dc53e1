/**
 * Other implementations on the same streams: the same messages and the same verdict, or a disagreement that is on the list.
 * @module
 */
import type { Role } from "../../core/websocket/frame-parser.ts";
import { frameStarts, latin1, type Target } from "./case.ts";
import { type Disagreement, DISAGREEMENTS } from "./disagreements.ts";
import { makeStream } from "./frames-grammar.ts";
import { type Meaning, readStream } from "./frames-model.ts";
import { POOL } from "./frames-target.ts";
import { type Peer, PEER_LIMITS, type Verdict } from "./peers.ts";
import type { Subject } from "./subject.ts";

/** How often each disagreement came up. */
export const seen: Map<Disagreement, number> = new Map();

/** A target for each implementation there is. */
export function peerTargets(peers: readonly Peer[]): Target[] {
  return peers.map((peer): Target => ({
    name: peer.name,
    group: "frames",
    weight: 2,
    cuttable: false,
    starts: frameStarts,
    make(random) {
      const flags = peer.roles.length > 1 ? random.below(2) : 0;
      return { target: peer.name, flags, bytes: makeStream(random, flags === 1), cuts: [] };
    },
    check({ bytes, flags }, subject, tally) {
      const role = (flags & 1) === 1 ? "server" : "client";
      if (!peer.roles.includes(role)) return undefined;
      const meaning = readStream(role, bytes, PEER_LIMITS);
      tally.frames += meaning.frames;
      const ours = read(role, bytes, subject);
      const theirs = peer.read(role, bytes);
      if (ours.end === theirs.end && isPrefix(ours.events, theirs.events) && ours.events.length === theirs.events.length) return undefined;
      const known = DISAGREEMENTS.find((each) => each.peers.includes(peer.name) && fits(each, meaning, ours, theirs));
      if (known === undefined) return `disagreement: we heard ${ours.events.length} and were ${ours.end} (${meaning.fault?.name ?? "no fault"}), ${peer.name} heard ${theirs.events.length} and was ${theirs.end}`;
      seen.set(known, (seen.get(known) ?? 0) + 1);
      return undefined;
    },
  }));
}

function fits(known: Disagreement, meaning: Meaning, ours: Verdict, theirs: Verdict): boolean {
  if (!isPrefix(ours.events, theirs.events) && !isPrefix(theirs.events, ours.events)) return false;
  return known.applies({ meaning, ours, theirs });
}

function isPrefix(one: readonly string[], other: readonly string[]): boolean {
  return one.length <= other.length && one.every((event, at) => event === other[at]);
}

function read(role: Role, bytes: Uint8Array, subject: Subject): Verdict {
  const events: string[] = [];
  let end = "open";
  const connection = subject.connection({
    role,
    random: POOL,
    limits: { ...PEER_LIMITS, pingInterval: Number.POSITIVE_INFINITY },
    handler: {
      onText: (text) => void events.push(`text ${latin1(encoder.encode(text))}`),
      onBinary: (data) => void events.push(`binary ${latin1(data)}`),
      onPing: (data) => void events.push(`ping ${latin1(data)}`),
      onPong: (data) => void events.push(`pong ${latin1(data)}`),
      onClose: ({ fault, received }) => end = fault !== undefined ? `failed ${fault.code}` : received !== undefined ? `closed ${received.code}` : "open",
    },
  });
  connection.receive(bytes, 0);
  connection.receiveEnd(0);
  return { events, end };
}

const encoder = new TextEncoder();
