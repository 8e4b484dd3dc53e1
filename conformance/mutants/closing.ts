/**
 * Peers that are wrong about the closing handshake (RFC 6455, sections 5.5.1 and 7).
 * @module
 */
import { close, frame, pong, text } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import { CLOSING_RULES } from "./peer/closing-rules.ts";
import { COMMAND_RULES } from "./peer/command-rules.ts";
import { CONNECTION_RULES } from "./peer/connection-rules.ts";
import { framesOf, mentions, sends, sendsClose } from "./which.ts";

const { isCloseCode, isControlRight, isReason } = CONNECTION_RULES;
const { endsTcp } = CLOSING_RULES;

const ANY = (): boolean => true;
/** The tester ends TCP on its own. */
const endsByTester = ({ send = [] }: Case): boolean => JSON.stringify(send, (key, value: unknown) => key === "payload" ? undefined : typeof value === "bigint" ? 0 : value).includes('"tcp"');
/** Something is in one write with a close frame, before it. */
const closesBehind = ({ send = [], answer }: Case): boolean => send.some((step) => framesOf([step]).findIndex(({ opcode }) => opcode === 8) > 0 || "command" in step)
  || (answer?.behind ?? []).some((each) => "opcode" in each && each.opcode === 8);
const sendsReason = (is: (reason: Uint8Array) => boolean): ((item: Case) => boolean) => sends(({ opcode, payload }) => opcode === 8 && payload.length > 2 && is(payload.subarray(2)));
/** TCP is ended once the other side has done that, or by the deadline. */
const LATE = { endsTcp: (_: unknown, isEndedByPeer: boolean) => isEndedByPeer } as const;
/** Every case that closes, or whose fault is closed for, ends so. */
const ALL = { cases: [ANY], because: "each ends with a closing handshake" } as const;
const LATER = { cases: [ANY], because: "TCP ends later" } as const;

/** All of them. */
export const closing: readonly Mutant[] = [...answering(), ...bodies(), ...behind(), ...beginning(), ...ending()];

/** A close frame is answered. */
function answering(): Mutant[] {
  return [
    {
      name: "never-answers-close", breaks: "close-answered", says: "does not answer a close frame",
      change: { answerClose: () => [] }, only: [({ drops }) => drops === undefined], alsoCaughtBy: [ALL],
    },
    {
      name: "drops-unsent", breaks: "close-answered", says: "drops what it has not sent yet when a close frame comes",
      change: { keepsUnsent: false }, verdict: "non-strict",
      only: [mentions("20 messages", "A ping between two", "behind 1 MiB")],
      alsoCaughtBy: [{ cases: [closesBehind], because: "something is in one write with a close frame" }],
    },
    {
      name: "reads-half-a-close", breaks: "close-answered", says: "takes what came of a control frame in one read for all of it",
      change: { waitsForPayload: false }, verdict: "non-strict",
      only: [mentions("whose payload comes", "between the bytes of its code", "whose reason comes", "a byte at a time")],
      alsoCaughtBy: [{ cases: [ANY], because: "control frames come in pieces" }],
    },
    {
      name: "forgets-half-a-header", breaks: "close-answered", says: "forgets the start of a header that is not whole",
      change: { keepsHeaders: false }, verdict: "non-strict",
      only: [mentions("whose first byte comes alone", "a byte at a time")],
      alsoCaughtBy: [{ cases: [ANY], because: "frames come in pieces" }],
    },
    {
      name: "answers-close-late", breaks: "close-answered", says: "answers a close frame a moment later, and not at all when TCP has ended by then",
      change: { answersAfter: 10 },
      only: [mentions("the end of TCP right behind it")], verdict: "non-strict",
      alsoCaughtBy: [{ cases: [endsByTester], because: "TCP ends behind a close frame" }],
    },
    {
      name: "answers-its-answer", breaks: "crossed", says: "answers the close frame that answers its own",
      change: { maySendClose: (why, { sent, received }) => !sent || why === "answer" && !received },
      alsoCaughtBy: [{ cases: [closesAfterPeer], because: "its close frame is answered" }],
    },
    {
      name: "closes-again-for-its-answer", breaks: "any-answer", says: "answers the close frame that answers its own",
      change: { maySendClose: (why, { sent, received }) => !sent || why === "answer" && !received },
      only: [mentions("has another code", "has no code", "a byte at a time", "behind a pong", "Two answers", "A message follows", "right behind the answer")],
      alsoCaughtBy: [{ cases: [closesAfterPeer], because: "its close frame is answered" }],
    },
    {
      name: "closes-again-for-a-bad-answer", breaks: "any-answer", says: "fails the connection with a second close frame when its close frame is answered badly",
      change: { maySendClose: (why, { sent, received }) => !sent || why === "fault" && !received },
      only: [mentions("a single byte", "never on the wire", "a reason that is not UTF-8", "reserved bits", "text that is not UTF-8")],
      alsoCaughtBy: [{ cases: ["nothing-behind-own-close"], because: "what follows a close frame may be wrong" }],
    },
    {
      name: "closes-for-a-missing-answer", breaks: "any-answer", says: "says 1006 where TCP ends before its close frame was answered",
      change: { answerEnd: ({ sent, received }) => sent && !received ? [close(1006)] : [] },
      only: [mentions("TCP ends where", "TCP ends inside")],
      alsoCaughtBy: [{ cases: [endsByTester], because: "TCP ends behind a close frame" }, { cases: [ANY], because: "a client sees TCP end behind a fault" }],
    },
  ];
}

