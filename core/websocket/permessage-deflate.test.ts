import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExtensionOffer, parseExtensions } from "../http/field.ts";
import { deflated, inflated, zlibOneShot } from "../testing/codec.ts";
import { concat, pattern, utf8 } from "../testing/frames.ts";
import type { Agreement, ExtensionSession } from "./extension.ts";
import { FAULTS } from "./fault.ts";
import { type DeflateCodec, type DeflateOptions, type DeflateSettings, PermessageDeflate } from "./permessage-deflate.ts";

const HELLO = utf8("Hello");
const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString("hex");
const offer = (parameters = ""): ExtensionOffer => (parseExtensions([`permessage-deflate${parameters}`]) as ExtensionOffer[])[0];

function serve(options: DeflateOptions = {}, parameters = "; client_max_window_bits", codec: DeflateCodec = zlibOneShot): ExtensionSession {
  return (new PermessageDeflate(options, codec).accept(offer(parameters)) as Agreement).start();
}

const TAKEOVER = "; client_max_window_bits";
const NO_TAKEOVER = "; server_no_context_takeover; client_no_context_takeover";

it("compresses and restores by itself where no codec is given, so that zlib understands it", () => {
  const ours = (new PermessageDeflate().accept(offer(TAKEOVER)) as Agreement).start();
  const theirs = (new PermessageDeflate({}, zlibOneShot).check(offer("; client_max_window_bits=12; server_max_window_bits=12")) as Agreement).start();
  for (const text of ["Hello", "Hello, Hello, and Hello again".repeat(20), "Hello, Hello, and Hello again"]) {
    expect(theirs.decode(ours.encode(utf8(text), true, true) as Uint8Array, 1000)).toEqual(utf8(text));
    expect(ours.decode(theirs.encode(utf8(text), true, true) as Uint8Array, 1000)).toEqual(utf8(text));
  }
  expect(ours.decode(theirs.encode(utf8("Hello"), true, true) as Uint8Array, 4)).toBe(FAULTS.largeMessage);
});

