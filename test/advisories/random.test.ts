import { readdirSync, readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import path from "node:path";
import ts from "typescript";
import { afterEach, describe, expect, test, vi } from "vitest";
import { memoryServer } from "../../adapters/memory.ts";
import { random } from "../../adapters/socket.ts";
import { RandomPool } from "../../core/bytes/random-pool.ts";
import { acceptance, trap, trapped } from "./peer.ts";

afterEach(() => void vi.restoreAllMocks());

/** The masking keys of `count` messages that a client sends, read from the wire. */
async function masks(count: number): Promise<number[]> {
  const { socket, peer, clock } = await trapped();
  for (let sent = 0; sent < count; sent++) socket.send("");
  await clock.advance(0);
  const bytes = Buffer.concat(peer.pieces);
  const at = bytes.indexOf("\r\n\r\n") + 4;
  const keys: number[] = [];
  for (let next = at; next < bytes.length; next += 6) {
    if (bytes.readUInt16BE(next) !== 0x8180) throw new Error("not an empty masked text");
    keys.push(bytes.readUInt32BE(next + 2));
  }
  return keys;
}

describe("masking keys", () => {
  test("WS-2017-0107: 20,000 of them are distinct, balanced and without a step", async () => {
    const keys = await masks(20_000);
    expect(keys.length).toBe(20_000);
    expect(20_000 - new Set(keys).size).toBeLessThanOrEqual(3); // 0.05 pairs are expected of 2^32
    for (let bit = 0; bit < 32; bit++) {
      const ones = keys.filter((key) => (key >>> bit) & 1).length;
      expect(Math.abs(ones - 10_000)).toBeLessThan(600); // eight standard deviations
    }
    const steps = new Set(keys.slice(1).map((key, at) => (key - keys[at]) >>> 0));
    expect(steps.size).toBeGreaterThan(19_990);
  });

  test("GHSA-w67g-5rqw-f597: they are the bytes of the host's own generator, in order and each once", async () => {
    const given: number[] = [];
    const fill = vi.spyOn(webcrypto, "getRandomValues").mockImplementation((array) => {
      const bytes = array as unknown as Uint8Array;
      for (let at = 0; at < bytes.length; at++) bytes[at] = (given.length * 131 + at * 7) & 0xff;
      given.push(...bytes);
      return array;
    });
    const weak = vi.spyOn(Math, "random");
    for (let left = 0; left < 1_025 && fill.mock.calls.length === 0; left++) random.uint32(); // what the pool had
    const keys = await masks(3_000);
    expect(weak).not.toHaveBeenCalled();
    const words = new Set<number>();
    for (let at = 0; at + 4 <= given.length; at++) words.add(((given[at] << 24) | (given[at + 1] << 16) | (given[at + 2] << 8) | given[at + 3]) >>> 0);
    expect(keys.filter((key) => !words.has(key))).toEqual([]);
    expect(given.length).toBeGreaterThan(12_000);
    let asked = 0;
    const pool = new RandomPool((target) => {
      for (let at = 0; at < target.length; at++) target[at] = asked++ & 0xff;
    });
    expect(Array.from({ length: 3 }, () => pool.uint32())).toEqual([0x00010203, 0x04050607, 0x08090a0b]);
  });

  test("CVE-2025-10148: each frame has one of its own: fragments, pings, and the close frame too", async () => {
    const { socket, peer, clock } = await trapped();
    socket.sendFragment("a", false);
    socket.sendFragment("b", true);
    void socket.ping();
    socket.send(new Uint8Array(70_000));
    void socket.close();
    await clock.advance(0);
    const keys: string[] = [];
    const bytes = Buffer.concat(peer.pieces);
    for (let at = bytes.indexOf("\r\n\r\n") + 4; at < bytes.length;) {
      const short = bytes[at + 1] & 0x7f;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      keys.push(bytes.subarray(at + header, at + header + 4).toString("hex"));
      at += header + 4 + length;
    }
    expect([keys.length, new Set(keys).size]).toEqual([5, 5]);
  });
});

test("Sec-WebSocket-Key is 16 random bytes, new for each connection (RFC 6455, section 4.1)", async () => {
  const keys: Buffer[] = [];
  for (let count = 0; count < 300; count++) {
    const { attempt } = trap((text) => {
      keys.push(Buffer.from(/^Sec-WebSocket-Key: (.*)\r$/m.exec(text)?.[1] ?? "", "base64"));
      return acceptance(text);
    });
    await attempt;
  }
  expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(300);
  for (let at = 0; at < 16; at++) expect(new Set(keys.map((key) => key[at])).size).toBeGreaterThan(100);
  for (const key of keys) expect(key.length).toBe(16);
});

test("a server masks nothing and draws nothing", async () => {
  const server = memoryServer({ message: (socket, message) => void socket.send(message) });
  const client = await server.connect();
  const [accepted] = server.sockets;
  const drawn = vi.spyOn(random, "uint32");
  for (let count = 0; count < 100; count++) accepted.send("x");
  let heard = 0;
  for await (const _ of client) if (++heard === 100) break;
  expect(drawn).not.toHaveBeenCalled();
  client.send("x");
  expect(drawn).toHaveBeenCalledTimes(1);
});

test("no source names Math.random, and getRandomValues is the only source of randomness", () => {
  const root = path.join(import.meta.dirname, "../..");
  const weak: string[] = [];
  const strong: string[] = [];
  const files = ["core", "adapters", "cli"].flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, "/")))).filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|\.d\.ts$|\/testing[./]/.test(file));
  expect(files.length).toBeGreaterThan(80);
  for (const file of [...files, ...readdirSync(root).filter((name) => /^index.*\.ts$/.test(name))]) {
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node) && node.name.text === "random" && node.expression.getText() === "Math") weak.push(file);
      if (ts.isElementAccessExpression(node) && node.expression.getText() === "Math") weak.push(file);
      if (ts.isIdentifier(node) && /^(?:randomBytes|randomInt|randomUUID|randomFillSync|randomFill|getRandomValues)$/.test(node.text)) strong.push(`${file} ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest, true));
  }
  expect(weak).toEqual([]);
  // keys and masks; and the seed of a simulation that names none
  expect(strong.sort()).toEqual(["adapters/simulation/world.ts getRandomValues", "adapters/socket.ts getRandomValues"]);
});