/** The peer's close frame is answered, or is the answer to one. */
function closesAfterPeer({ end, send = [] }: Case): boolean {
  return end === "begun" || end === "either" || send.some((step) => "closed" in step);
}

/** What is in a close frame. */
function bodies(): Mutant[] {
  return [
    {
      name: "wants-a-code", breaks: "close-body", says: "fails the connection for a close frame without a code",
      change: { isCloseWhole: (payload) => payload.length > 1 }, verdict: "non-strict",
      only: [mentions("without payload")],
      alsoCaughtBy: [{ cases: [sendsClose((code) => code === undefined)], because: "a close frame has no code" }],
    },
    {
      name: "takes-half-a-code", breaks: "close-body", says: "takes a close frame of one byte for a good one, and answers with 1000",
      change: { isCloseWhole: () => true, answerClose: (code = 1000) => [close(code)] },
      only: [mentions("with one byte")],
      alsoCaughtBy: [{ cases: [sendsClose((code) => code === undefined)], because: "a close frame has one byte" }],
    },
    {
      name: "takes-long-reasons", breaks: "close-body", says: "takes close frames of any length",
      change: { isControlRight: (header) => header.opcode === 8 ? header.fin : isControlRight(header) },
      only: [mentions("124 bytes")],
      alsoCaughtBy: [{ cases: [sends(({ opcode, payload, length }) => opcode === 8 && (payload.length > 125 || length !== undefined))], because: "a close frame is too long" }],
    },
    {
      name: "has-room-for-122", breaks: "close-body", says: "fails the connection for a close frame with a reason of 123 bytes",
      change: { isControlRight: (header) => isControlRight(header) && !(header.opcode === 8 && header.length === 125n) }, verdict: "non-strict",
      only: [mentions("with a reason of 123 bytes", "41 characters")],
      alsoCaughtBy: [{ cases: [sendsReason((reason) => reason.length === 123)], because: "a reason has 123 bytes" }],
    },
    {
      name: "takes-any-reason", breaks: "close-body", says: "does not look whether a reason is UTF-8", change: { isReason: () => true },
      only: [mentions("surrogate pair", "only goes on", "more bytes than it needs", "beyond the last one", "never in UTF-8", "ends inside a character")],
    },
    {
      name: "takes-a-cut-reason", breaks: "close-body", says: "takes a reason that ends inside a character",
      change: { isReason: (reason) => [0, 1, 2, 3].some((cut) => isReason(reason.subarray(0, reason.length - cut)) && (cut === 0 || reason[reason.length - cut] > 0xc1 && reason[reason.length - cut] < 0xf5)) },
      only: [mentions("ends inside a character")],
    },
    {
      name: "takes-long-forms", breaks: "close-body", says: "takes characters of a reason in more bytes than they need",
      change: { isReason: (reason) => isReason(Uint8Array.from(reason, (byte) => byte === 0xc0 ? 0xc2 : byte)) }, only: [mentions("more bytes than it needs")],
    },
    {
      name: "takes-surrogates-in-reasons", breaks: "close-body", says: "takes halves of surrogate pairs in a reason",
      change: { isReason: (reason) => isReason(Uint8Array.from(reason, (byte, at) => reason[at - 1] === 0xed && byte > 0x9f ? 0x9f : byte)) },
      only: [mentions("surrogate pair")],
    },
    {
      name: "takes-characters-beyond", breaks: "close-body", says: "takes characters beyond U+10FFFF in a reason",
      change: { isReason: (reason) => isReason(Uint8Array.from(reason, (byte, at) => reason[at - 1] === 0xf4 && byte > 0x8f ? 0x8f : byte)) },
      only: [mentions("beyond the last one")],
    },
    {
      name: "skips-stray-bytes", breaks: "close-body", says: "skips bytes of a reason that only go on",
      change: { isReason: (reason) => isReason(reason) || reason.at(-1) === 0x80 && isReason(reason.subarray(0, -1)) },
      only: [mentions("only goes on")],
    },
    {
      name: "takes-ff", breaks: "close-body", says: "takes bytes that are never in UTF-8",
      change: { isReason: (reason) => isReason(reason.filter((byte) => byte !== 0xff)) }, only: [mentions("never in UTF-8")],
      alsoCaughtBy: [{ cases: ["any-answer"], because: "an answer has such a reason" }],
    },
    {
      name: "wants-words", breaks: "close-body", says: "fails the connection for a reason with control characters",
      change: { isReason: (reason) => isReason(reason) && !reason.some((byte) => byte < 32) }, verdict: "non-strict",
      only: [mentions("a zero byte")],
    },
    {
      name: "wants-assigned", breaks: "close-body", says: "fails the connection for a reason with characters that are none",
      change: { isReason: (reason) => isReason(reason) && !reason.includes(0xf4) }, verdict: "non-strict",
      only: [mentions("that are not assigned")],
    },
    {
      name: "wants-no-reason", breaks: "close-body", says: "fails the connection for any reason",
      change: { isReason: (reason) => reason.length === 0 }, verdict: "non-strict",
      only: [mentions("with a reason is", "123 bytes is", "41 characters", "a zero byte", "not assigned")],
      alsoCaughtBy: [{ cases: [sendsReason(ANY)], because: "a close frame has a reason" }],
    },
    {
      name: "echoes-half-a-reason", breaks: "close-body", says: "answers with the first 100 bytes of the reason, whatever is cut there",
      change: { answerClose: (code, reason) => [close(code, reason.subarray(0, 100))] },
      only: [mentions("41 characters")],
    },
    {
      name: "answers-with-half-a-code", breaks: "close-body", says: "answers with one byte", change: { answerClose: () => [frame(8, "a")] },
      only: [mentions("is answered")], alsoCaughtBy: [ALL],
    },
  ];
}

