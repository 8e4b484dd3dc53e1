/**
 * A case in words, as it stands in reports: what is sent, and what is taken for what.
 * @module
 */
import { describeFrame, type Frame, OPCODE_NAMES } from "../frames.ts";
import type { Ask, Answer, Case, Send } from "./case.ts";
import type { CaseInfo } from "./result.ts";

/** The words for a case; made once, as some make their frames anew each time. */
export function describeCase(item: Case): CaseInfo {
  const known = described.get(item);
  if (known !== undefined) return known;
  const { id, title, rule, autobahn } = item;
  const info: CaseInfo = {
    id, title, rule: rule.says, rfc: rule.rfc ?? 6455, section: rule.section,
    ...(autobahn === undefined ? {} : { autobahn }),
    sends: item.sends ?? [...describeOpening(item), ...shorten((item.send ?? []).map(describeStep))],
    accepts: { ...whatIsAccepted(item), ...item.accepts },
  };
  described.set(item, info);
  return info;
}

const described = new WeakMap<Case, CaseInfo>();

function describeOpening({ ask, answer, deflate, only }: Case): string[] {
  const lines: string[] = [];
  if (ask?.request !== undefined) lines.push("A request for a WebSocket in the form that the log shows");
  if (answer?.response !== undefined) lines.push("An answer to the request in the form that the log shows");
  const chop = ask?.chop ?? answer?.chop;
  if (chop !== undefined) lines.push(chop === "lines" ? "The head in a write for each line" : chop === "line-ends" ? "The head cut between the two bytes of each line's end" : `The head in writes of ${chop} ${chop === 1 ? "byte" : "bytes"}`);
  for (const each of ask?.behind ?? answer?.behind ?? []) lines.push(`Right behind the head: ${each instanceof Uint8Array ? `${each.length} bytes` : describeSent(each)}`);
  if (deflate !== undefined && deflate.offer !== "" && only !== "client") lines.push(`To a server, the offer ${deflate.offer.length > 200 ? `${deflate.offer.slice(0, 200)}…` : deflate.offer}`);
  return lines;
}

function describeStep(step: Send): string {
  if ("frames" in step) {
    const { chop } = step;
    const way = chop === undefined ? "" : chop === "frames" ? ", a frame at a time" : `, in writes of ${chop} ${chop === 1 ? "byte" : "bytes"}`;
    const shown = step.frames.slice(0, MOST_SHOWN).map(describeSent).join(", ");
    return `${shown}${step.frames.length > MOST_SHOWN ? `, and ${step.frames.length - MOST_SHOWN} frames more` : ""}${way}`;
  }
  if ("bytes" in step) return `${step.bytes.length} bytes: ${Array.from(step.bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join(" ")}${step.bytes.length > 32 ? " …" : ""}`;
  if ("piecemeal" in step) return `${describeSent(step.piecemeal)}, ${step.whole ? "cut" : "its payload cut"} behind ${step.cuts.join(" and ")} ${step.cuts.join() === "1" ? "byte" : "bytes"}`;
  if ("message" in step) return `A message, compressed where that was agreed: ${describeSent(step.message)}`;
  if ("series" in step) return `Messages, compressed where that was agreed, each when the one before has come back${step.size === undefined ? "" : `; in frames of ${step.size} bytes`}`;
  if ("command" in step) return `The command "${step.command}"`;
  if ("heard" in step) return `Waits until ${step.heard === 1 ? "an answer has" : `${step.heard} answers have`} come`;
  if ("pinged" in step) return `Waits until ${step.pinged === 1 ? "a ping has" : `${step.pinged} pings have`} come`;
  if ("closed" in step) return "Waits for the peer's close frame";
  if ("wait" in step) return `Waits ${step.wait} ms`;
  if ("alive" in step) return "Waits a moment, in which the connection must live";
  if ("reading" in step) return step.reading ? "Reads again" : "Reads nothing from here on";
  if ("tcp" in step) return step.tcp === "end" ? "Ends its side of TCP" : "Drops TCP";
  return "Waits for the connection to be failed";
}

