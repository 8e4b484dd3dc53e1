/** The shape of the class, and what it does to its arguments: what Web IDL asks, for us and for undici alike. */
import { runInNewContext } from "node:vm";
import { describe, expect, expectTypeOf, test } from "vitest";
import { WebSocket as UndiciWebSocket } from "undici";
import { CloseEvent, WebSocket } from "../index.node.ts";
import { closeEventClass } from "./events.ts";
import { sizeOf, toClampedShort } from "./webidl.ts";

const NOWHERE = "ws://127.0.0.1:1/"; // a blocked port: nothing is connected to
const classes = [["isosocket", WebSocket], ["undici", UndiciWebSocket as unknown as typeof WebSocket]] as const;
const ours = [classes[0]] as const;

function make(Class: typeof WebSocket, ...args: unknown[]): WebSocket {
  const socket = new (Class as new (...args: unknown[]) => WebSocket)(...args);
  socket.onerror = () => {};
  return socket;
}

function descriptor(object: object, name: PropertyKey): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(object, name) as PropertyDescriptor;
}

describe.each(classes)("the interface of %s", (_, Class) => {
  test("the class is a function named WebSocket that wants one argument and `new`", () => {
    expect([typeof Class, Class.name, Class.length]).toEqual(["function", "WebSocket", 1]);
    expect(() => (Class as unknown as () => void)()).toThrow(TypeError);
    expect(() => make(Class)).toThrow(TypeError);
    expect(Object.getPrototypeOf(Class)).toBe(EventTarget);
    expect(Object.getPrototypeOf(Class.prototype)).toBe(EventTarget.prototype);
    expect(descriptor(Class, "name")).toMatchObject({ writable: false, enumerable: false, configurable: true });
    expect(descriptor(Class, "prototype")).toMatchObject({ writable: false, enumerable: false, configurable: false });
    expect(descriptor(Class.prototype, "constructor")).toMatchObject({ value: Class, writable: true, enumerable: false, configurable: true });
    expect(descriptor(Class.prototype, Symbol.toStringTag)).toEqual({ value: "WebSocket", writable: false, enumerable: false, configurable: true });
  });

  test.each([["CONNECTING", 0], ["OPEN", 1], ["CLOSING", 2], ["CLOSED", 3]])("%s is a constant of the class and of its prototype", (name, value) => {
    const constant = { value, writable: false, enumerable: true, configurable: false };
    expect(descriptor(Class, name)).toEqual(constant);
    expect(descriptor(Class.prototype, name)).toEqual(constant);
  });

  test.each([["url"], ["readyState"], ["bufferedAmount"], ["extensions"], ["protocol"]])("%s is a readonly attribute", (name) => {
    const { get, ...rest } = descriptor(Class.prototype, name);
    expect(rest).toEqual({ set: undefined, enumerable: true, configurable: true });
    expect([get?.length, get?.name]).toEqual([0, `get ${name}`]);
    for (const other of [undefined, null, {}, Class.prototype, new EventTarget()]) expect(() => get?.call(other)).toThrow(TypeError);
    const socket = make(Class, NOWHERE);
    expect(Object.hasOwn(socket, name)).toBe(false);
    expect(() => Object.assign(socket, { [name]: 5 })).toThrow(TypeError); // strict mode
  });

  test.each([["binaryType"], ["onopen"], ["onmessage"], ["onerror"], ["onclose"]])("%s is an attribute that can be set", (name) => {
    const { get, set, ...rest } = descriptor(Class.prototype, name);
    expect(rest).toEqual({ enumerable: true, configurable: true });
    expect([get?.length, get?.name, set?.length, set?.name]).toEqual([0, `get ${name}`, 1, `set ${name}`]);
    for (const other of [undefined, {}, Class.prototype]) {
      expect(() => get?.call(other)).toThrow(TypeError);
      expect(() => set?.call(other, null)).toThrow(TypeError);
    }
  });

  test.each([["close", 0], ["send", 1]])("%s is an operation that wants %i arguments", (name, length) => {
    const { value, ...rest } = descriptor(Class.prototype, name);
    expect(rest).toEqual({ writable: true, enumerable: true, configurable: true });
    expect([value.name, value.length]).toEqual([name, length]);
    for (const other of [undefined, {}, Class.prototype]) expect(() => value.call(other, "")).toThrow(TypeError);
    if (length === 1) expect(() => value.call(make(Class, NOWHERE))).toThrow(TypeError);
  });

  test("an object starts out as the standard says, and its methods can be replaced", () => {
    const socket = make(Class, NOWHERE);
    expect(String(socket)).toBe("[object WebSocket]");
    expect([socket.readyState, socket.bufferedAmount, socket.extensions, socket.protocol, socket.binaryType]).toEqual([0, 0, "", "", "blob"]);
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
    expect(Object.assign(socket, { close: 5 }).close).toBe(5);
  });
});

