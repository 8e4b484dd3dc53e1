import { describe, expect, test } from "vitest";
import { Fields } from "../http/field.ts";
import type { ResponseHead } from "../http/head.ts";
import { ACCEPT, change, KEY, type Pairs } from "../testing/handshake.ts";
import { checkUpgrade, type Offer, type Unacceptable } from "./handshake.ts";

describe("checkUpgrade", () => {
  const offer: Pick<Offer, "key" | "protocols"> = { key: KEY, protocols: ["chat", "superchat"] };

  function sampleResponse(changes: Record<string, string | undefined> = {}, added: Pairs = [], line: Partial<ResponseHead> = {}): ResponseHead {
    const sample: Pairs = [["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", ACCEPT], ["Sec-WebSocket-Protocol", "chat"]];
    return { status: 101, reason: "Switching Protocols", fields: new Fields([...change(sample, changes), ...added]), ...line };
  }
  function message(response: ResponseHead, from = offer): string {
    const verdict = checkUpgrade(response, from);
    return verdict.accepted ? "accepted" : verdict.message;
  }

  test("accepts the answer of section 1.3", () => {
    const response = sampleResponse();
    expect(checkUpgrade(response, offer)).toEqual({ accepted: true, protocol: "chat", response });
    expect(checkUpgrade(sampleResponse({ "Sec-WebSocket-Protocol": undefined }), offer)).toMatchObject({ accepted: true, protocol: "" });
  });

  test("takes fields with bytes past ASCII (CVE-2026-55517)", () => {
    expect(message(sampleResponse({}, [["Server", "\x80\xff"]]))).toBe("accepted");
  });

  test("gives the answer it cannot take with what is wrong", () => {
    const response = sampleResponse({}, [], { status: 404, reason: "Not Found" });
    expect(checkUpgrade(response, offer) as Unacceptable).toEqual({ accepted: false, response, message: "The server answered 404 Not Found" });
    expect(message(sampleResponse({}, [], { status: 302, reason: "" }))).toBe("The server answered 302");
    expect(message(sampleResponse({}, [], { status: 200, reason: "OK" }))).toBe("The server answered 200 OK");
  });

  test("wants Upgrade to be websocket alone, in any case (section 4.1, point 2)", () => {
    for (const value of ["WebSocket", "WEBSOCKET"]) expect(message(sampleResponse({ Upgrade: value }))).toBe("accepted");
    for (const value of [undefined, "", "h2c", "websocket, h2c", "websocket/13"]) expect([value, message(sampleResponse({ Upgrade: value }))]).toEqual([value, `Upgrade is not "websocket" in the answer`]);
    expect(message(sampleResponse({}, [["Upgrade", "websocket"]]))).toBe(`Upgrade is not "websocket" in the answer`);
  });

  test("wants Connection to name Upgrade (section 4.1, point 3)", () => {
    for (const value of ["upgrade", "keep-alive, UPGRADE"]) expect(message(sampleResponse({ Connection: value }))).toBe("accepted");
    for (const value of [undefined, "", "close", "upgrade; x"]) expect([value, message(sampleResponse({ Connection: value }))]).toEqual([value, `Connection does not name "Upgrade" in the answer`]);
  });

  test("wants the hash of its own key, exactly and once (section 4.1, point 4)", () => {
    const fault = "Sec-WebSocket-Accept does not match the key that was sent";
    for (const value of [undefined, "", KEY, ACCEPT.toLowerCase(), ACCEPT.slice(0, -1), `"${ACCEPT}"`]) expect([value, message(sampleResponse({ "Sec-WebSocket-Accept": value }))]).toEqual([value, fault]);
    expect(message(sampleResponse({}, [["Sec-WebSocket-Accept", ACCEPT]]))).toBe(fault);
    expect(message(sampleResponse(), { ...offer, key: "AAAAAAAAAAAAAAAAAAAAAA==" })).toBe(fault);
  });

  test("takes no extension, as none was offered (section 4.1, point 5; CVE-2026-2229)", () => {
    for (const value of ["permessage-deflate", "constructor", "__proto__", "a; server_max_window_bits=1000"]) {
      expect([value, message(sampleResponse({}, [["Sec-WebSocket-Extensions", value]]))]).toEqual([value, "The server chose an extension that was not offered"]);
    }
    for (const value of ["a b", ";", ""]) {
      expect([value, message(sampleResponse({}, [["Sec-WebSocket-Extensions", value]]))])
        .toEqual([value, "Sec-WebSocket-Extensions in the answer is not a list of extensions"]);
    }
  });

  test("takes no subprotocol that was not offered, and not two (section 4.1, point 6)", () => {
    for (const value of ["", "Chat", "other", "chat, superchat", "__proto__", "constructor"]) {
      expect([value, message(sampleResponse({ "Sec-WebSocket-Protocol": value }))]).toEqual([value, `The server chose a subprotocol that was not offered: "${value}"`]);
    }
    expect(message(sampleResponse({ "Sec-WebSocket-Protocol": "superchat" }))).toBe("accepted");
    expect(message(sampleResponse({}, [["Sec-WebSocket-Protocol", "superchat"]]))).toBe(`The server chose a subprotocol that was not offered: "chat, superchat"`);
    expect(message(sampleResponse({}, [["Sec-WebSocket-Protocol", "chat"]]))).toBe(`The server chose a subprotocol that was not offered: "chat, chat"`);
    expect(message(sampleResponse(), { key: KEY, protocols: [] })).toBe(`The server chose a subprotocol that was not offered: "chat"`);
  });

  test("looks at status, Upgrade, Connection, accept value, extensions and subprotocol in this order", () => {
    const changes: Record<string, string | undefined> = { Upgrade: "", Connection: "", "Sec-WebSocket-Accept": "", "Sec-WebSocket-Protocol": "x" };
    const messages = [message(sampleResponse(changes, [], { status: 400, reason: "" }))];
    for (const name of ["", "Upgrade", "Connection", "Sec-WebSocket-Accept"]) {
      delete changes[name];
      messages.push(message(sampleResponse(changes, [["Sec-WebSocket-Extensions", "a"]])));
    }
    messages.push(message(sampleResponse(changes)));
    expect(messages.map((text) => text.split(" ").slice(0, 4).join(" "))).toEqual([
      "The server answered 400", `Upgrade is not "websocket"`, `Connection does not name`, "Sec-WebSocket-Accept does not match", "The server chose an", "The server chose a",
    ]);
  });
});