/** A frame in words, with what is wrong with it; a long one without its bytes. */
function describeSent(frame: Frame): string {
  const { payload, masked, lengthBits, length, key } = frame;
  const notes = [
    ...(masked === undefined ? [] : [masked ? "masked" : "not masked"]),
    ...(key === undefined ? [] : [`its key ${key.toString(16).padStart(8, "0")}`]),
    ...(lengthBits === undefined ? [] : [`its length in ${lengthBits} bits`]),
    ...(length === undefined ? [] : [`declared as ${length} bytes`]),
  ];
  const said = payload.length > MAX_SHOWN
    ? `${OPCODE_NAMES[frame.opcode] ?? `opcode ${frame.opcode}`}${frame.fin ? "" : " unfinished"}${frame.rsv === 0 ? "" : ` rsv ${frame.rsv}`} of ${payload.length} bytes`
    : describeFrame(frame);
  return notes.length === 0 ? said : `${said} (${notes.join(", ")})`;
}

function shorten(lines: readonly string[]): string[] {
  return lines.length <= MOST_SHOWN ? [...lines] : [...lines.slice(0, MOST_SHOWN), `and ${lines.length - MOST_SHOWN} steps more`];
}

function whatIsAccepted(item: Case): CaseInfo["accepts"] {
  const opening = acceptedOpening(item.ask ?? item.answer, item.ask);
  return opening ?? acceptedEnd(item);
}

/** Where the opening handshake decides; undefined where it is only the way to what follows. */
function acceptedOpening(opening: Ask | Answer | undefined, ask: Ask | undefined): CaseInfo["accepts"] | undefined {
  const { opens = "pass", refuses = "fail" } = opening ?? {};
  if (refuses === "fail") return undefined;
  const statuses = ask?.statuses;
  const refusal = ask === undefined ? "It fails the connection: it ends TCP and sends no frame"
    : statuses === undefined ? "It answers with a status from 400 on" : `It answers with ${statuses.join(" or ")}`;
  const opened = "It opens the connection, which then works";
  const by = (verdict: string): string[] => [...(opens === verdict ? [opened] : []), ...(refuses === verdict ? [refusal] : [])];
  const between = [...by("non-strict"), ...(refuses === "pass" ? [ask === undefined ? "It fails it with a close frame" : statuses === undefined ? "It ends TCP without an answer" : "It refuses with another status, or ends TCP without an answer"] : [])];
  return {
    pass: by("pass").join(", or: ") || "Nothing else",
    ...(between.length === 0 ? {} : { nonStrict: between.join(", or: ") }),
    fail: opens === "fail" ? "It takes the connection for open, or does nothing" : "Anything else",
  };
}

function acceptedEnd({ end = "clean", expect, tolerated, answers = [1000], send = [] }: Case): CaseInfo["accepts"] {
  const isSeries = send.some((step) => "series" in step);
  const count = expect?.length ?? 0;
  const back = isSeries ? "Each message comes back equal; " : count === 0 ? "" : count === 1 ? `${describeSent(expect![0])} comes back; ` : `${count} answers come back, equal and in order; `;
  const codes = (list: readonly (number | undefined)[]): string => list.map((code) => code ?? "no code").join(" or ");
  if (typeof end === "object") {
    return {
      pass: `${back}the connection is failed, by a close frame with ${codes(end)} or by dropping TCP; nothing else comes back`,
      nonStrict: `Another error code${count > 0 ? ", or fewer answers" : ""}, ${tolerated === undefined ? "or the connection is failed later than it could be" : "or it is taken as if it were right"}`,
      fail: tolerated === undefined ? "The connection is not failed, or what must not come back does" : "The connection is neither failed nor goes on rightly",
    };
  }
  if (end === "begun") {
    return { pass: `${back}the peer sends a close frame with ${codes(answers)}, and TCP ends once it is answered`, fail: "Another close frame or none, anything behind it, or TCP does not end" };
  }
  if (end === "either") {
    return { pass: `${back}the connection ends, by a close frame or without one`, ...(count > 0 ? { nonStrict: "Fewer answers come back" } : {}), fail: "It does not end, or a rule is broken on the way" };
  }
  return {
    pass: `${back}the close frame is answered with ${codes(answers)}, and TCP ends`,
    nonStrict: "The close frame is answered with another code that may be sent",
    fail: count > 0 || isSeries ? "Anything else comes back, the connection is failed, or the close frame is not answered" : "Anything comes back, the connection is failed, or the close frame is not answered",
  };
}

const MOST_SHOWN = 12;
/** Bytes of a payload that are shown. */
const MAX_SHOWN = 160;
