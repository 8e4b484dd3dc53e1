import { describe, expect, it } from "vitest";
import { parseExtensions } from "../http/field.ts";
import { zlibOneShot } from "../testing/codec.ts";
import { concat, pattern } from "../testing/frames.ts";
import { PROTOTYPE_NAMES } from "../testing/handshake.ts";
import { type Agreement, formatExtension } from "./extension.ts";
import type { History } from "./history.ts";
import { type DeflateCodec, type DeflateOptions, type DeflateSettings, PermessageDeflate } from "./permessage-deflate.ts";

/** What stands behind a parameter's name: nothing, or a value. Undefined: the parameter is absent. An array: it stands there more than once. */
type Form = "" | `=${string}` | undefined | readonly string[];

const NO_VALUE: readonly Form[] = [undefined, "", "=8", `=""`, ["", ""]];
const BITS = ["8", "9", "10", "11", "12", "13", "14", "15"];
const BAD_BITS = ["0", "7", "16", "08", "010", "1000", "-9", "+9", "9.0", "0x9", "1e1", "9a", "true"];
const BITS_FORMS: readonly Form[] = [
  undefined, "", ...BITS.map((bits): Form => `=${bits}`), ...BAD_BITS.map((bits): Form => `=${bits}`), `="10"`, ["=10", "=10"], ["", "=10"],
];

/** The four parameters in the order of section 7.1. */
interface Forms {
  readonly server_no_context_takeover: Form;
  readonly client_no_context_takeover: Form;
  readonly server_max_window_bits: Form;
  readonly client_max_window_bits: Form;
}

function write(forms: Forms): string {
  const parameters = Object.entries(forms).flatMap(([name, form]: [string, Form]) => form === undefined ? [] : [form].flat().map((value) => `; ${name}${value}`));
  return `permessage-deflate${parameters.join("")}`;
}

/** The table of section 7.1: each parameter is there once at most, the flags without a value, the windows with one from 8 to 15. */
function isLawful(forms: Forms, mayLackValue: boolean): boolean {
  const flags = [forms.server_no_context_takeover, forms.client_no_context_takeover];
  const inRange = (form: Form): boolean => form === undefined || form === `="10"` || BITS.some((bits) => form === `=${bits}`);
  return flags.every((form) => form === undefined || form === "") && inRange(forms.server_max_window_bits)
    && (inRange(forms.client_max_window_bits) || (mayLackValue && forms.client_max_window_bits === ""));
}

