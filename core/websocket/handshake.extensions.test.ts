import { describe, expect, test } from "vitest";
import { RandomPool } from "../bytes/random-pool.ts";
import { Fields } from "../http/field.ts";
import { zlibOneShot } from "../testing/codec.ts";
import { ACCEPT, KEY, type Pairs, PROTOTYPE_NAMES, sampleRequest } from "../testing/handshake.ts";
import type { Extension } from "./extension.ts";
import { type Accepted, acceptUpgrade, checkUpgrade, offerUpgrade } from "./handshake.ts";
import { type DeflateOptions, PermessageDeflate } from "./permessage-deflate.ts";

const FIELD = "Sec-WebSocket-Extensions";
const deflate = (options?: DeflateOptions): PermessageDeflate => new PermessageDeflate(options, zlibOneShot);

/** An extension of another name that takes any offer of it. */
function other(name: string): Extension {
  const chosen = { name, parameters: [] };
  const agreement = { chosen, start: () => { throw new Error("Nothing is started here"); } };
  return { name, offers: () => [chosen], accept: () => agreement, check: () => agreement };
}

describe("the offer (9.1)", () => {
  const offered = (extensions?: readonly Extension[]): string | undefined =>
    offerUpgrade({ host: "a", target: "/", ...(extensions && { extensions }) }, new RandomPool((target) => target.fill(1))).request.fields.get(FIELD);

  test("names no extension when there is none", () => {
    expect([offered(), offered([]), offered([{ ...other("a"), offers: () => [] }])]).toEqual([undefined, undefined, undefined]);
  });

  test("names all of them in order, in one field behind the subprotocols", () => {
    expect(offered([deflate()])).toBe("permessage-deflate; client_max_window_bits");
    const extensions = [deflate({ serverNoContextTakeover: true, clientMaxWindowBits: 10 }), other("x"), deflate()];
    const offer = offerUpgrade({ host: "a", target: "/", protocols: ["p"], extensions, headers: [["X", "y"]] }, new RandomPool((target) => target.fill(1)));
    expect([...offer.request.fields].slice(5)).toEqual([
      ["Sec-WebSocket-Protocol", "p"],
      [FIELD, "permessage-deflate; server_no_context_takeover; client_max_window_bits=10, x, permessage-deflate; client_max_window_bits"],
      ["X", "y"],
    ]);
    expect(offer.extensions).toEqual(extensions);
  });
});

describe("the answer (4.2.2)", () => {
  const answer = (values: readonly string[], extensions?: readonly Extension[]): Accepted =>
    acceptUpgrade(sampleRequest({}, values.map((value) => [FIELD, value] as const)), extensions && { extensions }) as Accepted;

  test("names the extension it takes, behind the subprotocol, and gives the agreement", () => {
    const request = sampleRequest({}, [[FIELD, "permessage-deflate; client_max_window_bits"]]);
    const accepted = acceptUpgrade(request, { protocols: ["chat"], extensions: [deflate()], headers: [["X", "y"]] }) as Accepted;
    expect([...accepted.response.fields].slice(3)).toEqual([
      ["Sec-WebSocket-Protocol", "chat"], [FIELD, "permessage-deflate; client_max_window_bits=12"], ["X", "y"],
    ]);
    expect(accepted.extension?.chosen.name).toBe("permessage-deflate");
  });

  test("names none when none is served, offered or fits", () => {
    for (const accepted of [
      answer(["permessage-deflate"]), answer(["permessage-deflate"], []), answer([], [deflate()]), answer(["permessage-deflate; server_max_window_bits=8"], [deflate()]),
      answer(["x-webkit-deflate-frame", ...PROTOTYPE_NAMES], [deflate()]),
    ]) {
      expect([accepted.extension, accepted.response.fields.has(FIELD)]).toEqual([undefined, false]);
    }
  });

  test("takes the client's first offer that fits, over fields and lists", () => {
    const values = ["permessage-deflate; server_max_window_bits=8, permessage-deflate; x", "permessage-deflate; server_max_window_bits=10, permessage-deflate"];
    expect(answer(values, [other("b"), deflate()]).response.fields.all(FIELD)).toEqual(["permessage-deflate; server_max_window_bits=10"]);
    expect(answer(["a", "b", "permessage-deflate"], [deflate(), other("b")]).response.fields.all(FIELD)).toEqual(["b"]);
  });

  test("is a refusal for a field that is no list, whatever is served", () => {
    for (const extensions of [[], [deflate()]]) {
      expect(acceptUpgrade(sampleRequest({}, [[FIELD, "permessage-deflate;"]]), { extensions })).toMatchObject({
        accepted: false, response: { status: 400 }, body: "Sec-WebSocket-Extensions is not a list of extensions",
      });
    }
  });

  test("may not name extensions by a header", () => {
    expect(() => acceptUpgrade(sampleRequest(), { headers: [[FIELD, "permessage-deflate"]] })).toThrow(TypeError);
  });
});

describe("the client's judgement (4.1)", () => {
  const judge = (values: readonly string[], extensions?: readonly Extension[]): unknown => {
    const pairs: Pairs = [["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", ACCEPT], ...values.map((value) => [FIELD, value] as const)];
    const verdict = checkUpgrade({ status: 101, reason: "", fields: new Fields(pairs) }, { key: KEY, protocols: [], ...(extensions && { extensions }) });
    return verdict.accepted ? verdict.extension?.chosen : verdict.message;
  };

  test("agrees on what the server chose, or on none", () => {
    expect(judge(["permessage-deflate; client_max_window_bits=9"], [deflate()])).toEqual({ name: "permessage-deflate", parameters: [["client_max_window_bits", "9"]] });
    expect(judge([], [deflate()])).toBeUndefined();
    expect(judge(["x"], [deflate(), other("x")])).toEqual({ name: "x", parameters: [] });
  });

  test("fails what breaks the rules, was not offered or stands there twice (CVE-2026-2229)", () => {
    expect(judge(["permessage-deflate; server_max_window_bits=1000"], [deflate()]))
      .toBe(`The server's choice breaks the rules of permessage-deflate: "permessage-deflate; server_max_window_bits=1000"`);
    const notOffered = "The server chose an extension that was not offered";
    for (const values of [["x"], ["permessage-deflate, x"], ["permessage-deflate", "permessage-deflate"]]) expect(judge(values, [deflate()])).toBe(notOffered);
    expect(judge(["permessage-deflate"])).toBe(notOffered);
    expect(judge(["permessage-deflate;"], [deflate()])).toBe("Sec-WebSocket-Extensions in the answer is not a list of extensions");
  });

  test("comes behind that of the accept value: who does not speak the protocol is not asked what it chose", () => {
    const fields = new Fields([["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", "x"], [FIELD, "x"]]);
    expect(checkUpgrade({ status: 101, reason: "", fields }, { key: KEY, protocols: [] })).toMatchObject({ message: "Sec-WebSocket-Accept does not match the key that was sent" });
  });
});