/** What comes behind a close frame. */
function behind(): Mutant[] {
  const reads = { readsBehind: () => true, ...LATE } as const;
  return [
    {
      name: "goes-on-behind-close", breaks: "close-is-last", says: "acts on what comes behind a close frame, as if none had come",
      change: { ...reads, maySendBehindClose: () => true },
      only: [mentions("A ping behind", "A message behind", "between two fragments", "and a ping behind it", "256 KiB of messages")],
      alsoCaughtBy: [LATER],
    },
    {
      name: "answers-every-close", breaks: "close-is-last", says: "answers each close frame, and fails the connection for what is wrong behind one",
      change: { ...reads, maySendClose: () => true },
      only: [mentions("A second close frame", "that would fail the connection")], alsoCaughtBy: [LATER],
    },
    {
      name: "wants-whole-frames-behind-close", breaks: "close-is-last", says: "says that a frame behind a close frame is missing its end",
      change: { ...LATE, readsBehind: () => true, answerEnd: ({ received, isInFrame }) => received && isInFrame ? [close(1002)] : [] },
      only: [mentions("Half a frame")], alsoCaughtBy: [LATER],
    },
    {
      name: "goes-on-behind-fault", breaks: "failed", says: "acts on what comes behind a fault, as if none had come",
      change: { readsBehind: (what) => what === "fault", maySendBehindClose: () => true, endsTcp: (role, isEndedByPeer, what) => what === "fault" ? isEndedByPeer : endsTcp(role, isEndedByPeer, what) },
      only: [mentions("A message in one write", "A ping in one write", "256 KiB of messages", "A message behind the close", "A command behind")],
      alsoCaughtBy: [LATER],
    },
    {
      name: "closes-again-behind-fault", breaks: "failed", says: "answers close frames behind a fault, and tells each further fault",
      change: { readsBehind: (what) => what === "fault", maySendClose: () => true, endsTcp: (role, isEndedByPeer, what) => what === "fault" ? isEndedByPeer : endsTcp(role, isEndedByPeer, what) },
      only: [mentions("A close frame in one write", "A second fault", "with another code", "with one that is none", "the same fault again")],
      alsoCaughtBy: [LATER],
    },
    {
      name: "waits-behind-fault", breaks: "failed", says: "waits for an answer to the close frame that a fault led to, for as long as it takes", role: "server",
      change: { readsBehind: (what) => what === "fault", closePatience: Number.POSITIVE_INFINITY, endsTcp: (_, isEndedByPeer, what) => isEndedByPeer || what === "close" },
      only: [mentions("led to is not answered")], alsoCaughtBy: [LATER],
    },
    {
      name: "says-1006-behind-fault", breaks: "failed", says: "says 1006 where TCP ends behind a fault", role: "client",
      change: { answerEnd: ({ failed }) => failed ? [close(1006)] : [] },
      alsoCaughtBy: [{ cases: [ANY], because: "the tester ends TCP behind a fault" }],
    },
    {
      name: "forgets-before-fault", breaks: "failed", says: "does not send what it owes for what came before a fault",
      change: { answersBeforeFault: false }, verdict: "non-strict",
      only: [mentions("at the end of 10 messages")],
      alsoCaughtBy: [{ cases: [({ end, expect = [] }) => typeof end === "object" && expect.length > 0], because: "something comes before a fault" }],
    },
  ];
}