describe("compressing (RFC 7692, 7.2.1)", () => {
  it("gives the RFC's example, and the shorter one for the same message again (7.2.3.1, 7.2.3.2)", () => {
    const session = serve();
    expect(hex(session.encode(HELLO, true, true))).toBe("f248cdc9c90700");
    expect(hex(session.encode(HELLO, true, true))).toBe("f200110000");
  });

  it("claims RSV1 (6)", () => {
    expect(serve().rsv).toBe(0x40);
  });

  it("without takeover knows nothing of the message before, and sends as it is what gets no shorter", () => {
    const session = serve({}, NO_TAKEOVER);
    const data = utf8("Hello, hello, hello!");
    const first = hex(session.encode(data, true, true));
    expect(hex(session.encode(data, true, true))).toBe(first);
    expect(session.encode(HELLO, true, true)).toBeUndefined();
    expect(session.encode(utf8("aaaaaaa"), true, true)?.length).toBe(6);
    expect(session.encode(utf8("aaaaaa"), true, true)).toBeUndefined(); // it would be as long as it is
    expect(session.encode(new Uint8Array(0), true, true)).toBeUndefined();
    expect(session.bytesHeld).toBe(0);
  });

  it("with takeover compresses whatever comes: the next message may refer to it", () => {
    const session = serve();
    const data = Uint8Array.from({ length: 100 }, (_, at) => (at * 167 + (at >> 3) * 89) & 0xff);
    const encoded = session.encode(data, true, true) as Uint8Array;
    expect(encoded.length).toBeGreaterThanOrEqual(100);
    expect((session.encode(data, true, true) as Uint8Array).length).toBeLessThan(20);
  });

  it("nothing at all is one byte (7.2.3.6)", () => {
    const session = serve();
    expect(hex(session.encode(new Uint8Array(0), true, true))).toBe("00");
    session.encode(HELLO, true, true);
    expect(hex(session.encode(new Uint8Array(0), true, true))).toBe("00");
  });

  it.each([["with", TAKEOVER], ["without", NO_TAKEOVER]])("%s takeover, pieces of a message are blocks, and the tail is left away behind the last (7.2.1)", (_, parameters) => {
    for (const pieces of [["Hel", "lo"], ["Hello", ""], ["", "Hello"], ["", "", ""], ["H", "", "ello", "!"]]) {
      const session = serve({}, parameters);
      for (let round = 0, history = new Uint8Array(0); round < 3; round++) {
        const encoded = pieces.map((piece, at) => session.encode(utf8(piece), at === 0, at === pieces.length - 1) as Uint8Array);
        expect(encoded.slice(0, -1).every((piece) => hex(piece)?.endsWith("0000ffff"))).toBe(true);
        expect(Buffer.from(inflated(concat(encoded), history)).toString()).toBe(pieces.join(""));
        if (parameters === TAKEOVER) history = Uint8Array.from([...history, ...utf8(pieces.join(""))]);
      }
    }
  });

  it("a last piece of no length is sent compressed too: the message began so", () => {
    const session = serve({}, NO_TAKEOVER);
    session.encode(HELLO, true, false);
    expect(hex(session.encode(new Uint8Array(0), false, true))).toBe("00");
    expect(hex(session.encode(HELLO, true, false))?.endsWith("0000ffff")).toBe(true);
    expect(hex(session.encode(HELLO, false, true))).toBe("f248cdc9c90700"); // no shorter, but not the whole message
  });

  it("hands the codec the options, or 6 and 5 and 12 bits", () => {
    const seen: DeflateSettings[] = [];
    const codec: DeflateCodec = {
      ...zlibOneShot,
      deflate(data, history, settings) {
        seen.push(settings);
        return zlibOneShot.deflate(data, history, settings);
      },
    };
    serve({}, "", codec).encode(HELLO, true, true);
    serve({ level: 0, memLevel: 9, serverMaxWindowBits: 15 }, "; server_max_window_bits=14", codec).encode(HELLO, true, true);
    serve({ level: 9, memLevel: 1, serverMaxWindowBits: undefined } as never, "", codec).encode(HELLO, true, true);
    expect(seen).toEqual([{ windowBits: 12, level: 5, memLevel: 5 }, { windowBits: 14, level: 0, memLevel: 9 }, { windowBits: 12, level: 9, memLevel: 1 }]);
  });

  it("takes an option of undefined for one that is not there", () => {
    const options = { threshold: undefined, level: undefined, memLevel: undefined, maxMemory: undefined, serverNoContextTakeover: undefined } as unknown as DeflateOptions;
    const extension = new PermessageDeflate(options, zlibOneShot);
    const agreement = extension.accept(offer()) as Agreement;
    expect(agreement.chosen.parameters).toEqual([]);
    const session = agreement.start();
    expect(session.threshold).toBe(64);
    expect(hex(session.encode(HELLO, true, true))).toBe("f248cdc9c90700");
    expect(new PermessageDeflate({ ...options, maxMemory: 0 }, zlibOneShot).accept(offer())?.chosen.parameters.length).toBe(2);
  });

  it("asks no codec about nothing", () => {
    const codec: DeflateCodec = {
      ...zlibOneShot,
      deflate(data, history, settings) {
        if (data.length === 0) throw new Error("There is nothing to compress");
        return zlibOneShot.deflate(data, history, settings);
      },
    };
    const session = serve({}, TAKEOVER, codec);
    expect(["", "Hello", ""].map((piece, at) => hex(session.encode(utf8(piece), at === 0, at === 2)))).toEqual(["000000ffff", "f248cdc9c907000000ffff", "00"]);
  });

  it("asks for messages of 64 bytes and more, or what the options say; never for any where the window is 8 bits", () => {
    expect(serve().threshold).toBe(64);
    expect(serve({ threshold: 0 }).threshold).toBe(0);
    expect(serve({ threshold: Infinity }).threshold).toBe(Infinity);
    const client = new PermessageDeflate({}, zlibOneShot);
    expect((client.check(offer("; client_max_window_bits=8")) as Agreement).start().threshold).toBe(Infinity);
    expect((client.check(offer("; client_max_window_bits=9")) as Agreement).start().threshold).toBe(64);
  });
});

