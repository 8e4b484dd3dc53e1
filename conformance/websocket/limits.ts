/**
 * Vectors for limits and times (RFC 6455, section 10.4; 5.5.2 and 7.1.1 for the times).
 * @module
 */
import { binary, close, fragments, more, ping, pong, text } from "../frames.ts";
import { ANSWER, bothRoles, failed, fails, GONE, GOODBYE, told, type Vector } from "../vector.ts";

const LOST = { closed: { code: 1006, reason: "", clean: false } } as const;

/** Section 10.4. */
export const limits: readonly Vector[] = bothRoles([
  {
    name: "A message as large as the limit is heard",
    section: "10.4",
    limits: { maxMessage: 10, maxFrame: 10, maxFragments: 2 },
    steps: [{ receive: [text("0123456789"), ...fragments(2, "0123456789", 5)] }, ...GOODBYE],
    events: [{ text: "0123456789" }, { binary: "0123456789" }, GONE],
    output: [ANSWER],
  },
  fails("A message larger than the limit fails the connection", "largeMessage", [text("0123456789!")], { limits: { maxMessage: 10 } }),
  fails("A message larger than the limit fails the connection at its header", "largeMessage", [binary("", { length: 1n << 52n })]),
  fails("A frame whose length has no exact number fails the connection at its header", "largeFrame", [binary("", { length: 1n << 62n })]),
  fails("Fragments larger together than the limit fail the connection at the header of the last", "largeMessage",
    [binary("01234", { fin: false }), more("", { length: 6n })], { limits: { maxMessage: 10 } }),
  fails("A frame larger than the limit fails the connection at its header", "largeFrame", [binary("", { length: 11n })], { limits: { maxFrame: 10 } }),
  fails("More fragments than the limit fail the connection", "manyFragments", fragments(2, "abcd", 1), { limits: { maxFragments: 3 } }),
  fails("Empty fragments are counted too", "manyFragments",
    [text("", { fin: false }), more("", { fin: false }), more("", { fin: false }), more("", { fin: false })], { limits: { maxFragments: 3 } }),
  {
    name: "The count of fragments begins again with each message",
    section: "10.4",
    limits: { maxFragments: 3 },
    steps: [{ receive: [...fragments(1, "abc", 1), ...fragments(1, "def", 1)] }, ...GOODBYE],
    events: [{ text: "abc" }, { text: "def" }, GONE],
    output: [ANSWER],
  },
  {
    name: "What arrives while reading is paused is held, and heard in order afterwards",
    section: "10.4",
    steps: [
      { pause: true },
      { receive: [text("a"), ping("b"), text("c")] },
      { paused: true },
      { resume: true },
      { paused: false },
      ...GOODBYE,
    ],
    events: [{ text: "a" }, { ping: "b" }, { text: "c" }, GONE],
    output: [pong("b"), ANSWER],
  },
  {
    name: "Pausing inside a handler holds what stands behind the message",
    section: "10.4",
    inside: { on: "text", do: { pause: true } },
    steps: [
      { receive: [text("a"), binary("b"), text("c"), text("d")] },
      { resume: true },
      { resume: true },
      { resume: true },
      ...GOODBYE,
    ],
    events: [{ text: "a" }, { binary: "b" }, { text: "c" }, { text: "d" }, GONE],
    output: [ANSWER],
  },
  {
    name: "What was held is heard when the peer ends, however slow the application is",
    section: "10.4",
    steps: [{ pause: true }, { receive: [text("a"), close(1001)] }, { end: true }],
    events: [{ text: "a" }, { closed: { code: 1001, reason: "", clean: true } }],
    output: [close(1001)],
  },
  {
    name: "More held than the limit fails the connection",
    section: "10.4",
    limits: { maxHeld: 20 },
    steps: [
      { pause: true },
      { receive: [new Uint8Array(20)] },
      { outputEnded: false },
      { receive: [new Uint8Array(1)] },
      { outputEnded: true },
      { end: true },
    ],
    events: [{ closed: failed("heldInput") }],
    output: [told("heldInput")],
  },
  {
    name: "A handler that throws fails the connection with 1011, and what stands behind is not heard",
    section: "7.4.1",
    inside: { on: "text", do: { throw: "The handler fails" } },
    steps: [{ receive: [text("a"), text("b")] }, { outputEnded: true }, { end: true }],
    events: [{ text: "a" }, { closed: failed("handlerError") }],
    output: [told("handlerError")],
  },
]);

