/**
 * How requests to a server are made from the usual one, and what may become of them.
 * @module
 */
import type { Ask, Draft, Finding, Head, ReadHead, Rule } from "../case.ts";
import { wrong } from "../case.ts";
import { plusField, withField, writeHead } from "../head.ts";

/** Statuses that say of a request that it is none for a WebSocket, or for nothing that is served. */
export const UNFIT: readonly number[] = [400, 404, 405, 426, 501];

/** Makes a request from the usual one. */
export type Request = NonNullable<Ask["request"]>;

/** The usual request with a field of another value, or without it. */
export function field(name: string, value: string | undefined): Request {
  return (usual) => withField(usual, name, value);
}

/** The usual request with further fields behind the others. */
export function plus(...fields: readonly (readonly [name: string, value: string])[]): Request {
  return (usual) => fields.reduce((head, [name, value]) => plusField(head, name, value), usual);
}

/** The usual request with another method, target or version. */
export function line({ method, target, version }: { readonly method?: string; readonly target?: string; readonly version?: string }): Request {
  return (usual) => {
    const [first, second, third] = usual.line.split(" ");
    return { ...usual, line: `${method ?? first} ${target ?? second} ${version ?? third}` };
  };
}

/** The usual request's path with something behind it. */
export function target(change: (path: string, head: Head) => string): Request {
  return (usual) => line({ target: change(usual.line.split(" ")[1], usual) })(usual);
}

/** The usual request with lines in place of a field, as they are: they need not be fields. */
export function inPlaceOf(name: string, ...lines: readonly string[]): Request {
  return raw((text) => text.replace(new RegExp(`^${name}:.*\r\n`, "im"), () => lines.map((each) => `${each}\r\n`).join("")));
}

/** The usual request with lines before its last field, as they are. */
export function lines(...added: readonly string[]): Request {
  return inPlaceOf("Sec-WebSocket-Version", ...added, "Sec-WebSocket-Version: 13");
}

/** The usual request, its text changed. */
export function raw(change: (text: string) => string): Request {
  return (usual) => change(writeHead(usual));
}

/** What may be said of a request beside the rule, the title and how it is made. */
export type AskParts = Omit<Ask, "request"> & Pick<Draft, "send" | "expect" | "end" | "lenient" | "accepts">;

/** The connection must open, and work. */
export function opens(rule: Rule, title: string, request?: Request, parts: AskParts = {}): Draft {
  const { send, expect, end, lenient, accepts, ...ask } = parts;
  const words = accepts ?? (ask.refuses === undefined && expect === undefined ? OPENS : undefined);
  return {
    rule, title, only: "server", ask: { ...ask, ...(request === undefined ? {} : { request }) },
    ...(send === undefined ? {} : { send }), ...(expect === undefined ? {} : { expect }), ...(end === undefined ? {} : { end }),
    ...(lenient === undefined ? {} : { lenient }), ...(words === undefined ? {} : { accepts: words }),
  };
}

const OPENS = { pass: "It opens the connection, which then works", fail: "It refuses the connection, or the connection does not work" };

/** It must be refused. */
export function refused(rule: Rule, title: string, request: Request, parts: AskParts = {}): Draft {
  return opens(rule, title, request, { opens: "fail", refuses: "pass", ...parts });
}

/** It should be refused, but may be overlooked. */
export function doubtful(rule: Rule, title: string, request: Request, parts: AskParts = {}): Draft {
  return refused(rule, title, request, { opens: "non-strict", ...parts });
}

/** No Upgrade stands there but in a place where it is none: whoever opens the connection was misled. */
export function hidden(rule: Rule, title: string, ...added: readonly string[]): Draft {
  return refused(rule, title, inPlaceOf("Upgrade", ...added), { statuses: UNFIT, plain: "pass" });
}

/** It may be refused or not, but is answered, and what is opened works. */
export function either(rule: Rule, title: string, request?: Request, parts: AskParts = {}): Draft {
  return opens(rule, title, request, { refuses: "pass", ...parts });
}

/** It must open where that resource is served; one that is not served is refused as such, and not as malformed. */
export function served(rule: Rule, title: string, request: Request, parts: AskParts = {}): Draft {
  return opens(rule, title, request, {
    refuses: "unimplemented", check: isNotMalformed,
    accepts: { pass: OPENS.pass, fail: "It answers as to a malformed request, or not at all; a status for what is not served (403, 404, 410, 414, 421) is no failure" },
    ...parts,
  });
}

function isNotMalformed({ line: said, start: [status] }: ReadHead): Finding | undefined {
  return ["101", "403", "404", "410", "414", "421"].includes(status) ? undefined : wrong(`it answered ${said} to a request that is well-formed`);
}
