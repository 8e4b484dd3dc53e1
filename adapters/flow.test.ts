import { describe, expect, test } from "vitest";
import { close, concat, encodeFrame, type Frame, FrameReader, ping, pong, type ReadFrame, text, binary } from "../conformance/frames.ts";
import { Fields } from "../core/http/field.ts";
import type { Message } from "../core/protocol.ts";
import { Driver } from "./driver.ts";
import { type Handler, Socket } from "./socket.ts";
import { rest } from "./task.ts";

/** The server's end of a connection, over a transport that writes down what it is given. */
function connection(handler: Handler<undefined>, start = true) {
  const frames: ReadFrame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  const state = { paused: false, ended: false };
  const head = { method: "GET", target: "/", fields: new Fields() };
  const response = { status: 101, reason: "", fields: new Fields() };
  const socket = new Socket<undefined>({
    role: "server", url: "ws://test/", protocol: "", extension: undefined, request: head, response, peer: { remoteAddress: undefined, remotePort: undefined }, data: undefined,
  }, handler, {});
  const driver: Driver<Uint8Array, Uint8Array> = new Driver(socket.wire, {
    write(output) {
      for (const bytes of output) reader.push(bytes);
      return true;
    },
    end: () => void (state.ended = true),
    destroy: () => queueMicrotask(() => driver.closed()),
    pause: () => void (state.paused = true),
    resume: () => void (state.paused = false),
  });
  if (start) socket.start(driver);
  return { socket, driver, frames, state, send: (...sent: readonly Frame[]) => driver.received(concat(sent.map((frame) => encodeFrame(frame, 1)))) };
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at));
}

test("a keeper hears which socket it is, and nothing once that is gone", async () => {
  const heard: unknown[] = [];
  const { socket, driver } = connection({}, false);
  const note = (what: string) => (of: unknown): void => void heard.push(of === socket ? what : of);
  socket.start(driver, { flushed: note("flushed"), ended: note("ended"), gone: note("gone") });
  driver.flush();
  expect(heard).toContain("flushed");
  socket.terminate();
  await socket.closed;
  socket.throttle(true);
  driver.observer?.closed();
  driver.observer?.flushed();
  expect(heard.slice(-2)).toEqual(["ended", "gone"]);
});

describe("what is told", () => {
  test("waits for `open`, the end too, and then comes in order", async () => {
    const heard: unknown[] = [];
    const { socket, driver } = connection({
      open: () => heard.push("open"),
      message: (_, message) => heard.push(message),
      ping: () => heard.push("ping"),
      pong: () => heard.push("pong"),
      close: (_, { code }) => heard.push(code),
    }, false);
    socket.wire.receive(concat([text("a"), ping(""), pong(""), text("b"), close(4000)].map((frame) => encodeFrame(frame, 1))), 0);
    socket.wire.receiveEnd(0);
    expect(heard).toEqual([]);
    socket.start(driver);
    expect(heard).toEqual(["open", "a", "ping", "pong", "b", 4000]);
    expect((await socket.closed).code).toBe(4000);
  });

  test.each([
    ["is thrown in", (): never => {
      throw new Error("mine");
    }],
    ["is rejected by", () => Promise.reject(new Error("mine"))],
  ])("and what %s a handler ends the connection with 1011, and is told itself", async (_, fail) => {
    const errors: unknown[] = [];
    const { socket, frames, send } = connection({ message: fail, error: (error, on) => errors.push(error, on) });
    send(text("a"));
    await rest();
    expect(errors).toEqual([new Error("mine"), socket]);
    expect(frames.map(({ opcode, payload }) => [opcode, payload[0] * 256 + payload[1]])).toEqual([[8, 1011]]);
    expect(socket.state).toBe("closing");
  });
});

describe("no more is read than is taken", () => {
  test("one message at a time while a handler's promise is pending", async () => {
    const got: Message[] = [];
    let answer: (() => void) | undefined;
    const { send, state } = connection({
      message: (_, message) => {
        got.push(message);
        return new Promise<void>((resolve) => answer = resolve);
      },
    });
    send(text("a"), text("b"));
    send(text("c"));
    await rest();
    expect([got, state.paused]).toEqual([["a"], true]);
    answer?.();
    await rest();
    expect([got, state.paused]).toEqual([["a", "b"], true]);
    answer?.();
    await rest();
    answer?.();
    await rest();
    expect([got, state.paused]).toEqual([["a", "b", "c"], false]);
  });

  test("64 KiB while nobody iterates, and more once a loop has taken most of it", async () => {
    const { socket, send, state } = connection({});
    const loop = socket[Symbol.asyncIterator]();
    const paused: boolean[] = [];
    for (let sent = 0; sent < 4; sent++) {
      send(binary(new Uint8Array(30_000)));
      paused.push(state.paused);
    }
    for (let taken = 0; taken < 4; taken++) {
      expect((await loop.next()).value).toHaveLength(30_000);
      await rest();
      paused.push(state.paused);
    }
    expect(paused).toEqual([false, false, false, true, true, true, false, false]);
    expect(socket.bytesHeld).toBe(0);
  });

  test("nothing while the socket is throttled", async () => {
    const got: Message[] = [];
    const { socket, send, state } = connection({ message: (_, message) => void got.push(message) });
    socket.throttle(true);
    send(text("a"));
    expect([got, state.paused]).toEqual([[], true]);
    socket.throttle(false);
    expect([got, state.paused]).toEqual([["a"], false]);
  });

  test("nothing any more once it is given up", async () => {
    const got: Message[] = [];
    const { socket, send, state, frames } = connection({ message: (_, message) => void got.push(message) });
    socket.giveUp(1008, "too much");
    send(text("a"));
    socket.throttle(false);
    await rest();
    expect([got, state.paused, frames.map(({ opcode }) => opcode)]).toEqual([[], true, [8]]);
  });

  test("nothing that comes behind `drain`, which closes once what came before is answered", async () => {
    const got: Message[] = [];
    let answer: (() => void) | undefined;
    const { socket, send, frames } = connection({
      message: (_, message) => {
        got.push(message);
        return new Promise<void>((resolve) => answer = resolve);
      },
    });
    send(text("a"), text("b"));
    void socket.drain(4001);
    send(text("c"));
    for (let answered = 0; answered < 2; answered++) {
      await rest();
      expect(frames).toEqual([]);
      answer?.();
    }
    await rest();
    expect([got, frames.map(({ opcode }) => opcode)]).toEqual([["a", "b"], [8]]);
  });
});

