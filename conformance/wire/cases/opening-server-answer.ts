/**
 * The opening handshake as a server must answer it, and what surrounds it (RFC 6455, section 4.2.2).
 * @module
 */
import { close, encodeFrame, ping, pong, text } from "../../frames.ts";
import { type Draft, type Finding, lax, type ReadHead, type Rule, wrong } from "../case.ts";
import { doubtful, either, field, line, opens, plus, refused } from "./asks.ts";
import { HELLO } from "./ways.ts";

const ACCEPT: Rule = { name: "accept-computed", section: "4.2.2", says: "Sec-WebSocket-Accept is the hash of the key as it came, and of the fixed text behind it" };
const ANSWER: Rule = { name: "answer-form", section: "4.2.2", says: 'A server accepts with status 101, one Upgrade of "websocket", "Upgrade" in Connection, one Sec-WebSocket-Accept, and no body' };
const PROTOCOL: Rule = { name: "answer-protocol", section: "4.2.2", says: "A server chooses one of the subprotocols that the client offered, or none" };
const EXTENSIONS: Rule = { name: "answer-extensions", section: "4.2.2", says: "A server names no extension that the client did not offer, and ignores those it does not know" };
const EXTENSION_FORM: Rule = { name: "extension-form", section: "4.2.2", says: "A value of Sec-WebSocket-Extensions that breaks the grammar fails the connection (section 9.1)" };
const BEHIND: Rule = { name: "behind-request", section: "4.2.2", says: "A client waits for the answer; what comes right behind its request is read once it is accepted, or the request is refused" };
const REFUSAL: Rule = { name: "refusal", section: "4.2.2", says: "A refused request is answered with an HTTP status that says so, and what follows is not taken for frames" };

/** Section 4.2.2. */
export const openingServerAnswer: readonly Draft[] = [...accepts(), ...forms(), ...protocols(), ...extensions(), ...behind(), ...refusals()];

function accepts(): Draft[] {
  const by = (title: string, key: string): Draft => opens(ACCEPT, title, field("Sec-WebSocket-Key", key));
  return [
    by("A key of zeros", "AAAAAAAAAAAAAAAAAAAAAA=="),
    by("A key whose base64 is mostly signs", "+/+/+/+/+/+/+/+/+/+/+w=="),
    by("A key with blanks and tabs around it counts without them", " \tAAECAwQFBgcICQoLDA0ODw== \t"),
    either(ACCEPT, "A key with other last bits than a coder sets counts as it came, or is refused", field("Sec-WebSocket-Key", "AAECAwQFBgcICQoLDA0OD/=="), { statuses: [400] }),
  ];
}

/** Each looks at the answer to the usual request, but for what the tester looks at in every case. */
function forms(): Draft[] {
  const has = (title: string, look: (answer: ReadHead) => Finding | undefined): Draft => opens(ANSWER, title, undefined, { check: (answer) => answer.start[0] === "101" ? look(answer) : undefined });
  const once = (name: string): Draft => has(`${name} stands in the answer once`, ({ all }) => all(name).length === 1 ? undefined : wrong(`${name} stands ${all(name).length} times in the answer`));
  const without = (name: string): Draft => has(`The answer has no ${name}: a 101 has no body`, ({ get }) => get(name) === undefined ? undefined : wrong(`its answer has ${name}: ${get(name)}`));
  return [
    has("The status line is HTTP/1.1, 101, and a reason or none", ({ line: said }) => /^HTTP\/1\.1 101 [\t\x20-\x7e\x80-\xff]*$/.test(said) ? undefined : lax(`its status line is ${JSON.stringify(said)}`)),
    once("Upgrade"),
    once("Sec-WebSocket-Accept"),
    without("Content-Length"),
    without("Transfer-Encoding"),
    has("The names and values of the answer's fields are well-formed", ({ fields }) => {
      const bad = fields.find(([name, value]) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value));
      return bad === undefined ? undefined : wrong(`its field ${JSON.stringify(bad.join(": "))} is malformed`);
    }),
    has("The answer has no Sec-WebSocket-Version: that is for refusals", ({ get }) => get("Sec-WebSocket-Version") === undefined ? undefined : lax("its answer has Sec-WebSocket-Version")),
    has("The answer does not name both Upgrade and close in Connection", ({ get }) => /\bclose\b/i.test(get("Connection") ?? "") ? lax(`its Connection is ${get("Connection")}`) : undefined),
  ];
}

