import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findInternals, type Handle, listenOnHandle } from "./deno-handle.ts";
import { FakeHandle, fakeInternals } from "./testing/deno-handles.ts";

beforeEach(() => {
  FakeHandle.made = [];
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => void vi.useRealTimers());

const { TCP, WriteWrap, ShutdownWrap, streamBaseState } = fakeInternals;
const tcp = { TCP, constants: { SOCKET: 0, SERVER: 1 } };
const stream = { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError: 0, kLastWriteWasAsync: 3 };

/** A global object with these bindings. */
function host(bindings: object, os = "linux"): object {
  return { Deno: { build: { os } }, process: { binding: (name: string) => bindings[name as keyof object] } };
}

test("internals are found where everything is as known", () => {
  expect(findInternals(host({ tcp_wrap: tcp, stream_wrap: stream }))).toMatchObject({ TCP, WriteWrap, ShutdownWrap, streamBaseState });
});

test("where a part is missing or another there are none, nor on Windows or off Deno", () => {
  class Lacking extends FakeHandle {
    override readonly useUserBuffer = undefined as never;
  }
  Object.defineProperty(Lacking.prototype, "useUserBuffer", { value: undefined });
  const hosts = [
    host({ tcp_wrap: tcp, stream_wrap: stream }, "windows"),
    host({}),
    host({ tcp_wrap: tcp }),
    host({ tcp_wrap: { ...tcp, TCP: Lacking }, stream_wrap: stream }),
    host({ tcp_wrap: { ...tcp, constants: { SOCKET: 1, SERVER: 0 } }, stream_wrap: stream }),
    host({ tcp_wrap: tcp, stream_wrap: { ...stream, kReadBytesOrError: 1 } }),
    host({ tcp_wrap: tcp, stream_wrap: { ...stream, kLastWriteWasAsync: 2 } }),
    host({ tcp_wrap: tcp, stream_wrap: { ...stream, streamBaseState: new Int32Array(3) } }),
    host({ tcp_wrap: tcp, stream_wrap: { ...stream, streamBaseState: [0, 0, 0, 0] } }),
    host({ tcp_wrap: tcp, stream_wrap: { ...stream, WriteWrap: undefined } }),
    host({ tcp_wrap: tcp, stream_wrap: { ...stream, ShutdownWrap: undefined } }),
    { Deno: { build: { os: "linux" } }, process: {} },
    { Deno: { build: { os: "linux" } } },
    globalThis,
  ];
  for (const each of hosts) expect(findInternals(each)).toBeUndefined();
});

test("whoever is there is accepted, and is looked for again, as nobody says when files have run out", async () => {
  const accepted: Handle[] = [];
  const listener = await listenOnHandle(fakeInternals, ["nowhere", "::"], 0, (handle) => accepted.push(handle));
  const [nowhere, server] = FakeHandle.made;
  expect(nowhere.closed).toBe(1);
  expect(listener).toMatchObject({ hostname: "::", port: 4_000 });
  FakeHandle.waiting.push(new FakeHandle());
  server.onconnection();
  server.onconnection(); // and was nobody
  expect([accepted.length, FakeHandle.made.at(-1)?.closed]).toEqual([1, 1]);
  const looks = server.calls.length;
  vi.advanceTimersByTime(10_000);
  expect(server.calls.length).toBeGreaterThan(looks);
  await Promise.all([listener?.close(), listener?.close()]);
  const last = server.calls.length;
  vi.advanceTimersByTime(10_000);
  expect([server.closed, server.calls.length]).toEqual([1, last]);
});

test("what does not listen, or would listen somewhere else when looking again, leaves nothing behind", async () => {
  const nobody = (): void => {};
  class Moving extends FakeHandle {
    override listen(): number {
      this.port++;
      return 0;
    }
  }
  for (const errors of [[-98], [0, -98]]) {
    FakeHandle.listenErrors = errors;
    expect(await listenOnHandle(fakeInternals, ["::", "0.0.0.0"], 80, nobody)).toBeUndefined();
  }
  expect(FakeHandle.made.length).toBe(2); // a port that is taken is not tried elsewhere
  expect(await listenOnHandle({ ...fakeInternals, TCP: Moving }, ["::"], 0, nobody)).toBeUndefined();
  expect(await listenOnHandle(fakeInternals, ["", "nowhere"], 0, nobody)).toBeUndefined();
  expect(FakeHandle.made.every(({ closed }) => closed === 1)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
