/**
 * The tester's opening handshake, both ways (RFC 6455, section 4).
 * @module
 */
import { concat, encodeFrame, type Frame, ping } from "../frames.ts";
import { type Ask, type Case, type Deflate, type Finding, type Head, lax, type ReadHead, type Visit, wrong } from "./case.ts";
import { Codec } from "./codec.ts";
import { type Agreement, agreedBy, parseExtensions, readParameters, whyUnfit } from "./extension.ts";
import { acceptKey, KEY, plusField, writeHead } from "./head.ts";
import { Peer } from "./peer.ts";
import type { Verdict } from "./result.ts";
import type { Wire } from "./wire.ts";

/** How an opening handshake ended: with a peer, or with a verdict. */
export type Opened =
  | { readonly peer: Peer; readonly findings: readonly Finding[] }
  | { readonly peer?: undefined; readonly verdict: Verdict; readonly says: string };

/** Opens a connection to a server as a case wants it. Throws a sentence when what comes is no handshake. */
export async function openToServer(wire: Wire, { ask = {}, deflate, dial }: Pick<Case, "ask" | "deflate" | "dial">, target: URL, timeout: number, seed: number): Promise<Opened> {
  const usual = usualRequest(target, deflate);
  const text = writeHead(ask.request?.(usual) ?? usual);
  await wire.writeHead(text, ask.chop, encodeAll(ask.behind, 0x1f2e_3d4c));
  const answer = await readFinalHead(wire, timeout).catch((error: unknown) => {
    if (dial?.plain === true && isAlert(wire.rest)) return undefined;
    throw error;
  });
  if (answer === undefined) return refused(ask, ask.drops ?? (ask.refuses === "pass" ? "non-strict" : "fail"), "it ended TCP without an answer");
  const finding = ask.check?.(answer);
  if (finding !== undefined && finding.verdict === "fail") return { verdict: "fail", says: finding.says };
  const findings = finding === undefined ? [] : [finding];
  const status = Number(answer.start[0]);
  if (status !== 101) {
    const wrong = await answersFrames(wire, ask.behind) ? "it refused the connection, and answered a frame all the same" : ask.whole && await whyNotWhole(wire, answer, timeout);
    return typeof wrong === "string" ? { verdict: "fail", says: wrong } : judgeRefusal(ask, answer.line, status, finding);
  }
  const { opens = "pass" } = ask;
  if (opens === "fail" || opens === "unimplemented") return { verdict: opens, says: "it accepted the connection" };
  if (opens === "non-strict") findings.push({ verdict: opens, says: "it accepted the connection" });
  const key = /^sec-websocket-key:[ \t]*(.*?)[ \t]*$/im.exec(text)?.[1] ?? KEY;
  const wrong = whyNoAcceptance(answer, key);
  if (wrong !== undefined) return { verdict: "fail", says: wrong };
  const peer = new Peer(wire, "server", seed, makeCodec(agreedWith(answer.get("Sec-WebSocket-Extensions"), deflate?.offer), "server"));
  peer.closeSent = ask.behind?.some((each) => "opcode" in each && each.opcode === 8) ?? false;
  return { peer, findings };
}

/** An alert of TLS (RFC 8446, section 6): what a server says that expects a handshake. */
function isAlert(bytes: Uint8Array): boolean {
  return bytes[0] === 0x15 && bytes[1] === 0x03;
}

/** The head of the answer, behind those that only say to wait, such as 100 (RFC 9110, section 15.2). */
async function readFinalHead(wire: Wire, timeout: number): Promise<ReadHead | undefined> {
  for (let left = MOST_INTERIM; ; left--) {
    const head = await wire.readHead(timeout);
    if (left === 0 || head === undefined || !/^1(?!01$)/.test(head.start[0])) return head;
  }
}

/** Why the body of a refusal does not end where its head says (RFC 9112, section 6.3); undefined where it does. */
async function whyNotWhole(wire: Wire, { get, start: [status] }: ReadHead, timeout: number): Promise<string | undefined> {
  if (status === "204" || status === "304") return undefined;
  const isChunked = /\bchunked$/i.test(get("Transfer-Encoding") ?? "");
  const said = get("Content-Length");
  if (!isChunked && said !== undefined && !/^\d+$/.test(said)) return `the Content-Length of its answer is ${said}`;
  const isWhole = (): boolean => isChunked ? Buffer.from(wire.rest).toString("latin1").endsWith("0\r\n\r\n") : said !== undefined && wire.rest.length >= Number(said);
  if (!await wire.link.until(() => isWhole() || wire.ended, timeout)) return said === undefined && !isChunked ? "it neither says how long its answer is nor ends TCP" : "the body of its answer does not come";
  return isWhole() || said === undefined && !isChunked ? undefined : "the body of its answer is shorter than it says";
}

