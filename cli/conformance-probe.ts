/**
 * Looks whether a server can be tested at all, before a thousand cases say the same.
 * @module
 */
import { dial } from "../conformance/wire/dial.ts";
import { text } from "../conformance/frames.ts";
import { openToServer } from "../conformance/wire/opening.ts";
import type { ReadHead } from "../conformance/wire/case.ts";
import type { Wire } from "../conformance/wire/wire.ts";
import type { ConformanceOptions } from "./conformance-options.ts";
import { excerpt } from "./terminal.ts";

/** What a server is like. */
export interface Probed {
  /** Why it cannot be tested, in a sentence with what to try. */
  readonly trouble?: string;
  /** What is wrong with it, though it can be. */
  readonly flaw?: string;
  /** What it calls itself. */
  readonly name?: string;
}

/** Connects, and sends one message. Throws `Unreachable` when nobody listens. */
export async function probe({ url, timeout, trust, seed }: ConformanceOptions): Promise<Probed> {
  const wire = await dial(url, timeout, trust);
  let head: ReadHead | undefined;
  try {
    const opened = await openToServer(wire, { ask: { check: (answer) => void (head = answer) } }, url, timeout, seed);
    const name = head?.get("Server");
    const known = name === undefined || name.trim() === "" ? {} : { name: excerpt(name.trim(), 60) };
    if (opened.peer === undefined) return { ...known, ...why(url, head, opened.says) };
    const { peer } = opened;
    await peer.send([text(HELLO)]);
    await peer.until(() => peer.heard.length > 0 || peer.over || peer.broken.length > 0, timeout);
    if (peer.broken.length > 0) return { ...known, flaw: `it broke a rule at once: ${peer.broken[0]}` };
    const [first] = peer.heard;
    const said = first === undefined ? undefined : Buffer.from(first.payload).toString();
    if (said === HELLO) return known;
    const what = said !== undefined ? `sent ${excerpt(JSON.stringify(said), 80)}`
      : peer.closed !== undefined ? `closed the connection${peer.closed.code === undefined ? "" : ` with ${peer.closed.code}`}${peer.closed.reason === "" ? "" : ` ${excerpt(JSON.stringify(peer.closed.reason), 80)}`}`
      : peer.over ? "ended TCP" : `sent nothing within ${timeout} ms`;
    return { ...known, trouble: `Cannot test ${url.href}: it took the text message "${HELLO}", and ${what}. The suite needs a server that sends every message back as it came, and nothing else; see "isosocket help conformance"` };
  } catch (error) {
    return why(url, head, (error as Error).message, wire);
  } finally {
    wire.destroy();
  }
}

/** Why there was no WebSocket. What answers 101, in whatever way, is one, which the cases will judge. */
function why(url: URL, head: ReadHead | undefined, says: string, wire?: Wire): Probed {
  const status = head?.start[0];
  if (status === "101") return { flaw: `its opening handshake is wrong: ${says}` };
  const cannot = `Cannot test ${url.href}: `;
  const here = url.pathname === "/" ? "is the path of the URL right?" : "is there a WebSocket at this path?";
  if (head !== undefined && /^HTTP\//.test(head.line)) {
    const said = excerpt(head.line.replace(/^HTTP\/\S+\s*/, ""), 60);
    const points = head.get("Location");
    const hint = /^3/.test(status ?? "") && points !== undefined ? `it points to ${excerpt(points, 200)}: test that`
      : status === "401" || status === "403" ? "it lets nobody in without credentials, or from elsewhere: test one that does"
      : status === "404" ? `it has nothing at ${excerpt(url.pathname, 100)}: ${here}`
      : status === "426" || status === "400" ? "it speaks HTTP, but did not take a plain request for a WebSocket (version 13)"
      : `it speaks HTTP, but is no WebSocket: ${here}`;
    return { trouble: `${cannot}it answered ${said}; ${hint}` };
  }
  const came = wire?.rest.length === 0 || wire === undefined ? undefined : excerpt(JSON.stringify(Buffer.from(wire.rest.subarray(0, 60)).toString("latin1")), 60);
  if (came !== undefined || head !== undefined) return { trouble: `${cannot}what it sent is no HTTP (${came ?? excerpt(JSON.stringify(head?.line), 60)}): it is no WebSocket server` };
  if (/did not finish/.test(says)) return { trouble: `${cannot}it took the connection, but did not answer the request within the time; wait longer with --timeout 30s, or is something else listening there?` };
  return { trouble: `${cannot}it ended the connection without an answer; ${url.protocol === "ws:" ? "perhaps TLS is spoken there: try wss://" : "perhaps it is no WebSocket server"}` };
}

const HELLO = "Hello from the conformance suite";