/** The number in a form; `without` when it has none. */
function bitsOf(form: Form, without: number): number {
  return typeof form === "string" && form !== "" ? Number(form.replace(/[="]/g, "")) : without;
}

/** The answer that section 7.1 and the options ask for; undefined to decline. */
function answerTo(offer: Forms, options: DeflateOptions): string | undefined {
  if (!isLawful(offer, true)) return undefined;
  if (offer.server_max_window_bits === "=8") return undefined; // 7.1.2.1: a server that does not support it declines, and no compressor does
  return write({
    server_no_context_takeover: offer.server_no_context_takeover === "" || options.serverNoContextTakeover ? "" : undefined, // 7.1.1.1
    client_no_context_takeover: offer.client_no_context_takeover === "" || options.clientNoContextTakeover ? "" : undefined, // 7.1.1.2
    server_max_window_bits: offer.server_max_window_bits === undefined ? undefined // 7.1.2.1: the same or a smaller value
      : `=${Math.min(bitsOf(offer.server_max_window_bits, 15), options.serverMaxWindowBits ?? 12)}`,
    client_max_window_bits: offer.client_max_window_bits === undefined ? undefined // 7.1.2.2: only where it was offered, the same or a smaller value
      : `=${Math.min(bitsOf(offer.client_max_window_bits, 15), options.clientMaxWindowBits ?? 12)}`,
  });
}

/** Every combination of what each parameter may look like. */
function* everyForm(): Generator<Forms> {
  for (const server_no_context_takeover of NO_VALUE) {
    for (const client_no_context_takeover of NO_VALUE) {
      for (const server_max_window_bits of BITS_FORMS) {
        for (const client_max_window_bits of BITS_FORMS) {
          yield { server_no_context_takeover, client_no_context_takeover, server_max_window_bits, client_max_window_bits };
        }
      }
    }
  }
}

/** Options of a server or a client. */
const OPTIONS: readonly DeflateOptions[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 9 },
  { serverMaxWindowBits: 15 },
  { clientMaxWindowBits: 9 },
  { clientMaxWindowBits: 15 },
  { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
  { serverMaxWindowBits: 10, clientMaxWindowBits: 13, serverNoContextTakeover: false },
];

/** A codec that notes with which window it compresses, and how much history there is each way. */
function noting(): { codec: DeflateCodec; notes: { sending?: [bits: number, history: number]; receiving?: number } } {
  const notes: { sending?: [number, number]; receiving?: number } = {};
  return {
    notes,
    codec: {
      deflate(data: Uint8Array, history: History, settings: DeflateSettings): Uint8Array {
        notes.sending = [settings.windowBits, history.size];
        return zlibOneShot.deflate(data, history, settings);
      },
      inflate(data, history, room) {
        notes.receiving = history.size;
        return zlibOneShot.inflate(data, history, room);
      },
    },
  };
}

const parse = (text: string): Parameters<PermessageDeflate["accept"]>[0] => (parseExtensions([text]) ?? [])[0];
const written = (agreement: Agreement | undefined): string | undefined => agreement && formatExtension(agreement.chosen);

describe("a server's answer (RFC 7692, 7.1)", () => {
  it("is the table's, to each form of each parameter, with any options", () => {
    const wrong: unknown[] = [];
    let answers = 0;
    for (const options of OPTIONS) {
      const extension = new PermessageDeflate(options, zlibOneShot);
      for (const forms of everyForm()) {
        if (wrong.length === 5) break;
        const offer = write(forms);
        const parsed = parse(offer);
        const actual = parsed === undefined ? undefined : written(extension.accept(parsed)); // `=""` is no list of extensions
        const expected = answerTo(forms, options);
        if (actual !== expected) wrong.push({ options, offer, actual, expected });
        if (actual !== undefined) answers++;
      }
    }
    expect(wrong).toEqual([]);
    expect(answers).toBe(OPTIONS.length * 2 * 2 * 9 * 11);
  });

  it("declines parameters that are not its own, in any case but theirs (GHSA-5v72-xg48-5rpm)", () => {
    const extension = new PermessageDeflate({}, zlibOneShot);
    for (const name of [...PROTOTYPE_NAMES, "x", "Server_no_context_takeover", "CLIENT_MAX_WINDOW_BITS"]) {
      expect([name, extension.accept(parse(`permessage-deflate; ${name}`))]).toEqual([name, undefined]);
      expect([name, extension.accept(parse(`permessage-deflate; ${name}=10; client_max_window_bits`))]).toEqual([name, undefined]);
    }
  });

  it("takes parameters in any order, and answers in one", () => {
    const extension = new PermessageDeflate({}, zlibOneShot);
    const offer = parse("permessage-deflate; client_max_window_bits; server_max_window_bits=10; client_no_context_takeover; server_no_context_takeover");
    expect(written(extension.accept(offer)))
      .toBe("permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12");
  });

  it("makes a client agree, whichever offer it answers, and messages of 64 KiB go both ways", () => {
    const data = concat([pattern(30_000), pattern(5536).map((byte) => byte ^ 0x5a), pattern(30_000)]);
    const seen = new Set<string>();
    for (const clientOptions of OPTIONS) {
      for (const serverOptions of OPTIONS) {
        const [ours, theirs] = [noting(), noting()];
        const client = new PermessageDeflate(clientOptions, ours.codec);
        const server = new PermessageDeflate(serverOptions, theirs.codec);
        const [offer, ...more] = client.offers();
        expect(more).toEqual([]);
        const answer = server.accept(parse(formatExtension(offer)));
        const agreed = client.check(parse(written(answer) as string)) as Agreement;
        expect(agreed).toMatchObject({ chosen: answer?.chosen });
        seen.add(written(answer) as string);
        const [near, far] = [agreed.start(), (answer as Agreement).start()];
        for (const [from, to] of [[near, far], [far, near], [near, far], [far, near]]) {
          const encoded = from.encode(data, true, true) as Uint8Array;
          expect(encoded.length).toBeLessThan(data.length);
          const decoded = to.decode(encoded, data.length) as Uint8Array;
          expect(Buffer.compare(decoded, data)).toBe(0);
        }
        // what one end compresses with is no more than the other one keeps
        const upTo = ([bits, size]: [number, number], kept: number): boolean => size <= kept && (size === 0 || size === 2 ** bits);
        expect(upTo(ours.notes.sending as [number, number], theirs.notes.receiving as number)).toBe(true);
        expect(upTo(theirs.notes.sending as [number, number], ours.notes.receiving as number)).toBe(true);
      }
    }
    expect(seen.size).toBeGreaterThan(20);
  });

  it("says what the server then does: windows and takeover of both directions", () => {
    for (const [offer, sending, receiving] of [
      ["", [12, 4096], 32_768], // who cannot be told keeps its window of 15
      ["; client_max_window_bits", [12, 4096], 4096],
      ["; client_max_window_bits=8", [12, 4096], 256],
      ["; server_max_window_bits=9; client_no_context_takeover", [9, 512], 0],
      ["; server_max_window_bits=15; server_no_context_takeover", [12, 0], 32_768],
    ] as const) {
      const { codec, notes } = noting();
      const session = (new PermessageDeflate({}, codec).accept(parse(`permessage-deflate${offer}`)) as Agreement).start();
      session.encode(pattern(100), true, true);
      session.decode(Uint8Array.of(0), 10);
      expect([offer, notes]).toEqual([offer, { sending: [...sending], receiving }]);
    }
  });
});

describe("a client's offer (RFC 7692, 7.1)", () => {
  it.each([
    [{}, "client_max_window_bits"],
    [{ serverNoContextTakeover: true }, "server_no_context_takeover; client_max_window_bits"],
    [{ clientNoContextTakeover: true }, "client_no_context_takeover; client_max_window_bits"],
    [{ serverMaxWindowBits: 10 }, "server_max_window_bits=10; client_max_window_bits"],
    [{ clientMaxWindowBits: 15 }, "client_max_window_bits=15"],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 11 },
      "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=11",
    ],
  ])("of %j", (options, parameters) => {
    expect(new PermessageDeflate(options, zlibOneShot).offers().map(formatExtension)).toEqual([`permessage-deflate; ${parameters}`]);
  });
});

describe("a client's judgement of an answer (RFC 7692, 7.1)", () => {
  /** What is wrong, by the beginning of its message; "" for nothing. */
  function verdictOn(answer: Forms, options: DeflateOptions): string {
    if (!isLawful(answer, false)) return "The server's choice breaks the rules";
    if (options.serverNoContextTakeover && answer.server_no_context_takeover === undefined) return "The server did not agree to server_no"; // 7.1.1.1
    if (bitsOf(answer.server_max_window_bits, 15) > (options.serverMaxWindowBits ?? 15)) return "The server did not agree to server_max"; // 7.1.2.1
    if (bitsOf(answer.client_max_window_bits, 0) > (options.clientMaxWindowBits ?? 15)) return "The server chose a larger client_max"; // 7.1.2.2
    return "";
  }

  it("is the table's, of each form of each parameter, with any options (CVE-2026-2229)", () => {
    const wrong: unknown[] = [];
    let agreed = 0;
    for (const options of OPTIONS) {
      const extension = new PermessageDeflate(options, zlibOneShot);
      for (const forms of everyForm()) {
        if (wrong.length === 5) break;
        const answer = write(forms);
        const parsed = parse(answer);
        if (parsed === undefined) continue;
        const verdict = extension.check(parsed);
        const expected = verdictOn(forms, options);
        const asExpected = typeof verdict === "string" ? expected !== "" && verdict.startsWith(expected) : expected === "" && verdict.chosen === parsed;
        if (!asExpected) wrong.push({ options, answer, verdict, expected });
        if (expected === "") agreed++;
      }
    }
    expect(wrong).toEqual([]);
    expect(agreed).toBeGreaterThan(1000);
  });

  it("says what is wrong", () => {
    const judge = (options: DeflateOptions, answer: string): unknown => new PermessageDeflate(options, zlibOneShot).check(parse(`permessage-deflate${answer}`));
    expect(judge({}, "; server_max_window_bits=1000"))
      .toBe(`The server's choice breaks the rules of permessage-deflate: "permessage-deflate; server_max_window_bits=1000"`);
    expect(judge({}, "; client_max_window_bits")).toBe(`The server's choice breaks the rules of permessage-deflate: "permessage-deflate; client_max_window_bits"`);
    expect(judge({ serverNoContextTakeover: true }, "")).toBe("The server did not agree to server_no_context_takeover");
    expect(judge({ serverMaxWindowBits: 10 }, "")).toBe("The server did not agree to server_max_window_bits");
    expect(judge({ clientMaxWindowBits: 10 }, "; client_max_window_bits=11")).toBe("The server chose a larger client_max_window_bits than was offered");
  });

  it("says what the client then does: windows and takeover of both directions", () => {
    for (const [options, answer, sending, receiving] of [
      [{}, "", [12, 4096], 32_768],
      [{ clientMaxWindowBits: 15 }, "", [15, 32_768], 32_768],
      [{ clientMaxWindowBits: 15 }, "; client_max_window_bits=10; server_max_window_bits=9", [10, 1024], 512],
      [{}, "; client_max_window_bits=15; server_max_window_bits=8", [12, 4096], 256],
      [{}, "; client_no_context_takeover; server_no_context_takeover", [12, 0], 0],
      [{ clientNoContextTakeover: true }, "", [12, 0], 32_768],
    ] as const) {
      const { codec, notes } = noting();
      const session = (new PermessageDeflate(options, codec).check(parse(`permessage-deflate${answer}`)) as Agreement).start();
      session.encode(pattern(100), true, true);
      session.decode(Uint8Array.of(0), 10);
      expect([options, answer, notes]).toEqual([options, answer, { sending: [...sending], receiving }]);
    }
  });
});