describe("one packet with ten thousand messages", () => {
  test.each([
    ["a handler", (got: Message[], message: Message): unknown => void got.push(message)],
    ["a handler that gives a promise", (got: Message[], message: Message): unknown => Promise.resolve().then(() => got.push(message))],
  ])("is given to %s in order, some in each turn, and another connection is answered in between", async (_, take) => {
    const got: Message[] = [];
    const { send, state } = connection({ message: (_socket, message) => take(got, message) });
    const other = connection({ message: (socket, message) => void socket.send(message) });
    send(...numbers(9_999).map((each) => text(each)));
    send(text("9999"));
    expect(state.paused).toBe(true);
    let turns = 0;
    let before = got.length;
    while (got.length < 10_000) {
      await turn();
      expect(got.length - before).toBeLessThanOrEqual(256);
      before = got.length;
      if (turns++ === 3) other.send(text("neighbour"));
    }
    expect(turns).toBeGreaterThan(35);
    expect(got).toEqual(numbers(10_000));
    expect(other.frames.length).toBe(1);
    await rest();
    expect(state.paused).toBe(false);
  });

  test("waits in the inbox of a loop, and comes in order", async () => {
    const { send, socket, driver } = connection({});
    send(...numbers(10_000).map((each) => text(each)), text("last"), close(1000));
    const got: Message[] = [];
    for await (const message of socket) {
      got.push(message);
      if (message === "last") break;
    }
    expect(got).toEqual([...numbers(10_000), "last"]);
    await rest();
    driver.ended();
    expect((await socket.closed).code).toBe(1000);
  });

  test("is delivered whole when the connection is lost meanwhile", async () => {
    const got: Message[] = [];
    const { send, driver, socket } = connection({ message: (_, message) => void got.push(message) });
    send(...numbers(10_000).map((each) => text(each)));
    driver.closed();
    expect(got).toEqual(numbers(10_000));
    expect((await socket.closed).code).toBe(1006);
  });

  test("is given up when the application closes meanwhile, and the closing handshake goes on", async () => {
    const got: Message[] = [];
    const { send, socket, driver, frames } = connection({ message: (_, message) => void got.push(message) });
    send(...numbers(10_000).map((each) => text(each)), close(1000));
    const closed = socket.close(4000);
    await rest();
    expect(got.length).toBeLessThanOrEqual(256);
    driver.ended();
    expect((await closed).code).toBe(1000);
    expect(frames.length).toBe(1);
  });

  test("is answered whole by a socket that drains", async () => {
    const { send, socket, driver, frames } = connection({ message: (self, message) => void self.send(message) });
    send(...numbers(10_000).map((each) => text(each)));
    const closed = socket.drain();
    await rest();
    send(close(1001));
    driver.ended();
    expect((await closed).clean).toBe(true);
    expect(frames.length).toBe(10_001);
  });
});

test("messages of 64 KiB are given four in each turn: one alone in a read is never too much", async () => {
  let got = 0;
  const { send } = connection({ message: () => void got++ });
  send(...numbers(10).map(() => binary(new Uint8Array(65_536))));
  expect(got).toBe(4);
  await turn();
  expect(got).toBe(8);
  await rest();
  expect(got).toBe(10);
});

test("what was read before does not count: a message of 64 KiB in each read never waits", () => {
  let got = 0;
  const { send } = connection({ message: () => void got++ });
  for (let sent = 1; sent <= 5; sent++) {
    send(binary(new Uint8Array(65_536)));
    expect(got).toBe(sent);
  }
});

test.each([["pings", ping], ["pongs", pong]])("%s are heard some in each turn", async (_, make) => {
  let got = 0;
  const hear = (): void => void got++;
  const { send } = connection({ ping: hear, pong: hear });
  send(...numbers(2_000).map(() => make("")));
  expect(got).toBe(256);
  await rest();
  expect(got).toBe(2_000);
});