/** It closes first. */
function beginning(): Mutant[] {
  const { obey } = COMMAND_RULES;
  const closes = (message: string): { readonly code: number; readonly reason: string } | undefined => {
    const [, code, reason = ""] = /^conformance:close (\d+) ?(.*)$/.exec(message) ?? [];
    return code === undefined ? undefined : { code: Number(code), reason };
  };
  const anyClose = (is: (code: number, reason: string) => ReturnType<typeof obey>): Mutant["change"] => ({
    obey: (message, mayClose) => {
      const asked = closes(message);
      return asked === undefined ? obey(message, mayClose) : is(asked.code, asked.reason);
    },
  });
  const asksToClose = ({ send = [] }: Case): boolean => send.some((step) => "command" in step && step.command.startsWith("close"));
  const asks = { cases: [asksToClose], because: "it is asked to close" } as const;
  return [
    {
      name: "closes-with-1000", breaks: "close-begun", says: "closes with 1000, whatever it is asked for",
      change: anyClose((_, reason) => [close(1000, reason)]),
      only: [mentions("close with 1001", "close with 1011", "close with 3000", "close with 4999")], alsoCaughtBy: [asks],
    },
    {
      name: "says-1005-for-none", breaks: "close-begun", says: "closes with 1005 where no code is asked for",
      change: { obey: (message, mayClose) => message === "conformance:close" ? [close(1005)] : obey(message, mayClose) },
      only: [mentions("without a code")],
    },
    {
      name: "closes-twice", breaks: "close-begun", says: "closes again when it is asked again",
      change: { maySendBehindClose: ({ opcode }) => opcode === 8 }, only: [mentions("asked twice")],
    },
    {
      name: "says-close-twice", breaks: "close-begun", says: "sends its close frame twice", alsoCaughtBy: [asks],
      change: () => ({ maySendBehindClose: ({ opcode }) => opcode === 8, ...anyClose((code, reason) => isCloseCode(code) && Buffer.byteLength(reason) < 124 ? [close(code, reason), close(code, reason)] : [text("conformance:refused")]) }),
      only: [mentions("close with 1", "close with 3", "close with 4", "asked twice", "right before")],
    },
    {
      name: "drops-unsent-as-it-closes", breaks: "close-begun", says: "drops what it has not sent yet when it closes",
      change: { keepsUnsent: false }, only: [mentions("right before")],
      alsoCaughtBy: [{ cases: [closesBehind], because: "something is in one write with a close frame" }],
    },
    {
      name: "sends-behind-its-close", breaks: "nothing-behind-own-close", says: "sends messages behind its own close frame",
      change: { maySendBehindClose: ({ opcode }) => opcode < 3 },
      only: [mentions("A message in one write", "A message in fragments", "to send something", "A message behind the peer's", "256 KiB", "half there")],
      alsoCaughtBy: [{ cases: [closesAfterPeer], because: "messages come behind its close frame" }],
    },
    {
      name: "fails-for-late-pings", breaks: "nothing-behind-own-close", says: "closes again when it is pinged behind its close frame", only: [mentions("A ping behind")],
      change: () => {
        let hasClosed = false;
        return {
          obey: (message, mayClose) => {
            hasClosed ||= closes(message) !== undefined;
            return obey(message, mayClose);
          },
          answerPing: (payload) => [hasClosed ? close(1002) : pong(payload)],
          maySendBehindClose: ({ opcode, payload }) => opcode === 8 && payload[1] === 1002 % 256,
        };
      },
    },
    {
      name: "cuts-reasons", breaks: "own-reason", says: "cuts a reason behind 123 bytes, wherever that is",
      change: anyClose((code, reason) => isCloseCode(code) ? [close(code, Buffer.from(reason).subarray(0, 123))] : [text("conformance:refused")]),
      only: [mentions("123rd byte", "62 characters")],
    },
    {
      name: "sends-long-reasons", breaks: "own-reason", says: "sends reasons of any length",
      change: anyClose((code, reason) => isCloseCode(code) ? [close(code, reason)] : [text("conformance:refused")]),
      only: [mentions("of 124 bytes", "123rd byte", "62 characters", "300 bytes")],
    },
    {
      name: "counts-characters", breaks: "own-reason", says: "counts the characters of a reason, and not its bytes", only: [mentions("123rd byte", "62 characters")],
      change: anyClose((code, reason) => isCloseCode(code) && reason.length <= 123 ? [close(code, reason)] : [text("conformance:refused")]),
    },
    {
      name: "counts-bytes-as-characters", breaks: "own-reason", says: "writes a reason a byte a character", only: [mentions("41 characters", "two, three and four")],
      change: anyClose((code, reason) => isCloseCode(code) && Buffer.byteLength(reason) < 124 ? [close(code, Buffer.from(reason, "latin1"))] : [text("conformance:refused")]),
    },
    {
      name: "has-no-reason", breaks: "own-reason", says: "closes without the reason that it was asked to say", only: [mentions("A peer closes with")],
      change: anyClose((code) => [isCloseCode(code) ? close(code) : text("conformance:refused")]),
      alsoCaughtBy: [{ cases: ["control-plain"], because: "it is asked to say a reason" }],
    },
  ];
}

