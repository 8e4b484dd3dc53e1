import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { connect } from "../adapters/node.ts";
import { RUNTIMES } from "./targets/start.ts";
import { Target } from "./testing.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 60_000;

it.each(RUNTIMES)("a target on %s sends to everybody over TLS, takes 64 MiB and not more, and ends when it is told to", { timeout: LONG }, async (runtime) => {
  const target = await Target.server(runtime, "--mode", "broadcast", "--tls");
  const [, file] = /(\S+)\n$/.exec(target.errors) as RegExpExecArray;
  const options = { tls: { ca: readFileSync(file, "utf8") }, limits: { maxMessage: 2 ** 30, maxQueued: 2 ** 30 } };
  const sockets = await Promise.all([1, 2, 3].map(() => connect(target.url, options)));
  const large = new Uint8Array(64 * 1024 * 1024).fill(7);
  sockets[0].send("ø");
  sockets[0].send(large);
  for (const socket of sockets) {
    const got = socket[Symbol.asyncIterator]();
    expect((await got.next()).value).toBe("ø");
    expect(Buffer.compare((await got.next()).value as Uint8Array, large)).toBe(0);
  }
  sockets[0].send(new Uint8Array(large.length + 1));
  expect((await sockets[0].closed).code).toBe(1009);
  expect(await target.end()).toBe(0);
  expect((await Promise.all(sockets.map(({ closed }) => closed))).length).toBe(3);
  await expect(connect(target.url, options)).rejects.toThrow("ECONNREFUSED");
});

it.each(RUNTIMES)("a target on %s sends to everybody again and again, while only one speaks", { timeout: LONG }, async (runtime) => {
  const target = await Target.server(runtime, "--mode", "broadcast");
  const count = 50;
  let heard = 0;
  let onRound = (): void => {};
  const message = (): void => void (++heard % count === 0 && onRound());
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(target.url, { message })));
  for (let round = 1; round <= 500; round++) {
    await new Promise<void>((resolve) => {
      onRound = resolve;
      sockets[0].send("x".repeat(128));
    });
  }
  for (const { clean } of await Promise.all(sockets.map((socket) => socket.close()))) expect(clean).toBe(true);
  expect(heard).toBe(500 * count);
  expect(await target.end()).toBe(0);
});

it.each([
  [["--runtime", "netscape"], 'Cannot use --runtime "netscape": it must be one of node, deno, bun, workerd'],
  [["--port", "http"], 'Cannot use --port "http": it must be a number from 0 to 65535'],
  [["--deflate=lots"], 'Cannot use --deflate "lots": it must be one of takeover, no-takeover, off'],
] as const)("%j is answered in one sentence", async (args, sentence) => {
  const target = new Target("main.ts", ...args);
  expect(await target.ended).toBe(2);
  expect(target.errors).toBe(`${sentence}\n`);
});