describe("restoring (RFC 7692, 7.2.2)", () => {
  it("gives the message back, and with takeover one that refers to it", () => {
    const session = serve();
    for (const encoded of ["f248cdc9c90700", "f200110000", "f200110000"]) expect(session.decode(Buffer.from(encoded, "hex"), 5)).toEqual(HELLO);
  });

  it("without takeover takes no reference to a message before", () => {
    const session = serve({}, NO_TAKEOVER);
    expect(session.decode(Buffer.from("f248cdc9c90700", "hex"), 5)).toEqual(HELLO);
    expect(session.decode(Buffer.from("f200110000", "hex"), 5)).toBe(FAULTS.invalidDeflate);
  });

  it("takes no reference further back than the client's window", () => {
    for (const [parameters, reach] of [["; client_max_window_bits=9", 512], ["; client_max_window_bits=8", 256], [TAKEOVER, 4096]] as const) {
      for (const distance of [reach, reach + 1]) {
        const session = serve({}, parameters);
        const history = concat([Uint8Array.of(1), HELLO, new Uint8Array(distance - 5)]);
        session.decode(deflated(history).subarray(0, -4), distance + 1);
        const far = deflated(HELLO, history).subarray(0, -4); // zlib's window is larger: it refers to the first Hello
        expect(far.length).toBeLessThan(7);
        expect([distance, session.decode(far, 5)]).toEqual([distance, distance === reach ? HELLO : FAULTS.invalidDeflate]);
      }
    }
  });

  it("tells a message that is too long from one that is no DEFLATE data, and remembers neither", () => {
    const session = serve();
    expect(session.decode(Buffer.from("f248cdc9c90700", "hex"), 4)).toBe(FAULTS.largeMessage);
    expect(session.decode(Buffer.from("f200110000", "hex"), 5)).toBe(FAULTS.invalidDeflate);
    expect(session.decode(Buffer.from("07", "hex"), 5)).toBe(FAULTS.invalidDeflate);
    expect(session.bytesHeld).toBe(0);
  });
});

describe("two ends", () => {
  it("understand each other, whatever is said and in whatever pieces", () => {
    const words = fc.constantFrom("", "a", "Hello, ", "isosocket", "0123456789abcdef".repeat(40));
    const message = fc.array(words, { minLength: 1, maxLength: 4 });
    const bits = fc.option(fc.integer({ min: 9, max: 15 }), { nil: undefined });
    const options = fc.record({
      serverNoContextTakeover: fc.boolean(), clientNoContextTakeover: fc.boolean(), serverMaxWindowBits: bits, clientMaxWindowBits: bits,
      level: fc.integer({ min: 0, max: 9 }), memLevel: fc.integer({ min: 1, max: 9 }),
    });
    const talk = fc.array(fc.tuple(fc.boolean(), message), { maxLength: 10 });
    fc.assert(fc.property(options, options, talk, (ours, theirs, messages) => {
      const [client, server] = [ours, theirs].map((each) => new PermessageDeflate(each as DeflateOptions, zlibOneShot));
      const answer = server.accept(client.offers()[0]) as Agreement;
      const [near, far] = [(client.check(answer.chosen) as Agreement).start(), answer.start()];
      for (const [up, pieces] of messages) {
        const [from, to] = up ? [near, far] : [far, near];
        const encoded = pieces.map((piece, at) => from.encode(utf8(piece), at === 0, at === pieces.length - 1));
        if (encoded[0] === undefined) continue; // sent as it is
        const decoded = to.decode(concat(encoded as Uint8Array[]), 1e6) as Uint8Array;
        expect(Buffer.from(decoded).toString()).toBe(pieces.join(""));
      }
    }), { numRuns: 150 });
  });
});