describe.each(classes)("the constructor of %s", (_, Class) => {
  test.each([
    ["ws://foo bar.com/"], ["wss://foo bar.com/"], ["ftp://example.com/"], ["mailto:a@example.com"], ["about:blank"],
    [`${NOWHERE}#`], [`${NOWHERE}#test`], ["#test"], ["/"], ["example.com"], [""],
  ])("refuses the URL %j with a SyntaxError", (url) => {
    expect(() => make(Class, url)).toThrow(expect.objectContaining({ name: "SyntaxError", constructor: DOMException }));
  });

  test.each([
    ["ws://127.0.0.1:1", NOWHERE], ["WS://127.0.0.1:1/", NOWHERE], ["http://127.0.0.1:1/", NOWHERE], ["https://h:1/", "wss://h:1/"],
    ["ws://h:80/", "ws://h/"], ["wss://h:443", "wss://h/"], ["ws://user:secret@h:1/", "ws://user:secret@h:1/"], ["ws://h:1/?x\0y\0", "ws://h:1/?x%00y"],
    ["ws://h:1/\ud800", "ws://h:1/%EF%BF%BD"], [new URL(NOWHERE), NOWHERE],
  ])("takes the URL %s as %s", (url, expected) => expect(make(Class, url).url).toBe(expected));

  test.each([...`${" ()<>@,;:\\\"/[]?={}\t\r\n\0\x7f\x80\xff\u4e00"}`].map((character) => [`a${character}b`]).concat([[""]]))(
    "refuses the subprotocol %j with a SyntaxError",
    (protocol) => expect(() => make(Class, NOWHERE, protocol)).toThrow(expect.objectContaining({ name: "SyntaxError", constructor: DOMException })),
  );

  test.each([[["echo", "echo"]], [["echo", "eCho"]], [["ok", ""]], [[null, "null"]]])("refuses the subprotocols %j with a SyntaxError", (protocols) => {
    expect(() => make(Class, NOWHERE, protocols)).toThrow(expect.objectContaining({ name: "SyntaxError" }));
  });

  test.each([[undefined], [[]], ["echo"], [["a", "b"]], [new Set(["a"])], [null], [5], [["a", 5, null]], [new String("abc")]])(
    "takes the subprotocols %j", (protocols) => expect(make(Class, NOWHERE, protocols, "a stray argument").readyState).toBe(0),
  );

  test("what cannot be made a string is a TypeError", () => {
    for (const value of [Symbol("s"), [Symbol("s")]]) expect(() => make(Class, NOWHERE, value)).toThrow(TypeError);
    expect(() => make(Class, Symbol("s"))).toThrow(TypeError);
  });
});

describe.each(classes)("event handler attributes of %s", (_, Class) => {
  test.each([["onopen"], ["onmessage"], ["onerror"], ["onclose"]] as const)("%s keeps objects and takes anything else for null", (name) => {
    const socket = make(Class, NOWHERE) as unknown as Record<string, unknown>;
    const handler = (): void => {};
    socket[name] = handler;
    expect(socket[name]).toBe(handler);
    for (const value of [1, ";", undefined, null, true, Symbol("s")]) {
      socket[name] = handler;
      socket[name] = value;
      expect(socket[name]).toBe(null);
    }
  });

  test("a handler is called with its object as `this`, for events of any making", () => {
    const socket = make(Class, NOWHERE);
    const calls: unknown[] = [];
    socket.onmessage = function (event) {
      calls.push(this, event);
    };
    const event = new Event("message");
    socket.dispatchEvent(event);
    expect(calls).toEqual([socket, event]);
  });

  test("a handler that is set to null is not called, nor is a listener that was removed", () => {
    const socket = make(Class, NOWHERE);
    const listener = (): void => expect.unreachable();
    socket.onclose = listener;
    socket.onclose = null;
    socket.addEventListener("close", listener);
    socket.removeEventListener("close", listener);
    socket.dispatchEvent(new Event("close"));
  });
});

