/**
 * A case in words, as it stands in reports: what is sent, and what is taken for what.
 * @module
 */
import { describeFrame, type Frame, OPCODE_NAMES } from "../frames.ts";
import type { Ask, Answer, Case, Send } from "./case.ts";
import { writeHead } from "./head.ts";
import { usualRequest } from "./opening.ts";
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
  if (ask?.request !== undefined) lines.push(describeRequest(ask.request));
  if (answer?.response !== undefined) lines.push("An answer to the request in the form that the log shows");
  const chop = ask?.chop ?? answer?.chop;
  if (chop !== undefined) lines.push(chop === "lines" ? "The head in a write for each line" : chop === "line-ends" ? "The head cut between the two bytes of each line's end" : `The head in writes of ${chop} ${chop === 1 ? "byte" : "bytes"}`);
  for (const each of ask?.behind ?? answer?.behind ?? []) lines.push(`Right behind the head: ${each instanceof Uint8Array ? `${each.length} bytes` : describeSent(each)}`);
  if (deflate !== undefined && deflate.offer !== "" && only !== "client") lines.push(`To a server, the offer ${deflate.offer.length > 200 ? `${deflate.offer.slice(0, 200)}…` : deflate.offer}`);
  if (ask !== undefined && lines.length === 0) lines.push("The usual request");
  return lines;
}

/** What is special about a request, beside the usual one. */
function describeRequest(request: NonNullable<Ask["request"]>): string {
  const usual = usualRequest(new URL("ws://server.example/"), undefined);
  const [text, made] = [writeHead(usual), writeHead(request(usual))];
  if (made.startsWith("\r\n")) return "An empty line, and the usual request";
  const [before, after] = [text.split("\r\n"), made.split("\r\n")];
  const nameOf = (line: string): string => line.split(/[ :]/)[0].toLowerCase();
  const added = after.filter((line) => !before.includes(line));
  const gone = before.slice(1).filter((line) => !after.includes(line) && !added.some((other) => nameOf(other) === nameOf(line)));
  const shown = added.slice(0, MOST_LINES).map(quoteLine).join(", ");
  const more = added.length > MOST_LINES ? `, and ${added.length - MOST_LINES} lines more` : "";
  const without = gone.length === 0 ? "" : `without ${gone.map((line) => line.split(":")[0]).join(" and ")}`;
  if (added.length === 0) return gone.length === 0 ? "The usual request, its lines in another order" : `The usual request ${without}`;
  return `A request ${without === "" ? "" : `${without}, and `}with ${shown}${more}`;
}

