/**
 * Vectors for fragmentation (RFC 6455, section 5.4).
 * @module
 */
import { binary, fragments, more, ping, pong, text } from "../frames.ts";
import { ANSWER, bothRoles, fails, GONE, GOODBYE, type Vector } from "../vector.ts";

const FIRST = { fin: false } as const;

/** Section 5.4. */
export const fragmentation: readonly Vector[] = bothRoles([
  {
    name: "A text message in two fragments is one message",
    section: "5.4",
    steps: [{ receive: [text("Hel", FIRST), more("lo")] }, ...GOODBYE],
    events: [{ text: "Hello" }, GONE],
    output: [ANSWER],
  },
  {
    name: "A binary message in many fragments of one byte is one message",
    section: "5.4",
    steps: [{ receive: fragments(2, "0123456789abcdef", 1) }, ...GOODBYE],
    events: [{ binary: "0123456789abcdef" }, GONE],
    output: [ANSWER],
  },
  {
    name: "Fragments may be empty: first, middle, last and all of them",
    section: "5.4",
    steps: [
      { receive: [text("", FIRST), more("", FIRST), more("")] },
      { receive: [text("", FIRST), more("a", FIRST), more("")] },
      { receive: [binary("b", FIRST), more("", FIRST), more("c")] },
      ...GOODBYE,
    ],
    events: [{ text: "" }, { text: "a" }, { binary: "bc" }, GONE],
    output: [ANSWER],
  },
  {
    name: "A message of large fragments is one message",
    section: "5.4",
    steps: [{ receive: fragments(2, new Uint8Array(200_000).fill(7), 70_000) }, ...GOODBYE],
    events: [{ binary: new Uint8Array(200_000).fill(7) }, GONE],
    output: [ANSWER],
  },
  {
    name: "Control frames between fragments are heard and answered at once",
    section: "5.4",
    steps: [{ receive: [text("a", FIRST), ping("1"), more("b", FIRST), pong("2"), ping(""), more("c")] }, ...GOODBYE],
    events: [{ ping: "1" }, { pong: "2" }, { ping: "" }, { text: "abc" }, GONE],
    output: [pong("1"), pong(""), ANSWER],
  },
  {
    name: "A close frame between fragments ends the connection, and the message is not heard",
    section: "5.4",
    steps: [{ receive: [text("a", FIRST)] }, ...GOODBYE],
    events: [GONE],
    output: [ANSWER],
  },
  {
    name: "Fragmented messages follow each other, text and binary",
    section: "5.4",
    steps: [{ receive: [...fragments(1, "text", 2), ...fragments(2, "data", 3), text("whole"), ...fragments(1, "text", 1)] }, ...GOODBYE],
    events: [{ text: "text" }, { binary: "data" }, { text: "whole" }, { text: "text" }, GONE],
    output: [ANSWER],
  },
  {
    name: "A message is sent in the fragments the application gives, and pings may stand between",
    section: "5.4",
    steps: [
      { fragment: "a", final: false, returns: true },
      { ping: "p", returns: true },
      { fragment: "", final: false, returns: true },
      { fragment: "b", final: true, returns: true },
      { fragment: Uint8Array.of(1), final: true, returns: true },
      { send: "c", returns: true },
      ...GOODBYE,
    ],
    events: [GONE],
    output: [text("a", FIRST), ping("p"), more("", FIRST), more("b"), binary(Uint8Array.of(1)), text("c"), ANSWER],
  },
  {
    name: "A character cut between two strings given as fragments is sent whole",
    section: "5.4",
    steps: [
      { fragment: "\ud83d", final: false, returns: true },
      { fragment: "\ude00", final: true, returns: true },
      ...GOODBYE,
    ],
    events: [GONE],
    output: [text("", FIRST), more("😀"), ANSWER],
  },
  fails("A continuation with nothing to continue fails the connection", "strayContinuation", [more("a")]),
  fails("An unfinished continuation with nothing to continue fails the connection", "strayContinuation", [more("a", FIRST), text("b")]),
  fails("A continuation behind a whole message fails the connection", "strayContinuation", [text("a"), more("b")], { events: [{ text: "a" }] }),
  fails("A continuation behind a last fragment fails the connection", "strayContinuation",
    [text("a", FIRST), more("b"), more("c", FIRST), text("d")], { events: [{ text: "ab" }] }),
  fails("A text frame inside a text message fails the connection", "unfinishedMessage", [text("a", FIRST), text("b")]),
  fails("A binary frame inside a text message fails the connection", "unfinishedMessage", [text("a", FIRST), binary("b")]),
  fails("A first fragment inside a binary message fails the connection", "unfinishedMessage", [binary("a", FIRST), more("b", FIRST), binary("c", FIRST)]),
  fails("A text frame behind an empty first fragment fails the connection", "unfinishedMessage", [text("", FIRST), text("")]),
]);