/** Whether one who refused sends a frame back that came behind the request. */
async function answersFrames(wire: Wire, behind: Ask["behind"] = []): Promise<boolean> {
  const echoes = behind.flatMap((each) => each instanceof Uint8Array ? [] : Buffer.from(encodeFrame(each, undefined)));
  const echoed = (): boolean => echoes.some((echo) => Buffer.from(wire.rest).includes(echo));
  return echoes.length > 0 && await wire.link.until(() => wire.ended || echoed(), REFUSED) && echoed();
}

/** The usual request to a server. */
export function usualRequest(target: URL, deflate: Deflate | undefined): Head {
  const head: Head = {
    line: `GET ${target.pathname}${target.search} HTTP/1.1`,
    fields: [
      ["Host", target.host], ["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Key", KEY], ["Sec-WebSocket-Version", "13"],
    ],
  };
  return deflate === undefined ? head : plusField(head, "Sec-WebSocket-Extensions", deflate.offer);
}

function judgeRefusal(ask: Ask, line: string, status: number, finding: Finding | undefined): Opened {
  const { refuses = "fail", statuses, plain } = ask;
  const says = `it answered ${line}`;
  if (refuses !== "pass") return { verdict: refuses, says };
  if (finding !== undefined) return { verdict: finding.verdict, says: finding.says };
  if (plain !== undefined && status >= 200 && status < 300) return { verdict: plain, says };
  if (Number.isNaN(status) || status < 300 || status > 599) return { verdict: "fail", says };
  return { verdict: statuses === undefined ? status >= 400 ? "pass" : "non-strict" : statuses.includes(status) ? "pass" : "non-strict", says };
}

function refused({ refuses }: Pick<Ask, "refuses">, verdict: Verdict, says: string): Opened {
  return { verdict: refuses === "unimplemented" ? refuses : verdict, says };
}

/** What is wrong with a server's 101 (section 4.1); undefined for nothing. */
function whyNoAcceptance(answer: ReadHead, key: string): string | undefined {
  if (!answer.line.startsWith("HTTP/1.1 101")) return `it answered ${answer.line}`;
  const accept = answer.get("Sec-WebSocket-Accept");
  if (accept !== acceptKey(key)) return `its Sec-WebSocket-Accept is ${accept ?? "missing"}`;
  if (answer.get("Upgrade")?.toLowerCase() !== "websocket") return `its Upgrade is ${answer.get("Upgrade") ?? "missing"}`;
  const connection = (answer.get("Connection") ?? "").toLowerCase().split(",").map((token) => token.trim());
  return connection.includes("upgrade") ? undefined : `its Connection is ${answer.get("Connection") ?? "missing"}`;
}

/** What a server agreed to by the field Sec-WebSocket-Extensions. Throws a sentence about an answer that fits no offer. */
export function agreedWith(said: string | undefined, offered: string | undefined): Agreement | undefined {
  if (said === undefined) return undefined;
  const about = (why: string): Error => new Error(`it answered "${said}": ${why}`);
  const extensions = parseExtensions(said);
  if (extensions?.length !== 1) throw about("that is not one extension");
  const parameters = readParameters(extensions[0], "server");
  if (typeof parameters === "string") throw about(parameters);
  const list = (offered ?? "").replace(/\r\n[^:]*:/g, ","); // a field over several lines is one list
  const offers = (parseExtensions(list) ?? []).map((offer) => readParameters(offer, "client")).filter((offer) => typeof offer === "object");
  const reasons = offers.map((offer) => whyUnfit(offer, parameters));
  if (!reasons.includes(undefined)) throw about(reasons[0] ?? "nothing was offered that can be accepted");
  return agreedBy(parameters);
}

/** Reads the request of a client. Throws a sentence when none comes. */
export async function readRequest(wire: Wire, timeout: number): Promise<ReadHead> {
  const request = await wire.readHead(timeout);
  if (request === undefined) throw new Error("it ended TCP without a request");
  return request;
}

