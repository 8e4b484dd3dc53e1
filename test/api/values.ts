/**
 * What a program may pass by mistake: any JavaScript value, for fast-check to draw from and to shrink.
 * @module
 */
import fc from "fast-check";

/**
 * A value that is made when it is used: fast-check looks into what it draws, and these values do not like to be looked at.
 */
export interface Made<Value = unknown> {
  make(): Value;
}

/** A value to be made, and what a failure shows of it. */
export function made<Value>(make: () => Value, text: () => string): Made<Value> {
  return Object.assign({ make }, { [fc.toStringMethod]: text });
}

/** Several of them as one. */
export function list(...values: readonly fc.Arbitrary<Made>[]): fc.Arbitrary<Made<unknown[]>> {
  return fc.tuple(...values).map((all) => made(() => all.map((each) => each.make()), () => fc.stringify(all)));
}

/** Plain ones, which may be looked at. */
export function plain<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Made<Value>> {
  return arbitrary.map((value) => made(() => value, () => fc.stringify(value)));
}

/** What the getters and conversions of these values throw: it may come back to the caller as it is. */
export class Trick extends Error {}

const trick = (): never => {
  throw new Trick("A conversion of the program's own failed");
};

/** Memory of every kind under every kind of view, with the bytes that are to be seen on the wire. */
const anyMemory: fc.Arbitrary<Made> = fc.tuple(
  fc.constantFrom("buffer", "shared", "resizable", "tracking", "shrunk", "detached"),
  fc.constantFrom("Uint8Array", "Buffer", "Int8Array", "Uint8ClampedArray", "Float32Array", "Float64Array", "BigInt64Array", "Uint16Array", "DataView", "bare"),
  fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 40 }) }, { weight: 1, arbitrary: fc.constantFrom(125, 126, 300, 16_384, 16_385, 70_000) }),
  fc.nat({ max: 7 }),
).map(([memory, view, count, before]) => made(() => {
  const offset = before * 8;
  const size = offset + count * 8 + 16;
  const make = (length: number): ArrayBufferLike => memory === "shared" ? new SharedArrayBuffer(length)
    : memory === "buffer" || memory === "detached" ? new ArrayBuffer(length)
    : new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(length, { maxByteLength: length + 64 });
  const buffer = make(size) as ArrayBuffer & { resize(length: number): void };
  new Uint8Array(buffer).forEach((_, at, bytes) => bytes[at] = at * 7 + count);
  const tracks = memory === "tracking";
  const over = (kind: new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView): ArrayBufferView => tracks ? new kind(buffer, offset) : new kind(buffer, offset, count);
  const value = view === "bare" ? buffer
    : view === "Buffer" ? Buffer.from(buffer, offset, count)
    : view === "DataView" ? new DataView(buffer, offset, tracks ? undefined : count)
    : over((globalThis as unknown as Record<string, never>)[view]);
  if (memory === "shrunk") buffer.resize(Math.min(4, offset)); // what the view was made of is gone
  if (memory === "detached") structuredClone(buffer, { transfer: [buffer] });
  return value;
}, () => `${view} over ${memory} memory, ${count} from ${before * 8}`));

/** Numbers at and past every edge. */
const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 999, 1000, 1001, 1004, 1005, 1006, 1014, 1015, 1016, 2999, 3000, 4999, 5000, 65_535, 65_536, 66_536, 2 ** 31, 2 ** 32 + 1000, 2 ** 53),
  fc.double(), fc.integer(),
);

