/**
 * The attacks on servers, with short deadlines: all of them at full size by `npm run attack -- server --long`.
 * @module
 */
import { describe, expect, it } from "vitest";
import { isGood, runAttacks, select } from "./attack.ts";
import { Peer, type ServerGround } from "./server-peer.ts";
import { attackServer, SERVER_ATTACKS, SERVER_NAMES } from "./server.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 240_000;

/** All that is quick: no floods of half a million, no large crowds, no slow readers. */
const SLOW = /^(?:R-0[4-9]|R-1[0-2]|R-2[1-4]|K-5[0234]|K-64|D-0[23]|D-20|D-21|C-0[1346])$/;
const SHARE = SERVER_ATTACKS.filter(({ id }) => !SLOW.test(id));

describe.concurrent.each(SERVER_NAMES)("our server on %s", (name) => {
  it("withstands what is quick to try", { timeout: LONG }, async () => {
    const outcomes = await attackServer(name, { attacks: SHARE });
    expect(outcomes.filter((outcome) => !isGood([outcome])).map(({ id, rule, note }) => `${id} ${rule}: ${note}`)).toEqual([]);
    expect(outcomes.length).toBe(SHARE.length);
  });
});

it("every attack has an id of its own, and there are at least 110", () => {
  const ids = SERVER_ATTACKS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(110);
});

it("a server that takes what it should not is found out", { timeout: LONG }, async () => {
  const { createServer } = await import("node:net");
  // it accepts every request, and sends back every byte
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
      socket.pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const process = { alive: true, rss: undefined, files: undefined };
  const ground: ServerGround = { host: "127.0.0.1", port, runtime: "", maxMessage: 1_048_576, process, long: false };
  const peer = await Peer.open(ground);
  peer.destroy();
  const attacks = select(SERVER_ATTACKS, ["K-01", "K-05", "K-11", "K-26"]);
  const outcomes = await runAttacks(attacks, ground);
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(attacks.map(() => "FAIL"));
  server.close();
});
