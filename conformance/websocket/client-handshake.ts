/**
 * Vectors for the client's side of the opening handshake (RFC 6455, sections 1.3 and 4.1).
 * @module
 */
import type { UpgradeFailureReason } from "../../core/websocket/client-upgrade.ts";
import { close, text } from "../frames.ts";
import { ANSWER, type ClientOpening, GONE, GOODBYE, type Vector } from "../vector.ts";

const OFFER = { host: "server.example.com", target: "/chat" };
const REQUEST = [
  "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
].join("\n");
const FIELDS: Readonly<Record<string, string>> = {
  "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
};

/** Section 4.1. */
export const clientHandshake: readonly Vector[] = [
  opens("The request is the RFC's example, and its answer is taken", answer(), { offer: OFFER, request: REQUEST }),
  opens("Subprotocols are offered, and the one chosen is in use", answer({ "Sec-WebSocket-Protocol": "superchat" }), {
    offer: { ...OFFER, protocols: ["chat", "superchat"] }, request: `${REQUEST}\nSec-WebSocket-Protocol: chat, superchat`,
  }, "superchat"),
  opens("A server need not choose a subprotocol", answer(), { offer: { ...OFFER, protocols: ["chat"] } }),
  opens("Further fields are sent, and Host may be another", answer(), {
    offer: { ...OFFER, headers: [["host", "other.example.com"], ["Origin", "https://example.com"]] },
    request: `${REQUEST.replace("Host: server", "Host: other")}\nOrigin: https://example.com`,
  }),
  opens("Names and values of the answer are compared without regard to case",
    answer({ Upgrade: undefined, Connection: undefined, upgrade: "WebSocket", CONNECTION: "keep-alive, UPGRADE" })),
  opens("The reason phrase may be anything, or missing", answer({}, "HTTP/1.1 101")),
  opens("An interim answer before the 101 is skipped", `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${answer()}`),
  {
    name: "Frames right behind the answer are heard",
    section: "4.1",
    role: "client",
    opening: { offer: OFFER },
    steps: [{ receive: [answer(), text("early"), close(1000)] }, { end: true }],
    events: [{ opened: "" }, { text: "early" }, GONE],
    output: [ANSWER],
  },
  fails("Another status is a refusal", "refused", "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nStop"),
  fails("Another status with a chunked body is a refusal", "refused", "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nStop\r\n0\r\n\r\n"),
  fails("Another status without a body is a refusal", "refused", "HTTP/1.1 204 No Content\r\n\r\n"),
  fails("A refusal whose body is larger than the limit is cut off", "refused", `HTTP/1.1 404 No\r\nContent-Length: 1000\r\n\r\n${"*".repeat(100)}`, { maxBody: 100 }),
  fails("A redirect is a refusal here", "refused", "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"),
  fails("An answer without Upgrade is not valid", "invalid", answer({ Upgrade: undefined })),
  fails("An answer that upgrades to something else is not valid", "invalid", answer({ Upgrade: "h2c" })),
  fails("An answer without Connection is not valid", "invalid", answer({ Connection: undefined })),
  fails("An answer whose Connection does not name Upgrade is not valid", "invalid", answer({ Connection: "close" })),
  fails("An answer without the hash is not valid", "invalid", answer({ "Sec-WebSocket-Accept": undefined })),
  fails("An answer with another key's hash is not valid", "invalid", answer({ "Sec-WebSocket-Accept": "HSmrc0sMlYUkAGmm5OPpG2HaGWk=" })),
  fails("An answer whose hash differs in case is not valid", "invalid", answer({ "Sec-WebSocket-Accept": "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=" })),
  fails("An answer with two hashes is not valid", "invalid", answer({ "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" })),
  fails("An answer with an extension that was not offered is not valid", "invalid", answer({ "Sec-WebSocket-Extensions": "permessage-deflate" })),
  fails("An answer with a subprotocol where none was offered is not valid", "invalid", answer({ "Sec-WebSocket-Protocol": "chat" })),
  fails("An answer with a subprotocol that was not offered is not valid", "invalid", answer({ "Sec-WebSocket-Protocol": "Chat" }), {}, ["chat"]),
  fails("An answer with two subprotocols is not valid", "invalid", answer({ "Sec-WebSocket-Protocol": "a, b" }), {}, ["a", "b"]),
  fails("An answer that is no HTTP is malformed", "malformed", "SSH-2.0-OpenSSH_9.0\r\n\r\n"),
  fails("An answer whose status is no number is malformed", "malformed", answer({}, "HTTP/1.1 1O1 Switching Protocols")),
  fails("An answer whose lines end with LF alone is malformed", "malformed", answer().replaceAll("\r\n", "\n")),
  fails("An answer whose head is larger than the limit is malformed", "malformed", answer({ "X-Anything": "a".repeat(200) }), { maxHead: 200 }),
  {
    name: "A server that ends before it has answered fails the handshake",
    section: "4.1",
    role: "client",
    opening: { offer: OFFER },
    steps: [{ receive: [answer().slice(0, -2)] }, { outputEnded: false }, { end: true }, { outputEnded: true }],
    events: [{ failed: "ended" }],
    output: [],
  },
  {
    name: "A refusal whose body is cut off by the end is a refusal",
    section: "4.1",
    role: "client",
    opening: { offer: OFFER },
    steps: [{ receive: ["HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nSt"] }, { outputEnded: false }, { end: true }, { outputEnded: true }],
    events: [{ failed: "refused" }],
    output: [],
  },
  {
    name: "A server that does not answer in time fails the handshake",
    section: "4.1",
    role: "client",
    limits: { handshakeTimeout: 1000 },
    opening: { offer: OFFER },
    steps: [{ deadline: 1000 }, { receive: ["HTTP/1.1 101"] }, { deadline: 1000 }, { wait: 1000 }, { outputEnded: true }, { deadline: Number.POSITIVE_INFINITY }],
    events: [{ failed: "timeout" }],
    output: [],
  },
];

function answer(changes: Readonly<Record<string, string | undefined>> = {}, line = "HTTP/1.1 101 Switching Protocols"): string {
  const fields = Object.entries({ ...FIELDS, ...changes }).filter(([, value]) => value !== undefined);
  return `${line}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

function opens(name: string, received: string, opening: ClientOpening = { offer: OFFER }, protocol = ""): Vector {
  return {
    name, section: "4.1", role: "client", opening,
    steps: [{ receive: [received] }, { outputEnded: false }, ...GOODBYE],
    events: [{ opened: protocol }, GONE],
    output: [ANSWER],
  };
}

function fails(
  name: string,
  reason: UpgradeFailureReason,
  received: string,
  limits: NonNullable<Vector["limits"]> = {},
  protocols: readonly string[] = [],
): Vector {
  return {
    name, section: "4.1", role: "client", limits,
    opening: { offer: { ...OFFER, protocols } },
    steps: [{ receive: [received] }, { outputEnded: true }, { deadline: Number.POSITIVE_INFINITY }, { receive: [text("never")] }, { end: true }],
    events: [{ failed: reason }],
    output: [],
  };
}