function protocols(): Draft[] {
  const among = (...offered: readonly string[]) => ({ start: [status], all }: ReadHead): Finding | undefined => {
    const chosen = all("Sec-WebSocket-Protocol");
    if (status !== "101" || chosen.length === 0) return undefined;
    return chosen.length === 1 && offered.includes(chosen[0]) ? undefined : wrong(`it chose the subprotocol ${JSON.stringify(chosen.join(", "))}`);
  };
  const offer = (title: string, offered: readonly string[], value: string = offered.join(", ")): Draft =>
    opens(PROTOCOL, title, plus(["Sec-WebSocket-Protocol", value]), { refuses: "non-strict", check: among(...offered) });
  return [
    opens(PROTOCOL, "No subprotocol is chosen where none was offered", undefined, { check: among() }),
    offer("One subprotocol is offered, which the server hardly knows", ["soap.example"]),
    offer("Of two subprotocols at most one is chosen", ["chat.example", "superchat.example"]),
    opens(PROTOCOL, "Two fields Sec-WebSocket-Protocol are one list", plus(["Sec-WebSocket-Protocol", "chat.example"], ["Sec-WebSocket-Protocol", "superchat.example"]), { refuses: "non-strict", check: among("chat.example", "superchat.example") }),
    offer("A subprotocol has its case: what is chosen is written as it was offered", ["Chat.EXAMPLE"]),
    offer("The list needs no blanks, and empty elements are skipped", ["a.example", "b.example"], ",a.example,, b.example,"),
    either(PROTOCOL, "A subprotocol that is offered twice is refused, or chosen once", plus(["Sec-WebSocket-Protocol", "a.example, a.example"]), { statuses: [400], check: among("a.example") }),
    either(PROTOCOL, "An empty list is refused, or nothing chosen from it", plus(["Sec-WebSocket-Protocol", ""]), { statuses: [400], check: among() }),
    doubtful(PROTOCOL, "A subprotocol that is no token is refused, and never chosen", plus(["Sec-WebSocket-Protocol", "a b"]), { statuses: [400], check: among() }),
  ];
}

function extensions(): Draft[] {
  const none = ({ start: [status], get }: ReadHead): Finding | undefined => {
    const said = get("Sec-WebSocket-Extensions");
    return status === "101" && said !== undefined ? wrong(`it answered with the extension ${JSON.stringify(said)}`) : undefined;
  };
  const ignored = (title: string, ...values: readonly string[]): Draft =>
    opens(EXTENSIONS, title, plus(...values.map((value) => ["Sec-WebSocket-Extensions", value] as const)), { check: none });
  const bad = (title: string, value: string): Draft => refused(EXTENSION_FORM, title, plus(["Sec-WebSocket-Extensions", value]), { statuses: [400], check: none });
  return [
    opens(EXTENSIONS, "No extension is named where none was offered", undefined, { check: none }),
    ignored("An unknown extension is ignored", "x-unknown"),
    ignored("An unknown extension with parameters is ignored", 'x-unknown; flag; number=1; quoted="token"; escaped="to\\ken"'),
    ignored("The same extension is offered twice, with other parameters", "x-unknown; a=1, x-unknown"),
    ignored("Two fields Sec-WebSocket-Extensions are one list", "x-unknown", "x-other; a"),
    ignored("Empty elements of the list are skipped", ", ,x-unknown,"),
    ignored("The list needs no blanks, and has some around its separators", "x-a;b=1,x-c \t;\td=2"),
    opens(EXTENSIONS, "There may be blanks around an equals sign", plus(["Sec-WebSocket-Extensions", "x-unknown; a = 1"]), { refuses: "non-strict", check: none }),
    either(EXTENSIONS, "An empty list is refused, or nothing chosen from it", plus(["Sec-WebSocket-Extensions", ""]), { statuses: [400], check: none }),
    bad("A semicolon without a parameter is refused", "x-unknown;"),
    bad("A parameter without an extension is refused", "; a=1"),
    bad("A parameter with an equals sign and no value is refused", "x-unknown; a="),
    bad("Two words without a separator are refused", "x-unknown y"),
    bad("A quoted value that is not closed is refused", 'x-unknown; a="b'),
    bad("A quoted value that is no token is refused", 'x-unknown; a="b c"'),
  ];
}

