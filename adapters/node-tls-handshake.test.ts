import net from "node:net";
import tls from "node:tls";
import { expect, test } from "vitest";
import { serve } from "../index.node.ts";
import { makeCertificates } from "../test/certificate.ts";

const { cert, key } = makeCertificates();
const LIMIT = 3_000;

/** How long a connection that does this is kept, in milliseconds. */
async function kept(act: (socket: net.Socket, port: number) => void): Promise<number> {
  await using server = await serve({ port: 0, hostname: "127.0.0.1", tls: { cert, key }, limits: { handshakeTimeout: LIMIT } });
  const socket = net.connect(server.port, "127.0.0.1").on("error", () => {});
  socket.resume();
  const start = performance.now();
  act(socket, server.port);
  await new Promise((resolve) => socket.once("close", resolve));
  return performance.now() - start;
}

test("a client that never starts TLS is let go of when the handshake's time is up", async () => {
  expect(await kept(() => {})).toBeGreaterThan(LIMIT * 0.9);
});

test("what TLS takes of the handshake's time is gone: the request does not have all of it again", async () => {
  const waited = LIMIT / 2;
  let secured = 0;
  const total = await kept((socket) => {
    setTimeout(() => tls.connect({ socket, rejectUnauthorized: false }, () => secured = performance.now()).on("error", () => {}), waited);
  });
  expect(secured).toBeGreaterThan(0);
  expect(total).toBeGreaterThan(LIMIT * 0.9);
  expect(total).toBeLessThan(waited + LIMIT * 0.9);
});