describe("memory", () => {
  it("of a session grows with what passed, up to the two windows", () => {
    const session = serve({}, "; server_max_window_bits=9; client_max_window_bits=10");
    expect(session.bytesHeld).toBe(0);
    session.encode(pattern(100), true, true);
    expect(session.bytesHeld).toBe(100);
    session.decode(deflated(pattern(300)).subarray(0, -4), 300);
    expect(session.bytesHeld).toBe(400);
    session.encode(pattern(1000), true, true);
    session.decode(deflated(pattern(2000)).subarray(0, -4), 2000);
    expect(session.bytesHeld).toBe(512 + 1024);
  });

  it("of all sessions is counted from the agreed windows, from a session's start to its end", () => {
    const extension = new PermessageDeflate({}, zlibOneShot);
    const agreements = ["; client_max_window_bits", "; client_max_window_bits=9; server_no_context_takeover", NO_TAKEOVER, ""]
      .map((parameters) => extension.accept(offer(parameters)) as Agreement);
    expect(extension.memory).toBe(0);
    const sessions = agreements.map((agreement) => agreement.start());
    expect(extension.memory).toBe((4096 + 4096) + 512 + 0 + (4096 + 32_768));
    sessions.push(agreements[1].start());
    expect(extension.memory).toBe(8192 + 1024 + 36_864);
    for (const session of sessions) session.end();
    expect(extension.memory).toBe(0);
  });

  it("past maxMemory is not taken: who comes then is answered without takeover, until others have gone", () => {
    const extension = new PermessageDeflate({ maxMemory: 20_000 }, zlibOneShot);
    const accept = (): [ExtensionSession, string] => {
      const agreement = extension.accept(offer(TAKEOVER)) as Agreement;
      return [agreement.start(), agreement.chosen.parameters.map(([name]) => name).join(" ")];
    };
    const words: string[] = [];
    const sessions = Array.from({ length: 4 }, () => {
      const [session, parameters] = accept();
      words.push(parameters);
      return session;
    });
    const without = "server_no_context_takeover client_no_context_takeover client_max_window_bits";
    expect(words).toEqual(["client_max_window_bits", "client_max_window_bits", without, without]);
    expect(extension.memory).toBe(16_384);
    sessions[2].encode(utf8("a".repeat(500)), true, true);
    expect(sessions[2].bytesHeld).toBe(0);
    sessions[0].end();
    expect(accept()[1]).toBe("client_max_window_bits");
  });

  it("may be exactly maxMemory", () => {
    for (const [maxMemory, count] of [[8192, 1], [8191, 2], [0, 2]] as const) {
      const extension = new PermessageDeflate({ maxMemory }, zlibOneShot);
      expect(extension.accept(offer(TAKEOVER))?.chosen.parameters.length).toBe(count === 1 ? 1 : 3);
    }
    const full = new PermessageDeflate({ maxMemory: 0 }, zlibOneShot);
    expect(full.accept(offer(NO_TAKEOVER))?.chosen.parameters.length).toBe(2);
  });

  it("of a client counts too, and never changes what it agrees to", () => {
    const extension = new PermessageDeflate({ maxMemory: 0 }, zlibOneShot);
    const session = (extension.check(offer()) as Agreement).start();
    expect(extension.memory).toBe(4096 + 32_768);
    session.end();
    expect(extension.memory).toBe(0);
  });
});

describe("options", () => {
  it.each([
    ["serverMaxWindowBits", 9, 15], ["clientMaxWindowBits", 9, 15], ["level", 0, 9], ["memLevel", 1, 9], ["threshold", 0, Infinity], ["maxMemory", 0, Infinity],
  ] as const)("%s is a whole number from %d to %d", (name, least, most) => {
    for (const value of [least, Math.min(most, least + 1), most, undefined]) {
      expect(() => new PermessageDeflate({ [name]: value }, zlibOneShot)).not.toThrow();
    }
    for (const value of [least - 1, most === Infinity ? NaN : most + 1, least + 0.5, -Infinity, NaN, "10", null, {}, true]) {
      expect(() => new PermessageDeflate({ [name]: value } as DeflateOptions, zlibOneShot)).toThrow(
        new RangeError(`Cannot use permessage-deflate with ${name} ${String(value)}: it is a whole number from ${least} to ${most}`),
      );
    }
  });

  it("need not be there", () => {
    const extension = new PermessageDeflate({}, zlibOneShot);
    expect([extension.name, extension.memory]).toEqual(["permessage-deflate", 0]);
  });
});