/** Refuses a request that asks for no WebSocket. */
export async function refuseRequest(wire: Wire): Promise<void> {
  await wire.writeHead("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  wire.end();
}

/** Answers a client as a case wants it. */
export async function openToClient(
  wire: Wire, request: ReadHead, { answer = {}, deflate }: Pick<Case, "answer" | "deflate">, timeout: number, seed: number, visit: Visit = { keys: [] },
): Promise<Opened> {
  const offered = request.get("Sec-WebSocket-Extensions") ?? "";
  const agreed = deflate?.answer(parseExtensions(offered) ?? []);
  const head: Head = {
    line: "HTTP/1.1 101 Switching Protocols",
    fields: [["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", acceptKey(request.all("Sec-WebSocket-Key").at(0) ?? "")]],
  };
  const usual = agreed === undefined ? head : plusField(head, "Sec-WebSocket-Extensions", agreed);
  const findings: Finding[] = [];
  const finding = answer.check?.(request, visit);
  if (finding !== undefined) findings.push(finding);
  if (answer.hesitates && await wire.link.until(() => wire.rest.length > 0 || wire.ended, HESITATION)) findings.push(wrong("it did not wait for the answer"));
  const { opens = "pass", refuses = "fail", behind = [] } = answer;
  const text = writeHead(answer.response?.(usual, request) ?? usual);
  await wire.writeHead(text, answer.chop, encodeAll(behind, undefined));
  for (const each of behind) logSent(wire, each);
  const [answered] = parseExtensions(agreed ?? "") ?? [];
  const parameters = answered && readParameters(answered, "server");
  const peer = new Peer(wire, "client", seed, makeCodec(typeof parameters === "object" ? agreedBy(parameters) : undefined, "client"));
  peer.closeSent = behind.some((each) => !(each instanceof Uint8Array) && each.opcode === 8);
  const unfit = deflate === undefined ? undefined : whyWrong(offered);
  if (unfit !== undefined) findings.push(wrong(`it offered "${offered}": ${unfit}`));
  // Whether it takes the connection for open is seen by a ping: else it ends TCP, and sends nothing.
  if (refuses !== "fail" && !peer.ended && !isCut(text)) {
    wire.log.note("a ping, to see whether it takes the connection for open");
    await peer.send([ping("are you there")]);
  }
  if (answer.ends ?? (opens === "fail" && !is101(text))) wire.end();
  if (refuses === "fail") return { peer, findings };
  await peer.until(() => peer.over || peer.heard.length > 0, timeout);
  if (peer.heard.length === 0 && peer.over) {
    const failed = [...peer.broken.map(wrong), ...findings].find(({ verdict }) => verdict === "fail");
    if (failed !== undefined) return failed as Opened;
    if (refuses === "pass" && peer.closed !== undefined) return { verdict: "non-strict", says: "it sent a close frame, though the connection was never open" };
    return refuses === "pass" && findings.length > 0 ? findings[0] : { verdict: refuses, says: "it failed the connection" };
  }
  const says = peer.heard.length > 0 ? "it took the connection for open" : "it did not fail the connection";
  if (opens === "fail" || peer.heard.length === 0) return { verdict: "fail", says };
  if (opens === "non-strict") findings.push(lax(says));
  peer.heard.length = 0;
  return { peer, findings };
}

/** True for a head, or several, of which one switches protocols. */
function is101(text: string): boolean {
  return /(?:^|\r\n\r\n)HTTP\/\S+ 101(?!\d)/.test(text);
}

/** True for nothing, and for a head of HTTP without its end. */
function isCut(text: string): boolean {
  return text === "" || text.startsWith("HTTP/") && !/\n\r?\n/.test(text);
}

/** Logs what followed a head in the same write. */
function logSent(wire: Wire, sent: Frame | Uint8Array): void {
  if (sent instanceof Uint8Array) wire.log.bytes("tester", sent);
  else wire.log.sent(sent, encodeFrame(sent, undefined));
}

/** Why what a client offers is not right; undefined where it is. */
function whyWrong(offered: string): string | undefined {
  if (offered === "") return undefined;
  const offers = parseExtensions(offered);
  if (offers === undefined) return "that is no list of extensions";
  return offers.map((offer) => readParameters(offer, "client")).find((parameters) => typeof parameters === "string");
}

/** The codec of a peer with this role. */
export function makeCodec(agreed: Agreement | undefined, role: "server" | "client"): Codec | undefined {
  if (agreed === undefined) return undefined;
  return role === "server" ? new Codec(agreed.client, agreed.server) : new Codec(agreed.server, agreed.client);
}

function encodeAll(behind: readonly (Frame | Uint8Array)[] = [], key: number | undefined): Uint8Array {
  return concat(behind.map((each) => each instanceof Uint8Array ? each : encodeFrame(each, key)));
}

/** How long a client is watched that must wait for its answer, in milliseconds. */
const HESITATION = 50;

/** Heads that only say to wait; more come from nobody. */
const MOST_INTERIM = 4;
/** How long one who refused is watched that may take what follows for frames, in milliseconds. */
const REFUSED = 50;