/** Texts that convert badly, forge lines, or are large. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string(),
  fc.string({ unit: fc.constantFrom("\ud800", "\udc00", "\ud83d\ude00", "a", "\0", "\u00ff", "\u0100", "\r\n", " ", ","), maxLength: 70 }),
  fc.constantFrom("", "chat", "ws://localhost/", "wss://u:p@localhost:8443/a?b", "a".repeat(123), "é".repeat(62), "a".repeat(70_000), "\ud800".repeat(30_000), "a\r\nX-Evil: 1", "__proto__", "constructor"),
);

/** Objects whose insides throw, lie or change. */
const anyTrick: fc.Arbitrary<Made> = fc.constantFrom<() => unknown>(
  () => ({ toString: trick }), () => ({ valueOf: trick }), () => ({ [Symbol.toPrimitive]: trick }), () => ({ toString: () => "text", valueOf: () => 1000 }),
  () => ({ toString: () => ({}) }), () => ({ [Symbol.toPrimitive]: () => Symbol("x") }), () => ({ [Symbol.toPrimitive]: () => "1000" }), () => ({ valueOf: () => 1n }),
  () => new Proxy({}, { get: trick }), () => new Proxy({}, { get: () => 7 }), () => new Proxy({}, { get: () => undefined }), () => new Proxy({}, { getPrototypeOf: trick, ownKeys: trick, has: trick }),
  () => new Proxy(new Uint8Array(9), {}), () => new Proxy([1, 2], { get: trick }), () => new Proxy(() => 1, { apply: trick }),
  () => Proxy.revocable({}, {}), () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => ({ get length() { return trick(); } }), () => ({ length: 9 }), () => ({ byteLength: 9, byteOffset: 0, buffer: {} }), () => ({ get then() { return trick(); } }), () => ({ then: trick }),
  () => ({ [Symbol.iterator]: trick }), () => ({ [Symbol.iterator]: 5 }), () => ({ [Symbol.iterator]: () => ({ next: trick }) }), () => ({ [Symbol.iterator]: () => 5 }), () => [["a"]], () => [[]], () => [5], () => [null],
  () => [["a", "b", "c"]], () => [["a", 5]], () => [[5, "a"]], () => ({ a: 5 }), () => ({ a: null }), () => ({ "": "x" }), () => ({ "a b": "x" }), () => ({ a: "\r\n" }), () => ({ get a() { return trick(); } }),
  () => Symbol("x"), () => Symbol.iterator, () => Object.create(null), () => () => {}, () => class {}, () => Promise.resolve("x"), () => new Date(NaN), () => new Map([["a", "b"]]), () => new Set(["a"]), () => new WeakMap(),
  () => new Blob(["blob"]), () => new String("text"), () => new Number(1000), () => Object(1n), () => /x/, () => new Error("x"), () => new URL("ws://localhost/u"), () => new Headers({ a: "b" }), () => globalThis, () => new AbortController().signal, () => Object.freeze({}),
  () => Array.from({ length: 5 }), () => Object.assign([1, 2], { 5: 1 }), () => new Array(100),
).map((make) => made(make, () => String(make)));

/** Any JavaScript value. */
export const anyValue: fc.Arbitrary<Made> = fc.oneof(
  { weight: 4, arbitrary: anyMemory },
  { weight: 3, arbitrary: plain(anyText) },
  { weight: 3, arbitrary: anyTrick },
  { weight: 2, arbitrary: plain(anyNumber) },
  { weight: 1, arbitrary: plain(fc.constantFrom(undefined, null, true, false, 1n, -1n, 2n ** 64n)) },
  { weight: 2, arbitrary: plain(fc.anything({ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withObjectString: true, maxDepth: 2, maxKeys: 3 })) },
);

/** What a second argument may be: nothing, or anything. */
export const anyOrNothing: fc.Arbitrary<Made> = fc.oneof(plain(fc.constant(undefined)), anyValue);

/** Objects of options: what is named may be anything, or be as it should. */
export function anyOptions(good: Readonly<Record<string, fc.Arbitrary<Made>>>): fc.Arbitrary<Made<Record<string, unknown>>> {
  const shape = Object.fromEntries(Object.entries(good).map(([name, arbitrary]) => [name, fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: anyValue })]));
  return fc.record(shape, { requiredKeys: [] }).map((options) => made(
    () => Object.fromEntries(Object.entries(options).map(([name, value]) => [name, value?.make()])),
    () => fc.stringify(options),
  ));
}

/** One of these, made anew each time. */
export function oneOf(...values: readonly unknown[]): fc.Arbitrary<Made> {
  return plain(fc.constantFrom(...values));
}

/** The bytes of a binary message; undefined for what is none, and for what has lost its memory. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
    if (value instanceof ArrayBuffer) return new Uint8Array(value).slice();
  } catch {
    return undefined;
  }
  return undefined;
}