/** How TCP ends. */
function ending(): Mutant[] {
  return [
    {
      name: "ends-tcp-at-its-close", breaks: "ends-tcp", says: "ends TCP right behind its own close frame",
      change: { waitsForAnswer: false }, verdict: "non-strict",
      only: [mentions("A peer that closes")], alsoCaughtBy: [{ cases: [closesAfterPeer], because: "it closes first" }],
    },
    {
      name: "does-not-wait-for-the-server", breaks: "ends-tcp", says: "ends TCP behind both close frames, and does not leave that to the server", role: "client",
      change: { endsTcp: () => true }, verdict: "non-strict",
      alsoCaughtBy: [{ cases: [({ watchesEnd }) => watchesEnd === true], because: "it is watched who ends TCP" }],
    },
    {
      name: "leaves-tcp-open", breaks: "ends-tcp", says: "does not end TCP", role: "server",
      change: { ...LATE, closePatience: Number.POSITIVE_INFINITY }, alsoCaughtBy: [ALL],
    },
    {
      name: "says-1006", breaks: "lost", says: "says 1006 where TCP ends without a close frame", change: { answerEnd: ({ sent }) => sent ? [] : [close(1006)] },
      alsoCaughtBy: [{ cases: [endsByTester], because: "the tester ends TCP" }],
    },
    {
      name: "stays-alone", breaks: "lost", says: "does not notice that TCP ends without a close frame",
      change: { endsTcp: (role, isEndedByPeer, behind) => behind !== "nothing" && endsTcp(role, isEndedByPeer, behind) },
      alsoCaughtBy: [{ cases: [ANY], because: "the tester ends TCP" }],
    },
  ];
}
