/**
 * WebSockets through TLS (RFC 6455, sections 4.1, 7.1.1 and 10.6; RFC 8446; RFC 7301): only asked of servers with a `wss:` URL, and of clients that come through TLS.
 * @module
 */
import { binary, close, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { HELLO } from "./ways.ts";

const RECORDS: Rule = { name: "tls-records", section: "10.6", says: "Bytes mean the same in whatever TLS records they come" };
const VERSIONS: Rule = { name: "tls-versions", section: "10.6", says: "TLS 1.2 or 1.3 is spoken, and nothing older (RFC 8996)" };
const NAMES: Rule = { name: "tls-names", section: "10.6", says: "What a client says about the server's name and about protocols does not break the connection" };
const ONLY_TLS: Rule = { name: "only-tls", section: "10.6", says: "Where TLS is expected, nothing is spoken without it" };

/** More than a TLS record holds. */
const LARGE = new Uint8Array(100_000).map((_, at) => at);

/** Section 10.6. */
export const tls: readonly Draft[] = [...records(), ...versions(), ...names()].map((draft) => ({ ...draft, over: "tls" }));

function records(): Draft[] {
  return [
    { rule: RECORDS, title: "A message through TLS is echoed", send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)] },
    { rule: RECORDS, title: "A request with a TLS record for each byte is accepted", only: "server", ask: { chop: 1 }, send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)] },
    { rule: RECORDS, title: "An answer with a TLS record for each byte is taken", only: "client", answer: { chop: 1 }, send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)] },
    { rule: RECORDS, title: "A message with a TLS record for each byte is echoed", send: [{ frames: [text(HELLO.repeat(10))], chop: 1 }], expect: [text(HELLO.repeat(10))] },
    { rule: RECORDS, title: "A message of several TLS records is echoed", send: [{ frames: [binary(LARGE)] }], expect: [binary(LARGE)] },
    { rule: RECORDS, title: "A frame behind the request, in the same TLS record, is acted on", only: "server", ask: { behind: [text("early", { masked: true })] }, expect: [text("early")] },
    { rule: RECORDS, title: "A close frame behind which TLS ends is answered", send: [{ frames: [close(1000)] }, { tcp: "end" }] },
    { rule: RECORDS, title: "A frame behind the answer, in the same TLS record, is acted on", only: "client", answer: { behind: [text("early")] }, expect: [text("early")] },
  ];
}

function versions(): Draft[] {
  const spoken = (version: "TLSv1.2" | "TLSv1.3"): Draft => ({
    rule: VERSIONS, title: `A connection by ${version.replace("v", " ")} alone works`, only: "server", dial: { version },
    ask: { refuses: "non-strict", drops: "non-strict" },
    send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)],
  });
  const refused = (version: "TLSv1" | "TLSv1.1"): Draft => ({
    rule: VERSIONS, title: `A connection by ${version === "TLSv1" ? "TLS 1.0" : "TLS 1.1"} is refused`, only: "server", dial: { version }, ask: { opens: "non-strict", refuses: "pass", drops: "pass" },
    accepts: { pass: "The TLS handshake fails", nonStrict: "The connection works", fail: "It opens, and does not work" },
  });
  return [spoken("TLSv1.2"), spoken("TLSv1.3"), refused("TLSv1"), refused("TLSv1.1")];
}

function names(): Draft[] {
  const echoed = { only: "server", send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)] } as const;
  return [
    { rule: NAMES, title: "A client that says no server name is served, or told in the TLS handshake that it is not", ...echoed, dial: { servername: "" }, ask: { refuses: "pass", drops: "pass" } },
    { rule: NAMES, title: "A client that speaks of no application protocols is served", ...echoed, dial: { alpn: [] } },
    { rule: NAMES, title: "A client that goes on with an earlier TLS session is served", ...echoed, dial: { resumed: true } },
    {
      rule: ONLY_TLS, title: "A request without TLS gets no 101", only: "server", dial: { plain: true }, ask: { opens: "fail", refuses: "pass", drops: "pass" },
      accepts: { pass: "It is answered with an HTTP error, a TLS alert or not at all, and TCP ends", fail: "The connection is accepted, or TCP stays open" },
    },
  ];
}