function quoteLine(line: string): string {
  const short = line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
  return JSON.stringify(short).replace(/[\x7f-\xff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}

function describeStep(step: Send): string {
  if ("frames" in step) {
    const { chop } = step;
    const way = chop === undefined ? "" : chop === "frames" ? ", a frame at a time" : `, in writes of ${chop} ${chop === 1 ? "byte" : "bytes"}`;
    const shown = step.frames.slice(0, MOST_SHOWN).map(describeSent).join(", ");
    return `${shown}${step.frames.length > MOST_SHOWN ? `, and ${step.frames.length - MOST_SHOWN} frames more` : ""}${way}`;
  }
  if ("bytes" in step) return `${step.bytes.length} bytes: ${Array.from(step.bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join(" ")}${step.bytes.length > 32 ? " …" : ""}`;
  if ("piecemeal" in step) {
    const { piecemeal, whole, cuts, between } = step;
    const at = cuts.join(" and ");
    const where = whole ? `cut behind ${at} ${at === "1" ? "byte" : "bytes"}` : at === "0" ? "cut behind its header" : `its payload cut behind ${at} ${at === "1" ? "byte" : "bytes"}`;
    return `${describeSent(piecemeal)}, ${where}${between.length === 0 ? "" : ` (in between: ${between.map(describeStep).join("; ")})`}`;
  }
  if ("message" in step) return `A message, compressed where that was agreed: ${describeSent(step.message)}`;
  if ("series" in step) return `Messages, compressed where that was agreed, each when the one before has come back${step.size === undefined ? "" : `; in frames of ${step.size} bytes`}`;
  if ("command" in step) return [...(step.before ?? []).map(describeSent), `the command "${step.command}"`, ...(step.behind ?? []).map(describeSent)].join(", ").replace(/^t/, "T");
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
  const { masked, lengthBits, length, key } = frame;
  const notes = [
    ...(masked === undefined ? [] : [masked ? "masked" : "not masked"]),
    ...(key === undefined ? [] : [`its key ${key.toString(16).padStart(8, "0")}`]),
    ...(lengthBits === undefined ? [] : [`its length in ${lengthBits} bits`]),
    ...(length === undefined ? [] : [`declared as ${length} bytes`]),
  ];
  const said = describeHeard(frame);
  return notes.length === 0 ? said : `${said} (${notes.join(", ")})`;
}

/** A frame in words; a long one without its bytes. */
function describeHeard(frame: Frame): string {
  return frame.payload.length > MAX_SHOWN
    ? `${OPCODE_NAMES[frame.opcode] ?? `opcode ${frame.opcode}`}${frame.fin ? "" : " unfinished"}${frame.rsv === 0 ? "" : ` rsv ${frame.rsv}`} of ${frame.payload.length} bytes`
    : describeFrame(frame);
}

function shorten(lines: readonly string[]): string[] {
  return lines.length <= MOST_SHOWN ? [...lines] : [...lines.slice(0, MOST_SHOWN), `and ${lines.length - MOST_SHOWN} steps more`];
}

function whatIsAccepted(item: Case): CaseInfo["accepts"] {
  const { ask, answer } = item; // where the opening handshake is not only the way to what follows, it decides
  if (ask !== undefined) return (ask.refuses ?? "fail") === "fail" ? acceptedEnd(item) : acceptedRequest(ask);
  return (answer?.refuses ?? "fail") === "fail" ? acceptedEnd(item) : acceptedAnswer(answer!);
}

function acceptedAnswer({ opens = "pass", refuses }: Answer): CaseInfo["accepts"] {
  const refusal = "It fails the connection: it ends TCP and sends no frame";
  const opened = "It opens the connection, which then works";
  const by = (verdict: string): string[] => [...(opens === verdict ? [opened] : []), ...(refuses === verdict ? [refusal] : [])];
  const between = [...by("non-strict"), ...(refuses === "pass" ? ["It fails it with a close frame"] : [])];
  return {
    pass: by("pass").join(", or: ") || "Nothing else",
    ...(between.length === 0 ? {} : { nonStrict: between.join(", or: ") }),
    fail: opens === "fail" ? "It takes the connection for open, or does nothing" : "Anything else",
  };
}

function acceptedRequest({ opens = "pass", refuses = "fail", statuses, plain, drops = refuses === "pass" ? "non-strict" : "fail" }: Ask): CaseInfo["accepts"] {
  const status = statuses === undefined ? "a status from 400 on" : [statuses.slice(0, -1).join(", "), statuses.at(-1)].filter((part) => part !== "").join(" or ");
  const outcomes: readonly (readonly [verdict: string | undefined, says: string])[] = [
    [opens, "it opens the connection, which then works"],
    [refuses, `it answers with ${status}`],
    [plain, "it answers as to a request of plain HTTP, with a status from 200 to 299"],
    [refuses === "pass" ? "non-strict" : undefined, statuses === undefined ? "it redirects" : "it refuses with another status"],
    [drops, "it ends TCP without an answer"],
  ];
  const by = (verdict: string): string => sentence(outcomes.filter(([each]) => each === verdict).map(([, says]) => says));
  const between = by("non-strict");
  return { pass: by("pass"), ...(between === "" ? {} : { nonStrict: between }), fail: opens === "fail" ? "It opens the connection, or does not answer" : "Anything else" };
}

function sentence(parts: readonly string[]): string {
  const text = parts.join(", or ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function acceptedEnd({ end = "clean", expect, latestPong, pongsAnywhere, tolerated, answers = [1000], send = [] }: Case): CaseInfo["accepts"] {
  const isSeries = send.some((step) => "series" in step);
  const count = expect?.length ?? 0;
  const order = `${pongsAnywhere ? ", pongs anywhere among the messages" : ""}${latestPong ? ", of the pongs perhaps the last alone" : ""}`;
  const back = isSeries ? "Each message comes back equal; " : count === 0 ? "" : count === 1 ? `${describeHeard(expect![0])} comes back; ` : `${count} answers come back, equal and in order${order}; `;
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
/** Lines of a request that are shown. */
const MOST_LINES = 6;
/** Bytes of a payload that are shown. */
const MAX_SHOWN = 160;
