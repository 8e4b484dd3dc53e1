import { expect, test, vi } from "vitest";
import { handleOf } from "./node-handle.ts";

// What is private may be missing: everything works on Node's streams then.
vi.mock("./node-handle.ts", async (original) => ({ ...await original<object>(), handleOf: () => undefined, isWritable: () => false }));

await import("./node-pipe.test.ts");
await import("./node-http.test.ts");
await import("./serve.test.ts");
await import("./connect.test.ts");
await import("./partial-writes.test.ts");

test("no socket has a handle here", () => {
  expect(handleOf({})).toBeUndefined();
});
