/**
 * The tester of permessage-deflate, proved: it passes peers that are right, and fails each that has one flaw where the flaw shows.
 */
import { afterAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { concat, hex } from "./frames.ts";
import { readBlocks } from "./wire/blocks.ts";
import { type Patience, type Result, summarise } from "./wire/case.ts";
import { CASES } from "./wire/cases.ts";
import { deflateCases } from "./wire/cases-deflate.ts";
import { testClients } from "./wire/client-tester.ts";
import { Codec, deflate } from "./wire/codec.ts";
import { connectFlawed } from "./wire/flawed-client.ts";
import type { DeflateFlaw } from "./wire/flawed-deflate.ts";
import { serveFlawed } from "./wire/flawed-server.ts";
import { cut, PAYLOADS, random } from "./wire/payloads.ts";
import { testServer } from "./wire/server-tester.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
const CALM = { answer: 30_000, drop: 30_000, failFast: 10_000 };
/** For peers that are to fail by doing nothing: each such case takes that long. */
const BRIEF = { ...CALM, answer: 2_000 };

const summaries: string[] = [];
afterAll(() => console.log(summaries.join("\n")));

describe("the data", () => {
  it("is as compressible as what it stands for, the same each time, and cut so that nothing is lost", () => {
    const ratios = PAYLOADS.map(({ bytes }) => bytes().length / deflate(bytes()).length);
    for (const [at, [least, most]] of [[4, 8], [1.1, 1.5], [2, 4], [4, 8], [0.99, 1.1]].entries()) {
      expect(ratios[at]).toBeGreaterThan(least);
      expect(ratios[at]).toBeLessThan(most);
    }
    for (const { bytes } of PAYLOADS) expect(bytes().length).toBeGreaterThan(150_000);
    expect(PAYLOADS.filter(({ isText }) => isText).map(({ bytes }) => /^[\x00-\x7f]*$/.test(Buffer.from(bytes()).toString()))).toEqual([true, true]);
    expect(Array.from({ length: 4 }, ((next) => () => next(1000))(random(7)))).toEqual(Array.from({ length: 4 }, ((next) => () => next(1000))(random(7))));
    const [json] = PAYLOADS;
    const pieces = [...cut(json, 131_072, 3)].map(({ payload }) => payload);
    const twice = concat([json.bytes(), json.bytes(), json.bytes()]);
    expect(Buffer.compare(concat(pieces), twice.subarray(0, 3 * 131_072))).toBe(0);
  });
});

describe("the look into blocks", () => {
  it("tells of references, ends and lengths", () => {
    const noise = Uint8Array.from({ length: 1000 }, ((next) => () => next(256))(random(1)));
    const tail = hex("00 00 ff ff");
    const of = (message: Uint8Array, dictionary?: Uint8Array): ReturnType<typeof readBlocks> => readBlocks(concat([deflate(message, 15, dictionary), tail]));
    expect(of(noise)).toMatchObject({ farthest: 0, before: 0, length: 1000 });
    expect(of(concat([noise, noise]))).toMatchObject({ farthest: 1000, before: 0, length: 2000 });
    expect(of(noise, noise)).toMatchObject({ farthest: 1000, before: 999, length: 1000 });
    expect(of(new Uint8Array(0))).toEqual({ farthest: 0, before: 0, ends: [5], length: 0 });
    expect(readBlocks(concat([hex("f3 48 cd c9 c9 07 00"), hex("00"), tail]))).toEqual({ farthest: 0, before: 0, ends: [7, 12], length: 5 });
  });

  it("agrees with zlib about every payload, whatever the window and the context", () => {
    for (const bits of [8, 9, 10, 11, 12, 13, 14, 15]) {
      for (const takeover of [false, true]) {
        const [sender, receiver] = [0, 1].map(() => new Codec({ bits, takeover }, { bits, takeover }));
        for (const payload of PAYLOADS) {
          for (const { payload: message } of cut(payload, 9_000, 6)) {
            const compressed = sender.compress(message);
            const { farthest, before } = readBlocks(concat([compressed, hex("00 00 ff ff")]));
            expect(farthest).toBeLessThanOrEqual(2 ** bits);
            if (!takeover) expect(before).toBe(0);
            expect(Buffer.compare(receiver.decompress(compressed), message)).toBe(0);
          }
        }
      }
    }
  });
});

/** What each flaw breaks: groups of which a middle, a large and a fragmented case must fail, further cases that must, and what is said of each. */
const SERVER_FLAWS: readonly (readonly [DeflateFlaw, readonly string[], readonly string[], RegExp])[] = [
  ["keepsContext", ["13.2", "13.5", "13.6", "13.7"], ["20.3.2", "20.3.6"], /refers to what was before it, though it agreed to no context takeover/],
  ["largeWindow", ["13.3", "13.5", "13.7"], ["20.3.5"], /refers \d+ bytes back in a window of (?:512|1024)/],
  ["forgets", [], ["22.4", "22.8", "22.11", "22.12", "22.13", "22.14", "22.15", "22.19"], /closed with 1007 on its own/],
  ["rsvMissing", ["12.1", "13.1"], ["22.2"], /it sent text .* where/],
  ["rsvEverywhere", ["12.1", "12.5", "13.1"], ["22.2"], /it sent continuation rsv 4/],
  ["rsvOnPongs", [], ["22.23"], /it sent pong rsv 4/],
  ["tail", ["12.1", "12.5", "13.1"], ["22.2"], /ends inside a block/],
  ["unoffered", [], ["20.1.1", "20.3.1", "22.2"], /client_max_window_bits, which was not offered/],
  ["silent", ["13.2", "13.3", "13.4", "13.5", "13.6"], ["20.1.110"], /it does not take server_\w+ on|its window is larger than server_max_window_bits says/],
  ["unknown", ["12.1", "13.1"], ["20.3.1"], /it has the unknown parameter window/],
  ["twice", ["12.1", "13.1"], ["20.3.1"], /that is not one extension/],
  ["overlooks", [], ["20.2.1", "20.2.5", "20.2.20", "20.2.25"], /nothing was offered that can be accepted/],
  ["lastBlock", [], ["22.9", "22.10"], /it sent text "Hello" where text "HelloHello"/],
  ["halves", [], ["22.41", "22.42", "22.44", "22.45"], /it did not fail the connection; it sent text/],
  ["rsvTaken", [], ["22.25", "22.26", "22.27", "22.28", "22.29", "22.30", "22.31"], /it did not fail the connection|where it had to fail the connection/],
  ["unlimited", [], ["22.49"], /it did not fail the connection/],
];

describe("a server with one flaw in compression", () => {
  /** What every other flaw leaves right. */
  const neighbours = ["12.3.4", "13.1.4", "13.2.4", "13.3.4", "20.1.88", "20.2.1", "20.3.3", "22.2", "22.4", "22.9", "22.23", "22.27", "22.35", "22.42"];
  const due = (groups: readonly string[], further: readonly string[]): string[] => [...groups.flatMap((group) => [4, 10, 15].map((at) => `${group}.${at}`)), ...further];

  it("passes without one, whatever is asked of the others", { timeout: LONG }, async () => {
    const asked = SERVER_FLAWS.flatMap(([, groups, further]) => due(groups, further));
    expect(notOk(await run("none", [...neighbours, ...asked], CALM))).toEqual([]);
  });

  it.each(SERVER_FLAWS)("%s is found by the cases that name the rule", { timeout: LONG }, async (flaw, groups, further, sentence) => {
    const results = await run(flaw, due(groups, further), BRIEF);
    expect(results.filter(({ verdict, reasons }) => verdict !== "failed" || !sentence.test(reasons.join("; ")))).toEqual([]);
    expect(results.length).toBe(groups.length * 3 + further.length);
  });

  it.each([
    ["keepsContext", ["12.3.4", "13.1.4", "13.3.4", "22.2", "22.4"]],
    ["largeWindow", ["12.3.4", "13.1.4", "13.2.4", "22.4", "22.15"]],
    ["forgets", neighbours.filter((id) => id !== "22.4" && !id.startsWith("20."))],
    ["rsvOnPongs", neighbours.filter((id) => id !== "22.23")],
    ["lastBlock", neighbours.filter((id) => id !== "22.9")],
    ["halves", neighbours.filter((id) => id !== "22.42")],
    ["rsvTaken", neighbours.filter((id) => id !== "22.27")],
  ] as const)("%s passes the others", { timeout: LONG }, async (flaw, ids) => {
    expect(notOk(await run(flaw, ids, CALM))).toEqual([]);
  });

  async function run(flaw: DeflateFlaw | "none", ids: readonly string[], patience: Patience): Promise<Result[]> {
    const server = await serveFlawed(flaw);
    try {
      return await testServer(server.url, { cases: CASES.filter(({ id }) => ids.includes(id)), patience });
    } finally {
      await server.close();
    }
  }
});

describe("a client with one flaw in compression", () => {
  const failing: readonly (readonly [DeflateFlaw, readonly string[]])[] = [
    ["keepsContext", ["13.2.10", "13.5.10", "21.1.18"]],
    ["largeWindow", ["13.3.10", "13.5.10", "21.1.4"]],
    ["forgets", ["22.4"]],
    ["rsvEverywhere", ["12.1.1"]],
    ["tail", ["12.1.1"]],
    ["overlooks", ["21.2.1", "21.2.9", "21.2.10", "21.2.21", "21.2.23"]],
    ["twice", ["21.2.25"]],
    ["offersWrong", ["12.1.1", "21.1.1"]],
  ];
  const every = ["1.1.1", ...new Set(failing.flatMap(([, ids]) => ids))];

  it("passes without one", { timeout: LONG }, async () => {
    expect(notOk(await run("none", every, CALM))).toEqual([]);
  });

  it.each(failing)("%s is found by the cases that name the rule", { timeout: LONG }, async (flaw, ids) => {
    const results = await run(flaw, ids, BRIEF);
    expect(results.map(({ verdict }) => verdict)).toEqual(ids.map(() => "failed"));
  });

  it("cannot be asked when it offers nothing", { timeout: LONG }, async () => {
    const results = await run("offersNothing", ["1.1.1", "12.1.1", "22.4"], CALM);
    expect(results.map(({ verdict }) => verdict)).toEqual(["ok", "unimplemented", "unimplemented"]);
  });

  async function run(flaw: DeflateFlaw | "none" | "offersNothing", ids: readonly string[], patience: Patience): Promise<Result[]> {
    const cases = CASES.filter(({ id }) => ids.includes(id));
    const tester = await testClients(0, { cases, patience });
    await connectFlawed(tester.url, flaw, cases.length);
    await tester.close();
    return tester.results(flaw);
  }
});

describe("other people's ends", () => {
  it("as a client, Node's own WebSocket passes groups 12 and 13", { timeout: LONG }, async () => {
    const cases = deflateCases().filter(({ id }) => [4, 10, 15].includes(Number(id.split(".").at(-1))));
    const tester = await testClients(0, { cases, patience: CALM });
    for (let number = 1; number <= cases.length; number++) {
      const socket = new WebSocket(`${tester.url}/runCase?case=${number}&agent=node`);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => socket.send(data);
      await new Promise((resolve) => socket.onclose = resolve);
    }
    await tester.close();
    expect(notOk(tester.results("node"))).toEqual([]);
    expect(tester.results("node").length).toBe(36);
  });

  it("as a server, the ws package passes groups 12 and 13", { timeout: LONG }, async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 64 * 1024 * 1024, perMessageDeflate: { threshold: 0 } });
    await new Promise((resolve) => server.once("listening", resolve));
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const { port } = server.address() as { port: number };
    const results = await testServer(`ws://127.0.0.1:${port}`, { cases: deflateCases(), patience: CALM });
    server.close();
    summaries.push("ws:", summarise(results));
    expect(notOk(results)).toEqual([]);
    expect(results.length).toBe(216);
  });
});

function notOk(results: readonly Result[]): { id: string; verdict: string; reasons: readonly string[] }[] {
  return results.filter(({ verdict }) => verdict !== "ok").map(({ id, verdict, reasons }) => ({ id, verdict, reasons }));
}
