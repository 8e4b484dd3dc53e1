import { describe, expect, test } from "vitest";
import { HeadParser, parseRequest, parseResponse } from "../../core/http/head.ts";
import { acceptUpgrade, checkUpgrade } from "../../core/websocket/handshake.ts";
import { WebSocketConnection } from "../../core/websocket/connection.ts";
import type { Role } from "../../core/websocket/frame-parser.ts";
import { countingPool } from "../../core/testing/pair.ts";
import { concat, frame, masked } from "../../core/testing/frames.ts";
import { permessageDeflate } from "../../index.deflate.ts";
import { acceptance, latin1, request } from "./peer.ts";

const NO_LIMITS = { maxHead: Infinity, maxLine: Infinity, maxFields: Infinity };
const KIB = 1_024;

/** The shortest of many runs, in milliseconds: what else the machine does only ever adds. */
function fastest(body: () => void, runs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0, spent = 0; count < runs && spent < 500; count++) {
    const start = performance.now();
    body();
    const time = performance.now() - start;
    best = Math.min(best, time);
    spent += time;
  }
  return best;
}

/**
 * Four times the input may take four times as long, and not sixteen: the bound stands between. It is looked at again when it is passed, as a
 * busy machine may make a short run longer; what is quadratic passes it each time.
 */
function expectLinear(work: (size: number) => () => void, size: number, runs = 12): void {
  let ratio = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 6 && ratio > 8; tries++) {
    const [short, long] = [work(size), work(size * 4)];
    fastest(long, 3); // so that both are compiled
    fastest(short, 3);
    ratio = Math.min(ratio, fastest(long, runs) / fastest(short, runs));
  }
  expect(ratio).toBeLessThanOrEqual(8);
}

/** What headers were stuffed with, to a length. */
const FILLS: Readonly<Record<string, (size: number) => string>> = {
  blanks: (size) => `b${" ".repeat(size)}x`,
  tabs: (size) => `b${"\t".repeat(size)}x`,
  "blanks and commas": (size) => `a${" ,".repeat(size / 2)}`,
  commas: (size) => ",".repeat(size),
  semicolons: (size) => `a${";".repeat(size)}`,
  quotes: (size) => `a; b=${"\"".repeat(size)}`,
  "an unclosed quote and backslashes": (size) => `a; b="${"\\c".repeat(size / 2)}`,
  "a closed quote and backslashes": (size) => `a; b="${"\\c".repeat(size / 2)}"`,
  equals: (size) => `a; b${"=".repeat(size)}`,
  tokens: (size) => Array.from({ length: size / 8 }, (_, at) => `t${String(at).padStart(6, "0")}`).join(","),
};
const HEADERS = ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Connection", "Upgrade", "Origin", "Sec-WebSocket-Version", "Host", "Content-Length"];

/** Reads and judges a request whose header is stuffed so. */
function judging(name: string, value: string): () => void {
  const without = [name];
  const bytes = latin1(request({ without, lines: [`${name}: ${value}`] }));
  const extensions = [permessageDeflate()];
  return () => {
    const parser = new HeadParser(NO_LIMITS);
    parser.push(bytes);
    const head = parseRequest(parser.text as string);
    if ("status" in head) throw new Error(head.message);
    acceptUpgrade(head, { protocols: ["chat"], extensions });
  };
}

/** Reads and judges an answer whose header is stuffed so. */
function checking(name: string, value: string): () => void {
  const bytes = latin1(acceptance(request(), [`${name}: ${value}`]));
  return () => {
    const parser = new HeadParser(NO_LIMITS);
    parser.push(bytes);
    const head = parseResponse(parser.text as string);
    if ("message" in head) throw new Error(head.message);
    checkUpgrade(head, { key: "dGhlIHNhbXBsZSBub25jZQ==", protocols: ["chat"], extensions: [permessageDeflate()] } as never);
  };
}

function expectAllLinear(name: string, fills: readonly string[]): void {
  for (const fill of fills) {
    expectLinear((size) => judging(name, FILLS[fill](size)), 8 * KIB);
    expectLinear((size) => checking(name, FILLS[fill](size)), 8 * KIB);
  }
}