/** Sections 5.5.2 and 7.1.1: deadlines. */
export const times: readonly Vector[] = bothRoles([
  {
    name: "A silent peer is pinged, and a pong proves that it lives",
    section: "5.5.2",
    limits: { pingInterval: 1000, pongTimeout: 300 },
    steps: [
      { deadline: 1000 }, { wait: 999 }, { deadline: 1000 }, { wait: 1 }, { deadline: 1300 },
      { wait: 299 }, { receive: [pong("")] }, { deadline: 2299 }, ...GOODBYE,
    ],
    events: [{ pong: "" }, GONE],
    output: [ping(""), ANSWER],
  },
  {
    name: "Anything that comes proves that the peer lives, even a part of a frame",
    section: "5.5.2",
    limits: { pingInterval: 1000, pongTimeout: 300 },
    steps: [
      { wait: 1000 }, { wait: 299 }, { receive: [binary("", { length: 1000n })] }, { deadline: 2299 },
      { wait: 1000 }, { deadline: 2599 }, { end: true },
    ],
    events: [LOST],
    output: [ping(""), ping("")],
  },
  {
    name: "A peer that answers no ping is given up, and is told nothing",
    section: "5.5.2",
    limits: { pingInterval: 1000, pongTimeout: 300 },
    steps: [{ wait: 1300 }, { deadline: Number.POSITIVE_INFINITY }, { outputEnded: true }, { state: "closed" }],
    events: [{ closed: failed("pongTimeout") }],
    output: [ping("")],
  },
  {
    name: "A peer is not given up while it is our reading that is paused",
    section: "5.5.2",
    limits: { pingInterval: 1000, pongTimeout: 300 },
    steps: [{ pause: true }, { wait: 1300 }, { state: "open" }, { receive: [text("a")] }, { resume: true }, ...GOODBYE],
    events: [{ text: "a" }, GONE],
    output: [ANSWER],
  },
  {
    name: "A message that is begun and does not go on in time fails the connection",
    section: "10.4",
    limits: { messageTimeout: 500 },
    steps: [
      { wait: 100 }, { receive: [text("a", { fin: false })] }, { deadline: 600 }, { wait: 499 }, { state: "open" },
      { wait: 1 }, { outputEnded: true }, { end: true },
    ],
    events: [{ closed: failed("messageTimeout") }],
    output: [told("messageTimeout")],
  },
  {
    name: "A message that stops in the middle of a frame fails the connection in time, however many pings were answered before",
    section: "10.4",
    limits: { messageTimeout: 500 },
    steps: [
      { receive: [binary("a", { fin: false })] }, { wait: 400 }, { receive: [ping("x")] }, { deadline: 500 },
      { receive: [more("", { length: 5n }), "b"] }, { deadline: 900 }, { wait: 500 }, { outputEnded: true }, { end: true },
    ],
    events: [{ ping: "x" }, { closed: failed("messageTimeout") }],
    output: [pong("x"), told("messageTimeout")],
  },
  {
    name: "A message that goes on in time has the whole time again, and so has the next",
    section: "10.4",
    limits: { messageTimeout: 500 },
    steps: [
      { receive: [text("a", { fin: false })] }, { wait: 499 }, { receive: [more("b", { fin: false })] }, { wait: 499 }, { receive: [more("c")] },
      { deadline: Number.POSITIVE_INFINITY }, { wait: 5000 }, { receive: [binary("d", { fin: false })] }, { wait: 499 }, { receive: [more("")] }, ...GOODBYE,
    ],
    events: [{ text: "abc" }, { binary: "d" }, GONE],
    output: [ANSWER],
  },
  {
    name: "A peer that answers no close frame is given up",
    section: "7.1.1",
    limits: { closeTimeout: 500 },
    steps: [
      { wait: 100 }, { close: [1000, "bye"], returns: true }, { deadline: 600 }, { wait: 499 }, { state: "closing" },
      { wait: 1 }, { state: "closed" }, { deadline: Number.POSITIVE_INFINITY }, { outputEnded: true },
    ],
    events: [{ closed: failed("closeTimeout") }],
    output: [close(1000, "bye")],
  },
  {
    name: "A peer that answered our close frame and does not end is given up, and the ending is clean",
    section: "7.1.1",
    limits: { closeTimeout: 500 },
    steps: [{ close: [1000], returns: true }, { receive: [close(1000)] }, { wait: 1000 }, { deadline: Number.POSITIVE_INFINITY }, { outputEnded: true }],
    events: [GONE],
    output: [close(1000)],
  },
  {
    name: "A peer that was failed and does not end is given up",
    section: "7.1.7",
    limits: { closeTimeout: 500 },
    steps: [{ receive: [text("", { rsv: 4 })] }, { deadline: 500 }, { receive: [text("never")] }, { wait: 500 }, { deadline: Number.POSITIVE_INFINITY }],
    events: [{ closed: failed("reservedBits") }],
    output: [told("reservedBits")],
  },
  {
    name: "A peer that takes what was queued before our close frame has the whole time to answer it",
    section: "7.1.1",
    limits: { closeTimeout: 500 },
    steps: [
      { blocked: true }, { send: "a", returns: true }, { close: [1000], returns: true }, { deadline: 500 }, { wait: 400 },
      { blocked: false }, { deadline: 900 }, { wait: 499 }, ...GOODBYE,
    ],
    events: [GONE],
    output: [text("a"), close(1000)],
  },
  {
    name: "What a peer that is given up has not taken is dropped",
    section: "7.1.1",
    limits: { closeTimeout: 500 },
    steps: [
      { blocked: true }, { send: "a", returns: true }, { close: [1000], returns: true }, { deadline: 500 }, { wait: 500 },
      { outputEnded: true }, { deadline: Number.POSITIVE_INFINITY }, { blocked: false },
    ],
    events: [{ closed: failed("closeTimeout") }],
    output: [],
  },
  {
    name: "A message that arrives while we close is heard, and does not put the deadline off",
    section: "7.1.1",
    limits: { closeTimeout: 500 },
    steps: [{ close: [1000], returns: true }, { wait: 400 }, { receive: [text("late")] }, { deadline: 500 }, ...GOODBYE],
    events: [{ text: "late" }, GONE],
    output: [close(1000)],
  },
]);
