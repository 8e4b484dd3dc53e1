import net from "node:net";
import { expect, test, vi } from "vitest";
import { handleOf, internals } from "./node-handle.ts";

// What is private may be missing: everything works on Node's streams then.
vi.mock("./node-internals.ts", async (original) => ({ ...await original<object>(), findInternals: () => undefined }));

await import("./node-pipe.test.ts");
await import("./node-http.test.ts");
await import("./serve.test.ts");
await import("./connect.test.ts");
await import("./partial-writes.test.ts");

test("no socket has a handle here", () => {
  expect([internals(), handleOf(new net.Socket())]).toEqual([undefined, undefined]);
});