describe("headers", () => {
  test("CVE-2021-32640: blanks and commas in Sec-WebSocket-Protocol take time that grows with them", () => {
    expectAllLinear("Sec-WebSocket-Protocol", ["blanks", "tabs", "blanks and commas", "commas", "tokens"]);
  });

  test("CVE-2020-7662: a quote that is never closed in Sec-WebSocket-Extensions takes time that grows with it", () => {
    expectAllLinear("Sec-WebSocket-Extensions", ["an unclosed quote and backslashes", "a closed quote and backslashes", "quotes"]);
  });

  test("CVE-2020-7663: so do separators without end", () => {
    expectAllLinear("Sec-WebSocket-Extensions", ["blanks", "commas", "semicolons", "equals", "tokens"]);
  });

  test("CVE-2023-26103: blanks and commas in Connection and Upgrade take time that grows with them", () => {
    for (const name of ["Connection", "Upgrade"]) expectAllLinear(name, ["blanks", "blanks and commas", "commas", "tokens"]);
  });

  test("whatever stands in whichever header", () => {
    for (const name of HEADERS) for (const fill of Object.keys(FILLS)) expectLinear((size) => judging(name, FILLS[fill](size)), 4 * KIB, 6);
  }, 60_000);

  test("as many header lines as there may be", () => {
    const lines = (size: number): (() => void) => {
      const bytes = latin1(request({ lines: Array.from({ length: size }, (_, at) => `X-${at}: Connection`) }));
      return () => {
        const parser = new HeadParser(NO_LIMITS);
        parser.push(bytes);
        const head = parseRequest(parser.text as string);
        if (!("status" in head)) acceptUpgrade(head);
      };
    };
    expectLinear(lines, 500);
  });
});

/** Counts how often each byte of what it hands out is asked for: a count, so that no clock is needed. */
function counted(bytes: Uint8Array): { piece: Uint8Array; reads: () => number } {
  let reads = 0;
  const piece = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads++;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { piece, reads: () => reads };
}

/** A connection that counts what it hears and keeps nothing. */
function listener(role: Role, during: () => void = () => {}): { connection: WebSocketConnection; heard: () => number } {
  let heard = 0;
  const hear = (): void => {
    heard++;
    during();
  };
  const handler = { onText: hear, onBinary: hear, onPing: hear, onClose() {} };
  return { connection: new WebSocketConnection({ role, handler, random: countingPool(), limits: { maxFragments: Infinity } }), heard: () => heard };
}

describe("one byte at a time", () => {
  test("CVE-2023-43669: a head is looked at once, however it is cut", () => {
    const bytes = latin1(request({ lines: [`X-Long: ${"x".repeat(8_000)}`, ...Array.from({ length: 500 }, (_, at) => `X-${at}: ${at}`)] }));
    const parser = new HeadParser(NO_LIMITS);
    let reads = 0;
    for (let at = 0; at < bytes.length; at++) {
      const { piece, reads: count } = counted(bytes.subarray(at, at + 1));
      parser.push(piece);
      reads += count();
    }
    expect([reads, parser.text?.split("\r\n").length]).toEqual([bytes.length, 507]);
    expectLinear((size) => {
      const long = latin1(request({ lines: [`X-Long: ${"x".repeat(size)}`] }));
      return () => {
        const each = new HeadParser(NO_LIMITS);
        for (let at = 0; at < long.length; at++) each.push(long.subarray(at, at + 1));
        if (each.text === undefined) throw new Error("not whole");
      };
    }, 8 * KIB);
  });

  test("frames of any kind, whole messages and fragments, come back in time that grows with them", () => {
    for (const [role, make] of [["server", masked], ["client", frame]] as const) {
      const streams: ((size: number) => Uint8Array)[] = [
        (size) => make(2, new Uint8Array(size)),
        (size) => make(1, "x".repeat(size)),
        (size) => concat([make(1, "", { fin: false }), ...Array.from({ length: size / 8 }, () => make(0, "x", { fin: false })), make(0)]),
        (size) => concat(Array.from({ length: size / 8 }, () => make(9, "x"))),
        (size) => concat(Array.from({ length: size / 8 }, () => make(1, "x"))),
      ];
      for (const stream of streams) {
        expectLinear((size) => {
          const bytes = stream(size);
          return () => {
            const { connection, heard } = listener(role);
            for (let at = 0; at < bytes.length; at++) connection.receive(bytes.subarray(at, at + 1), 0);
            if (heard() === 0) throw new Error("nothing heard");
          };
        }, 8 * KIB, 5);
      }
    }
  }, 60_000);

  test("what is held while reading is paused is parsed once, even when each message pauses again", () => {
    expectLinear((size) => {
      const bytes = concat(Array.from({ length: size / 8 }, () => masked(1, "x")));
      return () => {
        const { connection, heard } = listener("server", () => connection.pause());
        connection.pause();
        for (let at = 0; at < bytes.length; at += 16) connection.receive(bytes.subarray(at, at + 16), 0);
        while (connection.paused) connection.resume(0);
        if (heard() !== size / 8) throw new Error("not whole");
      };
    }, 16 * KIB, 5);
  });
});