describe.each(ours)("event handler attributes of %s, where undici differs", (_, Class) => {
  test("a handler that replaces another keeps its place; after null it goes to the end", () => {
    const socket = make(Class, NOWHERE);
    const calls: number[] = [];
    socket.addEventListener("open", () => calls.push(1));
    socket.onopen = () => calls.push(-1);
    socket.addEventListener("open", () => calls.push(3));
    socket.onopen = () => calls.push(2);
    socket.dispatchEvent(new Event("open"));
    expect(calls).toEqual([1, 2, 3]);
    const handler = socket.onopen;
    socket.onopen = null;
    socket.onopen = handler;
    socket.dispatchEvent(new Event("open"));
    expect(calls).toEqual([1, 2, 3, 1, 3, 2]);
  });

  test("an object that cannot be called is kept and not called", () => {
    const socket = make(Class, NOWHERE) as unknown as Record<string, unknown> & EventTarget;
    const handler = { handleEvent: () => expect.unreachable() };
    socket.onopen = handler;
    expect(socket.onopen).toBe(handler);
    socket.dispatchEvent(new Event("open"));
  });

  test("a handler that returns false cancels, as far as an event can be cancelled", () => {
    const socket = make(Class, NOWHERE);
    socket.onopen = () => false;
    expect(socket.dispatchEvent(new Event("open", { cancelable: true }))).toBe(false);
    expect(socket.dispatchEvent(new Event("open"))).toBe(true);
  });

  test("bad values of binaryType are ignored", () => {
    const socket = make(Class, NOWHERE) as unknown as { binaryType: unknown };
    for (const [value, expected] of [["arraybuffer", "arraybuffer"], ["Blob", "arraybuffer"], [1, "arraybuffer"], [["blob"], "blob"], ["", "blob"]]) {
      socket.binaryType = value;
      expect(socket.binaryType).toBe(expected);
    }
  });

  test("options of another realm, or without a prototype, stand for the subprotocols; instances of classes do not", () => {
    expect(make(Class, NOWHERE, runInNewContext("({ protocols: ['a'] })")).readyState).toBe(0);
    expect(make(Class, NOWHERE, Object.assign(Object.create(null), { protocols: "a" })).readyState).toBe(0);
    expect(() => make(Class, NOWHERE, { protocols: ["a", "A"] })).toThrow(expect.objectContaining({ name: "SyntaxError" }));
    expect(() => make(Class, NOWHERE, { headers: { "Bad Name": "" } })).toThrow(TypeError);
    expect(() => make(Class, NOWHERE, new Map())).not.toThrow();
    expect(() => make(Class, NOWHERE, new Date())).toThrow(expect.objectContaining({ name: "SyntaxError" }));
    expect(() => make(Class, NOWHERE, { [Symbol.iterator]: 5 })).toThrow(TypeError);
  });

  test("it can be extended, and passes for the DOM's type", () => {
    class Mine extends Class {}
    expect(make(Mine, NOWHERE)).toBeInstanceOf(Class);
    expectTypeOf<WebSocket>().toExtend<globalThis.WebSocket>();
    expectTypeOf(Class).toExtend<new (url: string | URL, protocols?: string | string[]) => globalThis.WebSocket>();
  });
});

describe("relative URLs", () => {
  test("are resolved where the host has a location", () => {
    Object.defineProperty(globalThis, "location", { value: { href: "https://127.0.0.1:1/a/b", origin: "https://127.0.0.1:1" }, configurable: true });
    try {
      expect(make(WebSocket, "c?d").url).toBe("wss://127.0.0.1:1/a/c?d");
      expect(() => make(WebSocket, "#test")).toThrow(expect.objectContaining({ name: "SyntaxError" }));
    } finally {
      Reflect.deleteProperty(globalThis, "location");
    }
  });
});

test.each([
  [NaN, 0], ["string", 0], [null, 0], [-1, 0], [1e9, 65535], [0x10000 + 1000, 65535], [1000.5, 1000], [1001.5, 1002], [1000.6, 1001], ["1000", 1000], [Infinity, 65535],
])("the close code %s is clamped to %i", (value, expected) => expect(toClampedShort(value)).toBe(expected));

test.each(["", "a", "é", "\u07ff\u0800", "💩", "\ud83d", "\udca9\ud83d", "a\ud83d💩\udca9z", "\ud83d\ud83d\udca9"])("the size of %j is that of its UTF-8", (text) => {
  expect(sizeOf(text)).toBe(Buffer.byteLength(text));
});

describe.each([["the one exported", CloseEvent], ["our own, for hosts without", closeEventClass()]])("CloseEvent: %s", (_, Class) => {
  test("has the standard's shape", () => {
    expect([Class.name, Class.length, Object.getPrototypeOf(Class)]).toEqual(["CloseEvent", 1, Event]);
    expect(String(new Class("close"))).toBe("[object CloseEvent]");
    for (const name of ["wasClean", "code", "reason"]) {
      expect(descriptor(Class.prototype, name)).toMatchObject({ set: undefined, enumerable: true, configurable: true });
      expect(() => descriptor(Class.prototype, name).get?.call(new Event("close"))).toThrow(TypeError);
    }
  });

  test("converts what it is made from", () => {
    const shown = ({ type, wasClean, code, reason, cancelable }: CloseEvent): unknown[] => [type, wasClean, code, reason, cancelable];
    expect(shown(new Class("close"))).toEqual(["close", false, 0, "", false]);
    expect(shown(new Class("x", { wasClean: 1, code: 65_536 + 7, reason: "a\ud800", cancelable: true } as never))).toEqual(["x", true, 7, "a\ufffd", true]);
    expect(() => new (Class as unknown as new () => void)()).toThrow(TypeError);
  });
});
