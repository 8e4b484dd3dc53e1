import { expect, test, vi } from "vitest";
import { type DenoStream, findOps } from "./deno-ops.ts";

const internal = Symbol("internal");
const internalRidSymbol = Symbol("rid");
const bytes = new Uint8Array(3);

function setUp(core: object | undefined): { used: string[]; read: (connection: DenoStream) => void } {
  const used: string[] = [];
  const call = (name: string) => vi.fn((of: unknown) => (used.push(`${name} ${typeof of}`), Promise.resolve(3)));
  const whole = core === undefined ? undefined : { read: call("core reads from a"), write: call("core writes to a"), internalRidSymbol, ...core };
  const { read, write } = findOps({ internal, [internal]: { core: whole } });
  return {
    used,
    read(connection) {
      const own = { ...connection, read: call("it reads into an"), write: call("it writes an") };
      void read(own, bytes);
      void write(own, bytes);
    },
  };
}

const NUMBERED = { [internalRidSymbol]: 5 } as unknown as DenoStream;
const METHODS = ["it reads into an object", "it writes an object"];

test("a connection that has a number is read and written by it", () => {
  const { used, read } = setUp({});
  read(NUMBERED);
  expect(used).toEqual(["core reads from a number", "core writes to a number"]);
});

test("one that has none, and all where a part is missing, by its methods", () => {
  const { used, read } = setUp({});
  read({} as DenoStream);
  expect(used).toEqual(METHODS);
  for (const core of [undefined, { read: undefined }, { write: 5 }, { internalRidSymbol: "rid" }]) {
    const lacking = setUp(core);
    lacking.read(NUMBERED);
    expect(lacking.used).toEqual(METHODS);
  }
});

test("where there is no Deno, or it keeps nothing to itself, by their methods too", async () => {
  const connection = { read: () => Promise.resolve(7), write: () => Promise.resolve(8) };
  for (const host of [undefined, {}, { internal }, { internal, [internal]: null }]) {
    const { read, write } = findOps(host as never);
    expect([await read(connection, bytes), await write(connection, bytes)]).toEqual([7, 8]);
  }
});
