/**
 * Where other implementations and we read the same bytes in two ways, each reviewed: what RFC 6455 says, and in which section.
 * A difference that is not here fails the run.
 * @module
 */
import type { Meaning } from "./frames-model.ts";
import type { Peer, Verdict } from "./peers.ts";

/** What both made of one stream. */
export interface Both {
  /** What the stream means. */
  readonly meaning: Meaning;
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

/** One reviewed difference. What both heard is the same as far as both heard it. */
export interface Disagreement {
  readonly peers: readonly Peer["name"][];
  /** The section that decides it. */
  readonly section: string;
  /** What it says, and what each does. */
  readonly says: string;
  applies(both: Both): boolean;
}

/** All that are known: ws 8.23.0 and undici 8.12.4. */
export const DISAGREEMENTS: readonly Disagreement[] = [
  {
    peers: ["ws", "undici"],
    section: "5.2",
    says: "\"The minimal number of bytes MUST be used to encode the length\": we fail the connection with 1002, they read the frame",
    applies: ({ meaning, ours, theirs }) => meaning.fault?.name === "longLengthForm" && theirs.events.length >= ours.events.length,
  },
  {
    peers: ["ws", "undici"],
    section: "5.2",
    says: "\"The most significant bit MUST be 0\": we fail with 1002, a protocol error; they with 1009, too large",
    applies: ({ meaning, ours, theirs }) => meaning.fault?.name === "lengthTopBit" && theirs.end === "failed 1009" && sameCount(ours, theirs),
  },
  {
    peers: ["ws", "undici"],
    section: "8.1",
    says: "Text that is not UTF-8 fails the connection: we do so at the first impossible byte, they once the message is whole, if it ever is",
    applies: ({ meaning, ours, theirs }) => meaning.fault?.name === "invalidUtf8" && meaning.textPending && theirs.events.length >= ours.events.length,
  },
  {
    peers: ["ws", "undici"],
    section: "5.4, 10.4",
    says: "A fragment out of turn or a frame too large is an error: they say so at the byte that tells, we once the frame's header is whole",
    applies: ({ meaning, ours, theirs }) => meaning.cut === "header" && ours.end === "open" && /^failed 100[29]$/.test(theirs.end) && sameCount(ours, theirs),
  },
  {
    peers: ["ws"],
    section: "5.5.1",
    says: "A close frame's payload begins with a two-byte code: it fails a declared length of 1 at the header, we once that byte is there",
    applies: ({ meaning, ours, theirs }) => meaning.cut === "close" && ours.end === "open" && theirs.end === "failed 1002" && sameCount(ours, theirs),
  },
];

function sameCount(ours: Verdict, theirs: Verdict): boolean {
  return ours.events.length === theirs.events.length;
}
