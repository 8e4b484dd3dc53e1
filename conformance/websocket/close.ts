/**
 * Vectors for closing (RFC 6455, sections 5.5.1, 7.1 and 7.4).
 * @module
 */
import { close, frame, hex, ping, text } from "../frames.ts";
import { ANSWER, bothRoles, failed, fails, GONE, GOODBYE, told, type Vector } from "../vector.ts";

const SENDABLE = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const NOT_SENDABLE = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
const LONGEST = "*".repeat(123);

/** Sections 5.5.1, 7.1 and 7.4. */
export const closing: readonly Vector[] = [
  ...bothRoles([
    ...SENDABLE.map((code) => ({
      name: `A close frame with code ${code} is answered with its own code`,
      section: "7.4",
      steps: [{ receive: [close(code)] }, { end: true as const }],
      events: [{ closed: { code, reason: "", clean: true } }],
      output: [close(code)],
    })),
    ...NOT_SENDABLE.map((code) => fails(`A close frame with code ${code} fails the connection`, "invalidCloseCode", [close(code, "why")])),
    {
      name: "A close frame without a code is answered without one, and heard as 1005",
      section: "7.1.5",
      steps: [{ receive: [close()] }, { end: true }],
      events: [{ closed: { code: 1005, reason: "", clean: true } }],
      output: [close()],
    },
    {
      name: "A close frame's reason is heard and sent back",
      section: "5.5.1",
      steps: [{ receive: [close(4000, "späßig")] }, { end: true }],
      events: [{ closed: { code: 4000, reason: "späßig", clean: true } }],
      output: [close(4000, "späßig")],
    },
    {
      name: "A close frame's reason may have 123 bytes",
      section: "5.5",
      steps: [{ receive: [close(1000, LONGEST)] }, { end: true }],
      events: [{ closed: { code: 1000, reason: LONGEST, clean: true } }],
      output: [close(1000, LONGEST)],
    },
    fails("A close frame of one byte fails the connection", "shortClose", [frame(8, hex("03"))]),
    {
      name: "What comes behind a close frame is not heard",
      section: "5.5.1",
      steps: [{ receive: [text("a"), close(1000), text("b"), ping("c"), close(1001)] }, { end: true }],
      events: [{ text: "a" }, GONE],
      output: [ANSWER],
    },
    {
      name: "What comes behind a close frame is not even parsed",
      section: "5.5.1",
      steps: [{ receive: [close(1000), hex("ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff")] }, { end: true }],
      events: [GONE],
      output: [ANSWER],
    },
    {
      name: "Our own close is over when the peer has answered and ended, and its code is the peer's",
      section: "7.1.5",
      steps: [
        { state: "open" }, { close: [3001, "done"], returns: true }, { state: "closing" },
        { receive: [close(3002, "well")] }, { end: true }, { state: "closed" },
      ],
      events: [{ closed: { code: 3002, reason: "well", clean: true } }],
      output: [close(3001, "done")],
    },
    {
      name: "What the peer sent before its answer is still heard",
      section: "7.1.2",
      steps: [{ close: [1000], returns: true }, { receive: [text("late"), close(1000)] }, { end: true }],
      events: [{ text: "late" }, GONE],
      output: [close(1000)],
    },
    {
      name: "Two close frames that cross are a clean ending, and neither is answered",
      section: "7.1.2",
      steps: [{ close: [1001, "ours"], returns: true }, { receive: [close(1000, "theirs")] }, { end: true }],
      events: [{ closed: { code: 1000, reason: "theirs", clean: true } }],
      output: [close(1001, "ours")],
    },
    {
      name: "Nothing is sent behind our close frame",
      section: "5.5.1",
      steps: [
        { close: [], returns: true },
        { send: "a", returns: false },
        { fragment: "b", final: true, returns: false },
        { ping: "c", returns: false },
        { close: [1000], returns: false },
        ...GOODBYE,
        { send: "d", returns: false },
      ],
      events: [GONE],
      output: [close()],
    },
    {
      name: "What was queued before a close goes out before it",
      section: "5.5.1",
      steps: [{ blocked: true }, { send: "a", returns: true }, { close: [1000], returns: true }, { blocked: false }, ...GOODBYE],
      events: [GONE],
      output: [text("a"), close(1000)],
    },
    {
      name: "A close from inside a handler stands before the answer to what follows",
      section: "7.1.2",
      inside: { on: "text", do: { close: [4001, "inside"], returns: true } },
      steps: [{ receive: [text("a"), ping("b"), close(4001)] }, { end: true }],
      events: [{ text: "a" }, { ping: "b" }, { closed: { code: 4001, reason: "", clean: true } }],
      output: [close(4001, "inside")],
    },
    {
      name: "An end without a close frame is not clean, and is heard as 1006",
      section: "7.1.5",
      steps: [{ receive: [text("a")] }, { end: true }, { send: "b", returns: false }],
      events: [{ text: "a" }, { closed: { code: 1006, reason: "", clean: false } }],
      output: [],
    },
    {
      name: "An end in answer to our close frame is not clean",
      section: "7.1.4",
      steps: [{ close: [1000], returns: true }, { end: true }],
      events: [{ closed: { code: 1006, reason: "", clean: false } }],
      output: [close(1000)],
    },
    {
      name: "A second end changes nothing",
      section: "7.1.4",
      steps: [...GOODBYE, { end: true }, { wait: 60_000 }],
      events: [GONE],
      output: [ANSWER],
    },
    {
      name: "A fault while we close ends the connection without a second close frame",
      section: "7.1.7",
      steps: [{ close: [1000], returns: true }, { receive: [text("", { rsv: 1 }), close(1000)] }, { outputEnded: true }, { end: true }],
      events: [{ closed: failed("reservedBits") }],
      output: [close(1000)],
    },
    {
      name: "Behind a fault not even a close frame is heard",
      section: "7.1.7",
      steps: [{ receive: [frame(3), close(1000)] }, { receive: [close(1000)] }, { end: true }],
      events: [{ closed: failed("reservedOpcode") }],
      output: [told("reservedOpcode")],
    },
  ]),
  {
    name: "A server ends TCP as soon as both close frames have passed",
    section: "7.1.1",
    role: "server",
    steps: [{ outputEnded: false }, { receive: [close(1000)] }, { outputEnded: true }, { end: true }],
    events: [GONE],
    output: [ANSWER],
  },
  {
    name: "A server that closed ends TCP as soon as it is answered",
    section: "7.1.1",
    role: "server",
    steps: [{ close: [1000], returns: true }, { outputEnded: false }, { receive: [close(1000)] }, { outputEnded: true }, { end: true }],
    events: [GONE],
    output: [close(1000)],
  },
  {
    name: "A client leaves it to the server to end TCP",
    section: "7.1.1",
    role: "client",
    steps: [{ receive: [close(1000)] }, { outputEnded: false }, { end: true }, { outputEnded: true }],
    events: [GONE],
    output: [ANSWER],
  },
  {
    name: "A client that closed leaves it to the server to end TCP",
    section: "7.1.1",
    role: "client",
    steps: [{ close: [1000], returns: true }, { receive: [close(1000)] }, { outputEnded: false }, { end: true }, { outputEnded: true }],
    events: [GONE],
    output: [close(1000)],
  },
];