function behind(): Draft[] {
  const half = encodeFrame(text(HELLO), 0x1f2e_3d4c);
  const long = text("*".repeat(70_000));
  const accepts = {
    pass: "What came early is answered as if it had come later, or the request is refused",
    nonStrict: "The connection opens, and what came early is lost",
    fail: "What came early is read in part, or wrongly, or the connection does not work",
  };
  const early = { refuses: "pass", lenient: true, accepts } as const;
  return [
    opens(BEHIND, "A message in the same write as the request is echoed", undefined, { ...early, behind: [text(HELLO)], expect: [text(HELLO)] }),
    opens(BEHIND, "A message, a ping and a message in the same write as the request are answered", undefined, { ...early, behind: [text("a"), ping("b"), text("c")], expect: [text("a"), pong("b"), text("c")] }),
    opens(BEHIND, "A message of 70,000 bytes right behind the request is echoed", undefined, { ...early, behind: [long], expect: [long] }),
    opens(BEHIND, "Half of a frame comes with the request, and half of it later", undefined, {
      refuses: "pass", behind: [half.slice(0, 7)], send: [{ bytes: half.slice(7) }], expect: [text(HELLO)], end: "either", accepts,
    }),
    opens(BEHIND, "A close frame in the same write as the request is answered", undefined, { refuses: "pass", behind: [close(1000)], accepts: { pass: "The close frame is answered, and TCP ends, or the request is refused", fail: "The close frame is not answered" } }),
    opens(BEHIND, "A second request behind the first is not answered as HTTP once the first is accepted", undefined, {
      refuses: "pass", behind: [new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${"*".repeat(100)}\r\n\r\n`)], end: "either",
      accepts: { pass: "The connection is failed, as those are no frames, or what came early is lost, or the first request is refused", fail: "The second request is answered, or the connection does not end" },
    }),
    opens(BEHIND, "The request comes byte by byte, and a message with its last one", undefined, { ...early, chop: 1, behind: [text(HELLO)], expect: [text(HELLO)] }),
  ];
}

function refusals(): Draft[] {
  const names = (status: string, name: string, says: string) => ({ start, get }: ReadHead): Finding | undefined =>
    start[0] === status && get(name) === undefined ? wrong(`it answered ${status} without ${name}, which says ${says}`) : undefined;
  return [
    refused(REFUSAL, "A message behind a request without a key is not echoed", field("Sec-WebSocket-Key", undefined), { behind: [text(HELLO)] }),
    refused(REFUSAL, "A message behind a request of another version is not echoed", field("Sec-WebSocket-Version", "14"), { behind: [text(HELLO)] }),
    refused(REFUSAL, "A message behind a request without Upgrade is not echoed", field("Upgrade", undefined), { behind: [text(HELLO)], plain: "pass" }),
    refused(REFUSAL, "A refusal for want of Upgrade ends where it says, or with TCP", field("Upgrade", undefined), { whole: true, plain: "pass" }),
    refused(REFUSAL, "A refusal for want of a key ends where it says, or with TCP", field("Sec-WebSocket-Key", undefined), { whole: true }),
    refused(REFUSAL, "An answer 405 says which methods there are (RFC 9110, section 15.5.6)", line({ method: "DELETE" }), { opens: "unimplemented", check: names("405", "Allow", "what is allowed"), plain: "pass" }),
    refused(REFUSAL, "An answer 426 says to which protocol (RFC 9110, section 15.5.22)", field("Upgrade", "h2c"), { opens: "unimplemented", check: names("426", "Upgrade", "which protocol is wanted"), plain: "pass" }),
  ];
}
