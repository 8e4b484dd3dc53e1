/**
 * Vectors for control frames (RFC 6455, section 5.5): pings and pongs; close.ts has the closing.
 * @module
 */
import { binary, close, hex, more, ping, pong, text } from "../frames.ts";
import { ANSWER, bothRoles, type Event, fails, GONE, GOODBYE, type Vector } from "../vector.ts";

const FULL = new Uint8Array(125).fill(0xfe);
const ODD = hex("00 ff fe fd fc fb 00 ff");
const TEN = Array.from({ length: 10 }, (_, at) => `ping ${at}`);

/** Sections 5.5, 5.5.2 and 5.5.3. */
export const control: readonly Vector[] = bothRoles([
  ...[["no payload", ""], ["text", "Hello"], ["bytes that are no text", ODD], ["125 bytes", FULL]].map(([what, payload]) => ({
    name: `A ping with ${what as string} is answered with a pong of the same`,
    section: "5.5.2",
    steps: [{ receive: [ping(payload)] }, ...GOODBYE],
    events: [{ ping: payload }, GONE],
    output: [pong(payload), ANSWER],
  })),
  {
    name: "Ten pings are answered with ten pongs, in order",
    section: "5.5.2",
    steps: [{ receive: TEN.map((payload) => ping(payload)) }, ...GOODBYE],
    events: [...TEN.map((payload) => ({ ping: payload })), GONE],
    output: [...TEN.map((payload) => pong(payload)), ANSWER],
  },
  {
    name: "Pings that come while output is blocked are answered up to a limit, and past it only the latest",
    section: "5.5.3",
    limits: { maxPendingPongs: 3 },
    steps: [
      { blocked: true },
      { receive: TEN.map((payload) => ping(payload)) },
      { blocked: false },
      { receive: [ping("after")] },
      ...GOODBYE,
    ],
    events: [...TEN.map((payload) => ({ ping: payload })), { ping: "after" }, GONE],
    output: [pong("ping 0"), pong("ping 1"), pong("ping 2"), pong("ping 9"), pong("after"), ANSWER],
  },
  {
    name: "The limit of pongs counts again from nothing once output was taken",
    section: "5.5.3",
    limits: { maxPendingPongs: 2 },
    steps: [
      { blocked: true }, { receive: [ping("1"), ping("2"), ping("3"), ping("4")] }, { blocked: false },
      { blocked: true }, { receive: [ping("5"), ping("6"), ping("7"), ping("8")] }, { blocked: false }, ...GOODBYE,
    ],
    events: [..."12345678"].map((ping): Event => ({ ping })).concat(GONE),
    output: [pong("1"), pong("2"), pong("4"), pong("5"), pong("6"), pong("8"), ANSWER],
  },
  {
    name: "A pong nobody asked for is heard and not answered",
    section: "5.5.3",
    steps: [{ receive: [pong(), pong("unasked"), ping("asked"), pong(FULL)] }, ...GOODBYE],
    events: [{ pong: "" }, { pong: "unasked" }, { ping: "asked" }, { pong: FULL }, GONE],
    output: [pong("asked"), ANSWER],
  },
  {
    name: "A ping is answered before what the application sends when it hears it",
    section: "5.5.2",
    inside: { on: "ping", do: { send: "heard", returns: true } },
    steps: [{ receive: [ping("x")] }, ...GOODBYE],
    events: [{ ping: "x" }, GONE],
    output: [pong("x"), text("heard"), ANSWER],
  },
  {
    name: "A ping behind our close frame is heard and not answered",
    section: "5.5.1",
    steps: [{ close: [1000], returns: true }, { receive: [ping("x")] }, ...GOODBYE],
    events: [{ ping: "x" }, GONE],
    output: [close(1000)],
  },
  {
    name: "Messages are sent in the order in which they were given, pings among them",
    section: "5.5.2",
    steps: [
      { send: "a", returns: true },
      { ping: "b", returns: true },
      { send: Uint8Array.of(0xc), returns: true },
      ...GOODBYE,
    ],
    events: [GONE],
    output: [text("a"), ping("b"), binary(Uint8Array.of(0xc)), ANSWER],
  },
  fails("A ping of 126 bytes fails the connection", "longControl", [ping(new Uint8Array(126))]),
  fails("A pong of 126 bytes fails the connection", "longControl", [pong(new Uint8Array(126))]),
  fails("A close frame of 126 bytes fails the connection", "longControl", [close(1000, "*".repeat(124))]),
  fails("A ping of 65536 bytes fails the connection at its header", "longControl", [ping("", { length: 65_536n })]),
  fails("A ping whose length is 5 in 16 bits fails the connection", "longControl", [ping("Hello", { lengthBits: 16 })]),
  fails("A fragmented ping fails the connection", "fragmentedControl", [ping("a", { fin: false }), more("b")]),
  fails("A fragmented pong fails the connection", "fragmentedControl", [pong("a", { fin: false }), more("b")]),
  fails("A fragmented close frame fails the connection", "fragmentedControl", [close(1000, "", { fin: false })]),
  fails("A fragmented ping inside a message fails the connection", "fragmentedControl", [text("a", { fin: false }), ping("b", { fin: false })]),
]);
