/**
 * Servers that are wrong about the opening handshake (RFC 6455, section 4.2).
 * @module
 */
import type { Head } from "../wire/case.ts";
import { acceptKey, plusField, withField } from "../wire/head.ts";
import type { Mutant } from "./mutant.ts";
import { openingServerHttp } from "./opening-server-http.ts";
import { elements, hasToken, isHost } from "./peer/fields.ts";
import { SERVER_RULES } from "./peer/server-rules.ts";
import { opensRight, refusedFor, requestOf, titled } from "./requests.ts";

/** All of them. */
export const openingServer: readonly Mutant[] = [...requestLines(), ...upgrades(), ...keys(), ...versions(), ...hosts(), ...answers(), ...protocols(), ...extensions(), ...behind(), ...openingServerHttp];

function requestLines(): Mutant[] {
  const method = (name: string, says: string, isMethod: (method: string) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "opening-method", role: "server", says, change: { isMethod }, ...(only.length === 0 ? {} : { only: [titled(...only)] }),
  });
  const targets = (name: string, says: string, isTarget: (target: string) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "opening-target", role: "server", says, change: { isTarget }, only: [titled(...only)],
  });
  const words = (name: string, says: string, separator: RegExp, change: (words: string[]) => readonly string[], rule: string, only: string, more: Partial<Mutant> = {}): Mutant => ({
    name, breaks: rule, role: "server", says, only: [titled(only)], ...more,
    change: {
      readLine: (line) => {
        const [first, second, third, ...rest] = change(line.split(separator));
        return third === undefined || rest.length > 0 ? undefined : [first, second, third];
      },
    },
  });
  return [
    method("any-method", "takes any method for GET", () => true),
    method("method-without-case", "compares the method without its case", (name) => name.toUpperCase() === "GET", "has its case"),
    method("method-by-prefix", "looks at the first three letters of the method", (name) => name.startsWith("GET"), "begins with GET"),
    method("head-as-get", "takes HEAD for GET", (name) => name === "GET" || name === "HEAD", "HEAD"),
    {
      name: "any-version-of-http", breaks: "opening-http-version", role: "server", says: "does not look at the version of HTTP", verdict: "non-strict",
      change: { isVersionOfHttp: () => true }, only: [(item) => titled("opens nothing", "HTTP/2.0")(item) && !titled("without a version")(item)],
    },
    {
      name: "http-1.0", breaks: "opening-http-version", role: "server", says: "accepts in HTTP/1.0",
      change: { isVersionOfHttp: (version) => /^HTTP\/1\.[01]$/.test(version) }, only: [titled("HTTP/1.0")],
    },
    {
      name: "answers-version-of-request", breaks: "opening-http-version", role: "server", says: "takes the version of its answer from the request",
      change: {
        isVersionOfHttp: (version) => /^HTTP\/1\.[1-9]$/.test(version),
        shapeAnswer: (answer, request) => ({ ...answer, line: answer.line.replace("HTTP/1.1", request.line.split(" ")[2]) }),
      },
      only: [titled("HTTP/1.2")],
    },
    words("assumes-version", "takes a request line without a version for one of HTTP/1.1", / /, (all) => all.length === 2 ? [...all, "HTTP/1.1"] : all, "opening-http-version", "without a version"),
    words("assumes-target", "takes a request line without a target for one of the root", / /, (all) => all.length === 2 ? [all[0], "/", all[1]] : all, "opening-target", "without a target"),
    words("splits-at-any-blanks", "splits the request line at any number of blanks", / +/, (all) => all, "opening-target", "two blanks", { verdict: "non-strict" }),
    {
      name: "takes-what-is-between", breaks: "opening-target", role: "server", says: "takes all between the first blank and the last for the target", verdict: "non-strict", only: [titled("two blanks", "a blank in it")],
      change: {
        readLine(line) {
          const [, method, target, version] = /^(\S+) (.*) (\S+)$/.exec(line) ?? [];
          return version === undefined ? undefined : [method, target.trim(), version];
        },
        isTarget: (target) => SERVER_RULES.isTarget(target.replaceAll(" ", "")),
      },
    },
    {
      name: "any-target", breaks: "opening-target", role: "server", says: "does not look at the target", verdict: "non-strict",
      change: { isTarget: () => true }, only: [titled("fragment", "target *", "host and port", "without a slash", "scheme ws", "past ASCII")],
    },
    targets("paths-only", "does not know targets that are URIs", (target) => /^\/[!-"$-~]*$/.test(target), "absolute http URI", "scheme of a target"),
    targets("scheme-with-case", "knows the scheme of a target in lower case alone", (target) => /^(?:\/|http:)[!-"$-~]*$/.test(target), "scheme of a target"),
    targets("no-queries", "takes a target with a query for malformed", (target) => /^(?:\/|http:)[!-"$->@-~]*$/i.test(target), "A target may have a query", "A query may"),
    targets("no-signs", "allows fewer signs in a target than there may be", (target) => /^(?:\/|http:)[\w/?&=.+%:*]*$/i.test(target.replace("#", " ")), "every sign"),
    targets("decodes-targets", "takes a target whose bytes are no UTF-8 for malformed", (target) => {
      try {
        return decodeURIComponent(target) !== "" && SERVER_RULES.isTarget(target);
      } catch {
        return false;
      }
    }, "bytes in percent-encoding"),
    {
      name: "stumbles-over-targets", breaks: "opening-target", role: "server", says: "answers 500 to a target that it does not like, among them escapes that are none", verdict: "non-strict",
      change: {
        isTarget: (target) => SERVER_RULES.isTarget(target) && !/%(?![0-9a-f]{2})/i.test(target),
        refuse: (why) => why === "target" ? { status: 500 } : SERVER_RULES.refuse(why),
      },
      only: [titled("percent sign"), refusedFor("target")],
    },
    {
      name: "short-request-lines", breaks: "opening-target", role: "server", says: "reads request lines of 4 KiB at most", verdict: "non-strict",
      change: { maxLine: 4096 }, only: [titled("8,000 bytes")],
    },
    {
      name: "stumbles-over-long-lines", breaks: "opening-target", role: "server", says: "answers 500 to a request line that is too long", verdict: "non-strict",
      change: { refuse: (why) => why === "line" ? { status: 500 } : SERVER_RULES.refuse(why) }, only: [titled("100,000 bytes")],
    },
    {
      name: "stumbles-over-origins", breaks: "opening-origin", role: "server", says: "answers 500 to whoever sends an Origin", verdict: "non-strict",
      change: { shapeAnswer: (answer, request) => request.get("Origin") === undefined ? answer : { line: "HTTP/1.1 500 No", fields: [["Content-Length", "0"]] } },
    },
    {
      name: "origins-without-hosts", breaks: "opening-origin", role: "server", says: "answers 400 to an Origin that is no URL", verdict: "non-strict", only: [titled("hidden")],
      change: { shapeAnswer: (answer, request) => request.get("Origin") === "null" ? { line: "HTTP/1.1 400 No", fields: [["Content-Length", "0"]] } : answer },
    },
  ];
}

function upgrades(): Mutant[] {
  const upgrade = (name: string, says: string, isUpgrade: (values: readonly string[]) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "opening-upgrade", role: "server", says, change: { isUpgrade }, only: [titled(...only)],
  });
  const connection = (name: string, says: string, isConnection: (values: readonly string[]) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "opening-connection", role: "server", says, change: { isConnection }, only: [titled(...only)],
  });
  const upgradeIn = (values: readonly string[]): boolean => hasToken(values, "upgrade");
  return [
    {
      ...upgrade("ignores-upgrade", "does not look at Upgrade", () => true, "opens nothing", "another protocol"),
      alsoCaughtBy: [{ cases: [(item) => refusedFor("upgrade")(item) && item.ask?.opens === "fail"], because: "their Upgrade is missing, or stands where it is none" }],
    },
    { ...upgrade("upgrade-by-substring", "looks for websocket anywhere in Upgrade", (values) => /websocket/i.test(values.join()), "another protocol", "version of its own"), verdict: "non-strict" },
    upgrade("upgrade-with-case", "compares Upgrade with its case", (values) => elements(values).includes("websocket"), "the same protocol"),
    { ...upgrade("upgrade-is-no-list", "takes Upgrade for one value", (values) => values.join(", ").toLowerCase() === "websocket", "may be a list", "stand there twice"), verdict: "non-strict" },
    { ...upgrade("first-upgrade-only", "looks at the first Upgrade alone", (values) => hasToken(values.slice(0, 1), "websocket"), "stand there twice"), verdict: "non-strict" },
    connection("ignores-connection", "does not look at Connection", () => true, "opens nothing", "is another token"),
    connection("connection-by-substring", "looks for upgrade anywhere in Connection", (values) => /upgrade/i.test(values.join()), "is another token"),
    connection("connection-with-case", "compares Connection with its case", (values) => elements(values).includes("Upgrade"), "the same token"),
    connection("connection-is-no-list", "takes Connection for one value", (values) => values.join(", ").toLowerCase() === "upgrade", "names it", "A list needs", "Empty elements", "Blanks and tabs", "Two fields"),
    connection("first-connection-only", "looks at the first Connection alone", (values) => upgradeIn(values.slice(0, 1)), "Two fields"),
    connection("connection-splits-at-blanks", "splits Connection at a comma and a blank", (values) => values.join(", ").toLowerCase().split(", ").includes("upgrade"), "A list needs", "Empty elements", "Blanks and tabs"),
    connection("no-empty-elements", "refuses a Connection with empty elements", (values) => values.every((value) => value.split(",").every((each) => each.trim() !== "")) && upgradeIn(values), "Empty elements"),
  ];
}

function keys(): Mutant[] {
  return [
    {
      name: "needs-no-key", breaks: "opening-key", role: "server", says: "does not look at the key", verdict: "non-strict", change: { isKey: () => true },
      alsoCaughtBy: [{ cases: [(item) => item.rule.name === "refusal" && refusedFor("key")(item)], because: "the request has no key" }],
    },
    {
      name: "key-of-any-length", breaks: "opening-key", role: "server", says: "takes any base64 for a key", verdict: "non-strict",
      change: { isKey: (all) => all.length === 1 && /^[\w+/-]+={0,2}$/.test(all[0]) }, only: [titled("of 15 bytes", "of 17 bytes", "without its padding", "alphabet for URLs")],
    },
    {
      name: "first-key-wins", breaks: "opening-key", role: "server", says: "takes the first of several keys",
      change: { isKey: (all) => SERVER_RULES.isKey(all.slice(0, 1)), accept: (key) => acceptKey(key.split(",")[0]) }, only: [titled("Two keys")],
    },
    {
      name: "one-accept-for-all", breaks: "accept-computed", role: "server", says: "answers every key as if it were the example of the RFC",
      change: { accept: () => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, only: [(item) => opensRight(item)],
    },
    {
      name: "key-from-a-form", breaks: "accept-computed", role: "server", says: "takes the plus signs in a key for blanks",
      change: { accept: (key) => acceptKey(key.replaceAll("+", " ")) }, only: [titled("mostly signs")],
    },
    {
      name: "key-of-zeros-is-none", breaks: "accept-computed", role: "server", says: "takes a key of zeros for none",
      change: { isKey: (all) => SERVER_RULES.isKey(all) && !/^A+==$/.test(all[0]) }, only: [titled("zeros")],
    },
    {
      name: "writes-key-anew", breaks: "accept-computed", role: "server", says: "decodes the key and encodes it anew before it makes the hash",
      change: { isKey: (all) => all.length === 1 && /^[A-Za-z0-9+/]{22}==$/.test(all[0]), accept: (key) => acceptKey(Buffer.from(key, "base64").toString("base64")) },
      only: [titled("other last bits")],
    },
  ];
}

function versions(): Mutant[] {
  const form = (name: string, says: string, isVersion: (versions: readonly string[]) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "opening-version-form", role: "server", says, change: { isVersion }, only: [titled(...only)],
  });
  const known = (name: string, says: string, isVersion: (version: string) => boolean, only: readonly string[], more: Partial<Mutant> = {}): Mutant => ({
    name, breaks: "opening-version", role: "server", says, change: { isVersion: (all) => all.length === 1 && isVersion(all[0]) }, only: [titled(...only)], ...more,
  });
  return [
    {
      name: "any-version", breaks: "opening-version", role: "server", says: "does not look at the version", verdict: "non-strict", change: { isVersion: () => true },
      alsoCaughtBy: [
        { cases: ["opening-version-form"], because: "what is no number is a version, too" },
        { cases: [(item) => item.rule.name === "refusal" && refusedFor("version")(item)], because: "another version is what they should be refused for" },
      ],
    },
    known("later-versions", "takes every version from 13 on", (version) => /^[1-9]\d*$/.test(version) && Number(version) >= 13, ["14", "130", "255"], {
      alsoCaughtBy: [{ cases: [(item) => item.rule.name === "refusal" && refusedFor("version")(item)], because: "they ask for version 14" }],
    }),
    known("serves-drafts", "serves the drafts 7 and 8", (version) => ["7", "8", "13"].includes(version), ["of a draft"], { verdict: "non-strict" }),
    {
      name: "names-no-version", breaks: "opening-version", role: "server", says: "refuses another version without naming its own",
      change: { refuse: (why) => why === "version" ? { status: 400 } : SERVER_RULES.refuse(why) }, only: [titled("and the answer names 13")],
    },
    {
      name: "names-another-version", breaks: "opening-version", role: "server", says: "refuses another version and names that",
      change: { refuse: (why) => why === "version" ? { status: 426, fields: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "8"]] } : SERVER_RULES.refuse(why) }, only: [titled("and the answer names 13")],
    },
    form("version-as-number", "reads the version as a number", (all) => all.length === 1 && Number(all[0]) === 13, "013", "+13", "13.0"),
    form("version-by-parse-int", "reads the version up to what is no digit", (all) => Number.parseInt(all.join(), 10) === 13, "013", "+13", "13.0", "13abc", "13, 8", "13 and 8"),
    form("version-is-a-list", "takes the version for a list", (all) => elements(all).includes("13"), "13, 8", "8, 13", "13 and 8"),
    form("empty-version", "takes an empty version for 13", (all) => all.length === 1 && ["", "13"].includes(all[0]), "empty version"),
  ];
}

function hosts(): Mutant[] {
  const host = (name: string, says: string, change: (hosts: readonly string[]) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "opening-host", role: "server", says, change: { isHost: change }, only: [titled(...only)],
  });
  return [
    { ...host("ignores-host", "does not look at Host", () => true, "without Host", "Two Hosts", "A Host with", "A Host whose", "empty Host"), verdict: "non-strict" },
    { ...host("any-host", "takes anything for a Host", (all) => all.length === 1, "A Host with", "A Host whose", "empty Host"), verdict: "non-strict" },
    host("first-host-wins", "takes the first of several Hosts", (all) => all.length > 0 && isHost(all[0]), "Two Hosts"),
    host("no-host-is-fine", "needs no Host", (all) => all.length === 0 || SERVER_RULES.isHost(all), "without Host"),
    host("host-without-brackets", "does not know addresses of IPv6", (all) => SERVER_RULES.isHost(all) && !all[0].includes("["), "IPv6"),
    host("own-host-only", "answers 400 to a Host that it is not", (all) => SERVER_RULES.isHost(all) && /^(?:localhost|\[)/.test(all[0]), "any name"),
  ];
}

function answers(): Mutant[] {
  const shaped = (name: string, says: string, change: (answer: Head) => Head, only: string, more: Partial<Mutant> = {}): Mutant => ({
    name, breaks: "answer-form", role: "server", says, change: { shapeAnswer: change }, only: [titled(only)], ...more,
  });
  const broken = (name: string, says: string, change: (answer: Head) => Head): Mutant => ({
    name, breaks: "answer-form", role: "server", says, change: { shapeAnswer: change }, alsoCaughtBy: [{ cases: [opensRight], because: "no connection opens" }],
  });
  return [
    broken("no-upgrade", "answers without Upgrade", (answer) => withField(answer, "Upgrade", undefined)),
    broken("upgrade-twice", "answers with Upgrade twice", (answer) => plusField(answer, "Upgrade", "websocket")),
    broken("another-upgrade", "answers that it goes on with another protocol", (answer) => withField(answer, "Upgrade", "h2c")),
    broken("no-connection", "answers without Connection", (answer) => withField(answer, "Connection", undefined)),
    broken("keeps-alive", "answers with Connection: keep-alive", (answer) => withField(answer, "Connection", "keep-alive")),
    broken("no-accept", "answers without Sec-WebSocket-Accept", (answer) => withField(answer, "Sec-WebSocket-Accept", undefined)),
    broken("accept-twice", "answers with Sec-WebSocket-Accept twice", (answer) => plusField(answer, "sec-websocket-accept", answer.fields[2][1])),
    broken("accept-without-padding", "answers with an accept value without its padding", (answer) => withField(answer, "Sec-WebSocket-Accept", answer.fields[2][1].slice(0, -1))),
    broken("accept-in-hexadecimal", "answers with an accept value in hexadecimal", (answer) => withField(answer, "Sec-WebSocket-Accept", Buffer.from(answer.fields[2][1], "base64").toString("hex"))),
    broken("answers-200", "answers 200 in place of 101", (answer) => ({ ...answer, line: "HTTP/1.1 200 OK" })),
    broken("answers-http-1.0", "answers in HTTP/1.0", (answer) => ({ ...answer, line: "HTTP/1.0 101 Switching Protocols" })),
    shaped("answers-length", "answers with Content-Length: 0", (answer) => plusField(answer, "Content-Length", "0"), "Content-Length"),
    shaped("answers-chunked", "answers with Transfer-Encoding: chunked", (answer) => plusField(answer, "Transfer-Encoding", "chunked"), "Transfer-Encoding"),
    shaped("malformed-name", "answers with a field whose name is no token", (answer) => plusField(answer, "X(A)", "1"), "well-formed"),
    shaped("malformed-value", "answers with a field that has a control byte", (answer) => plusField(answer, "X-A", "\x01"), "well-formed"),
    shaped("answers-version", "answers with Sec-WebSocket-Version", (answer) => plusField(answer, "Sec-WebSocket-Version", "13"), "Sec-WebSocket-Version", { verdict: "non-strict" }),
    shaped("upgrades-and-closes", "answers with both Upgrade and close in Connection", (answer) => withField(answer, "Connection", "Upgrade, close"), "close in Connection", { verdict: "non-strict" }),
    shaped("short-status-line", "answers with a status line that has no blank behind the status", (answer) => ({ ...answer, line: "HTTP/1.1 101" }), "status line", { verdict: "non-strict" }),
  ];
}

function protocols(): Mutant[] {
  const choosing = (name: string, says: string, chooseProtocol: (offered: readonly string[]) => string | undefined, ...only: readonly string[]): Mutant => ({
    name, breaks: "answer-protocol", role: "server", says, change: { chooseProtocol }, only: [titled(...only)],
  });
  return [
    { ...choosing("own-protocol", "answers with a subprotocol of its own", () => "chat"), only: [opensRight] },
    choosing("all-protocols", "answers with all the subprotocols that were offered", (offered) => offered.length === 0 ? undefined : offered.join(", "), "Of two", "Two fields", "The list needs"),
    {
      ...choosing("echoes-protocols", "answers with what stands in Sec-WebSocket-Protocol", (offered) => offered.length === 0 ? undefined : offered.join(", "), "Of two", "Two fields", "The list needs", "offered twice", "no token"),
      change: { areProtocols: () => true, chooseProtocol: (offered) => offered.length === 0 ? undefined : offered.join(", ") },
    },
    choosing("protocol-without-case", "answers with a subprotocol in lower case", (offered) => offered[0]?.toLowerCase(), "has its case"),
    {
      ...choosing("empty-protocol", "answers an empty list of subprotocols with an empty one", () => undefined, "empty list"),
      change: { shapeAnswer: (answer, request) => request.get("Sec-WebSocket-Protocol") === "" ? plusField(answer, "Sec-WebSocket-Protocol", "") : answer },
    },
    { ...choosing("needs-known-protocol", "refuses whoever offers no subprotocol that it serves", () => undefined, "hardly knows", "Of two", "Two fields", "written as it was offered", "The list needs"), change: { areProtocols: (values) => elements(values).length === 0 }, verdict: "non-strict" },
  ];
}

function extensions(): Mutant[] {
  const refusing = (name: string, says: string, isRefused: (values: readonly string[]) => boolean, only: string, more: Partial<Mutant> = {}): Mutant => ({
    name, breaks: "answer-extensions", role: "server", says, change: { areExtensions: (values) => SERVER_RULES.areExtensions(values) && !isRefused(values) }, only: [titled(only)], ...more,
  });
  return [
    {
      name: "unasked-extension", breaks: "answer-extensions", role: "server", says: "names an extension where none was offered", only: [titled("where none was offered")],
      change: { shapeAnswer: (answer, request) => request.get("Sec-WebSocket-Extensions") === undefined ? plusField(answer, "Sec-WebSocket-Extensions", "permessage-deflate") : answer },
      alsoCaughtBy: [{ cases: [(item) => opensRight(item) && !/^sec-websocket-extensions:/im.test(requestOf(item))], because: "none of them offers an extension" }],
    },
    {
      name: "agrees-to-any", breaks: "answer-extensions", role: "server", says: "agrees to the first extension that is offered, whatever it is",
      change: {
        shapeAnswer(answer, request) {
          const [name] = elements(request.all("Sec-WebSocket-Extensions")).map((each) => each.split(";")[0].trim());
          return name === undefined || name.startsWith("permessage-") ? answer : plusField(answer, "Sec-WebSocket-Extensions", name);
        },
      },
      only: [titled("unknown extension", "offered twice", "Two fields", "Empty elements", "The list needs", "equals sign")],
    },
    {
      name: "empty-extensions", breaks: "answer-extensions", role: "server", says: "answers an empty list of extensions with an empty one", only: [titled("empty list")],
      change: { shapeAnswer: (answer, request) => request.get("Sec-WebSocket-Extensions") === "" ? plusField(answer, "Sec-WebSocket-Extensions", "") : answer },
    },
    refusing("no-extension-twice", "refuses an unknown extension that is offered twice", (values) => !values.join().includes("permessage-") && new Set(elements(values).map((each) => each.split(";")[0])).size < elements(values).length, "offered twice"),
    refusing("one-field-of-extensions", "refuses two fields Sec-WebSocket-Extensions", (values) => values.length > 1, "Two fields"),
    refusing("no-empty-extensions", "refuses empty elements in the list of extensions", (values) => values.some((value) => value !== "" && value.split(",").some((each) => each.trim() === "")), "Empty elements"),
    refusing("no-quotes", "refuses quoted values", (values) => values.some((value) => value.includes('"')), "with parameters is ignored"),
    refusing("no-blanks-in-lists", "refuses blanks before a semicolon", (values) => values.some((value) => /[ \t];/.test(value)), "around its separators"),
    refusing("no-blanks-at-equals", "refuses blanks around an equals sign", (values) => values.some((value) => /[ \t]=/.test(value)), "around an equals sign", { verdict: "non-strict" }),
    {
      name: "any-extensions", breaks: "extension-form", role: "server", says: "overlooks what is malformed in Sec-WebSocket-Extensions", change: { areExtensions: () => true },
    },
  ];
}

function behind(): Mutant[] {
  return [
    { name: "loses-early-bytes", breaks: "behind-request", role: "server", says: "loses what comes right behind the request", verdict: "non-strict", change: { readEarly: () => new Uint8Array(0) }, only: [(item) => !titled("second request")(item)] },
    {
      name: "answers-second-request", breaks: "behind-request", role: "server", says: "answers a request behind the one that it has accepted", only: [titled("second request")],
      change: {
        readEarly(bytes, say) {
          if (bytes[0] === 0x47) say({ line: "HTTP/1.1 400 No", fields: [["Content-Length", "0"]] });
          return bytes;
        },
      },
    },
    {
      name: "cuts-early-bytes", breaks: "behind-request", role: "server", says: "reads 16 KiB of what comes right behind the request, and loses the rest", only: [titled("70,000 bytes")], verdict: "non-strict",
      change: { readEarly: (bytes) => bytes.subarray(0, 16_384) },
    },
    {
      name: "goes-on-refused", breaks: "refusal", role: "server", says: "answers frames of whom it has refused", change: { opensAnyway: true }, only: [titled("is not echoed")],
    },
    {
      name: "promises-a-body", breaks: "refusal", role: "server", says: "refuses with a Content-Length and sends no body", only: [titled("where it says")],
      change: { shapeRefusal: (answer) => withField(answer, "Content-Length", "12") },
    },
    {
      name: "allows-nothing", breaks: "refusal", role: "server", says: "answers 405 without Allow", only: [titled("405")],
      change: { refuse: (why) => why === "method" ? { status: 405 } : SERVER_RULES.refuse(why) },
    },
    {
      name: "wants-no-protocol", breaks: "refusal", role: "server", says: "answers 426 without Upgrade", only: [titled("426")],
      change: { refuse: (why) => why === "upgrade" ? { status: 426 } : SERVER_RULES.refuse(why) },
    },
  ];
}
