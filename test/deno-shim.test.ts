import { once } from "node:events";
import net from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deno as shim } from "@deno/shim-deno";
import { serve, type Server } from "../index.node.ts";

/**
 * The Deno adapter's client on Node, where `Deno` has what the shim has and nothing else: so it needs nothing beyond the calls it
 * names. The bytes go over `node:net`; real bytes of real Deno are in the suite's cases.
 */
const used = { Deno: new Set<string>(), connection: new Set<string>() };
const had = Object.getOwnPropertyDescriptor(globalThis, "Deno");
let server: Server;

beforeAll(async () => {
  server = await serve({ port: 0, hostname: "127.0.0.1", message: (socket, message) => void socket.send(message as string) });
  // only asked for its names, and left to the server to end
  const sample = await shim.connect({ hostname: "127.0.0.1", port: server.port });
  const known = guard(sample, used.connection);
  const connect = async ({ hostname, port }: { hostname: string; port: number }): Promise<object> => {
    const socket = net.connect({ host: hostname, port, allowHalfOpen: true });
    await once(socket, "connect");
    return known(onNode(socket));
  };
  Object.defineProperty(globalThis, "Deno", { configurable: true, value: guard(shim, used.Deno)({ connect }) });
});
afterAll(async () => {
  if (had === undefined) delete (globalThis as { Deno?: unknown }).Deno;
  else Object.defineProperty(globalThis, "Deno", had);
  await server.close();
});

/** Notes what is asked for, and throws for what `model` does not have. What a runtime may lack is asked for with `?.`. */
function guard(model: object, names: Set<string>): (target: object) => object {
  return (target) => new Proxy(target, {
    get(object, name) {
      if (typeof name === "string" && name !== "then") {
        names.add(name);
        if (!(name in model) && name in object) throw new Error(`The shim has no "${name}"`);
      }
      return Reflect.get(object, name) as unknown;
    },
  });
}

/** What `Deno.Conn` does, over a Node socket. */
function onNode(socket: net.Socket): object {
  const chunks = socket[Symbol.asyncIterator]();
  let rest = new Uint8Array(0);
  return {
    remoteAddr: { hostname: socket.remoteAddress, port: socket.remotePort },
    setNoDelay: () => void socket.setNoDelay(true),
    async read(buffer: Uint8Array) {
      if (rest.length === 0) {
        const { value, done } = await chunks.next();
        if (done === true) return null;
        rest = value as Uint8Array<ArrayBuffer>;
      }
      const count = Math.min(rest.length, buffer.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    write: (bytes: Uint8Array) => new Promise((resolve, reject) => socket.write(bytes.slice(), (error) => (error ? reject(error) : resolve(bytes.length)))),
    closeWrite: () => new Promise<void>((resolve) => socket.end(resolve)),
    close: () => void socket.destroy(),
  };
}

test("the Deno adapter's client runs with the calls it names, and no other", async () => {
  const { connect } = await import("../adapters/deno.ts");
  const socket = await connect(server.url);
  const messages = ["hello", "ø".repeat(1000), new Uint8Array(200_000).fill(7)];
  for (const message of messages) socket.send(message);
  const got: unknown[] = [];
  for await (const message of socket) if (got.push(message) === messages.length) break;
  expect(got).toEqual(messages);
  expect(await socket.close(4000, "done")).toMatchObject({ code: 4000, clean: true });
  await expect.poll(() => [...used.connection].sort()).toEqual(["close", "closeWrite", "read", "remoteAddr", "setNoDelay", "write"]);
  expect([...used.Deno]).toEqual(["internal", "connect"]); // the first is looked for, and does without
});
