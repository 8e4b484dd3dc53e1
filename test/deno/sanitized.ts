/**
 * Run by `deno test`: its sanitizers fail a test that leaves a resource, a timer or a pending operation behind.
 * @module
 */
import { connect, serve } from "../../index.deno.ts";

declare const Deno: { test(name: string, body: () => Promise<void>): void; env: { get(name: string): string | undefined } };

const { ca, cert, key } = JSON.parse(Deno.env.get("CERTIFICATES") ?? "{}") as { ca: string; cert: string; key: string };

function same(got: unknown, wanted: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`);
}

for (const tls of [undefined, { cert, key }]) {
  const where = tls === undefined ? "TCP" : "TLS";
  const options = { port: 0, hostname: "127.0.0.1", ...(tls === undefined ? {} : { tls }) };
  const trust = tls === undefined ? {} : { tls: { ca } };

  Deno.test(`an echo and a close over ${where} leave nothing`, async () => {
    const server = await serve({ ...options, message: (socket, message) => void socket.send(message as string) });
    const socket = await connect(server.url, trust);
    socket.send("hello");
    for await (const message of socket) {
      same(message, "hello");
      break;
    }
    same((await socket.close(4000, "done")).clean, true);
    await server.close();
  });

  Deno.test(`a dropped connection over ${where} leaves nothing`, async () => {
    const server = await serve(options);
    const socket = await connect(server.url, trust);
    socket.terminate();
    same((await socket.closed).code, 1006);
    await server.close();
  });

  Deno.test(`a server over ${where} that closes its sockets leaves nothing`, async () => {
    const server = await serve(options);
    const sockets = await Promise.all([connect(server.url, trust), connect(server.url, trust)]);
    await server.close(1012, "back soon");
    for (const socket of sockets) same((await socket.closed).code, 1012);
  });
}

Deno.test("attempts that fail leave nothing", async () => {
  const failed: unknown[] = [];
  const silent = await serve({ port: 0, hostname: "127.0.0.1", upgrade: () => new Promise<undefined>(() => {}) });
  const note = (error: { stage: string }): number => failed.push(error.stage);
  await connect("ws://127.0.0.1:1/").catch(note);
  await connect(silent.url, { limits: { handshakeTimeout: 50 } }).catch(note);
  await connect(silent.url, { signal: AbortSignal.abort(Object.assign(new Error("no"), { stage: "aborted" })) }).catch(note);
  same(failed, ["connect", "response", "aborted"]);
  await silent.close();
});
