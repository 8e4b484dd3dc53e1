import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Protocol } from "../protocol.ts";
import { concat, cut, everySplit, frame, KEY, masked, pattern, utf8 } from "../testing/frames.ts";
import { End, Pipe } from "../testing/pair.ts";
import { type FrameRecord, FrameTap } from "./frame-tap.ts";

/** A protocol that notes its calls and gives what it is told to. */
class Inner implements Protocol<Uint8Array, Uint8Array> {
  readonly calls: unknown[][] = [];
  output: readonly Uint8Array[] = [];
  outputEnded = false;
  paused = false;
  deadline = 7;

  receive(...args: unknown[]): void {
    this.calls.push(["receive", ...args]);
  }

  receiveEnd(...args: unknown[]): void {
    this.calls.push(["receiveEnd", ...args]);
  }

  takeOutput(...args: unknown[]): readonly Uint8Array[] {
    this.calls.push(["takeOutput", ...args]);
    return this.output;
  }

  handleTimeout(...args: unknown[]): void {
    this.calls.push(["handleTimeout", ...args]);
  }
}

function tap(role: "client" | "server", maxPayload?: number): { inner: Inner; tapped: FrameTap; seen: FrameRecord[] } {
  const inner = new Inner();
  const seen: FrameRecord[] = [];
  return { inner, seen, tapped: new FrameTap(inner, role, (record) => seen.push(record), maxPayload) };
}

describe("FrameTap", () => {
  it("passes every call through, with what it is given", () => {
    const { inner, tapped } = tap("client");
    const input = frame(1, "a");
    tapped.receive(input, 1);
    tapped.receiveEnd(2);
    inner.output = [masked(1, "b")];
    expect(tapped.takeOutput(3)).toBe(inner.output);
    tapped.handleTimeout(4);
    expect(inner.calls).toEqual([["receive", input, 1], ["receiveEnd", 2], ["takeOutput", 3], ["handleTimeout", 4]]);
    expect(inner.calls[0][1]).toBe(input);
  });

  it("shows what its connection shows", () => {
    const { inner, tapped } = tap("client");
    expect([tapped.outputEnded, tapped.paused, tapped.deadline]).toEqual([false, false, 7]);
    inner.outputEnded = true;
    expect([tapped.outputEnded, tapped.paused]).toEqual([true, false]);
    inner.outputEnded = false;
    inner.paused = true;
    inner.deadline = 9;
    expect([tapped.outputEnded, tapped.paused, tapped.deadline]).toEqual([false, true, 9]);
  });

  it.each(["client", "server"] as const)("reports the frames of a %s, both ways, unmasked", (role) => {
    const { inner, tapped, seen } = tap(role);
    const [received, sent] = role === "client" ? [frame, masked] : [masked, frame];
    tapped.receive(concat([received(1, "ab", { fin: false }), received(9, "p")]), 0);
    inner.output = [sent(2, pattern(200), { rsv: 0x40 }), sent(8)];
    tapped.takeOutput(0);
    const ends = {
      server: { masked: false, maskingKey: undefined },
      client: { masked: true, maskingKey: KEY },
    } as const;
    const [ours, theirs] = role === "server" ? [ends.server, ends.client] : [ends.client, ends.server];
    const common = { fin: true, rsv: 0 };
    expect(seen).toEqual([
      { ...common, direction: "received", fin: false, opcode: 1, ...theirs, length: 2, payload: utf8("ab") },
      { ...common, direction: "received", opcode: 9, ...theirs, length: 1, payload: utf8("p") },
      { ...common, direction: "sent", rsv: 0x40, opcode: 2, ...ours, length: 200, payload: pattern(200) },
      { ...common, direction: "sent", opcode: 8, ...ours, length: 0, payload: new Uint8Array(0) },
    ]);
  });

  it("takes any reserved bit: the connection judges", () => {
    const { tapped, seen } = tap("client");
    for (const rsv of [0x10, 0x20, 0x40]) tapped.receive(frame(1, "", { rsv }), 0);
    expect(seen.map(({ rsv }) => rsv)).toEqual([0x10, 0x20, 0x40]);
  });

  it("reports a frame once its last byte passed, before the connection acts on it", () => {
    const { inner, tapped, seen } = tap("client");
    const bytes = frame(2, "abc");
    tapped.receive(bytes.slice(0, 4), 0);
    expect(seen).toEqual([]);
    const counts: number[] = [];
    inner.receive = () => void counts.push(seen.length);
    tapped.receive(bytes.slice(4), 0);
    expect(counts).toEqual([1]);
  });

  it("reports the same however the bytes are cut, and cuts payloads off at the limit", () => {
    const streams = [["client", frame], ["server", masked]] as const;
    const payloads = [pattern(10), pattern(0), pattern(7, 3), pattern(8, 5)];
    for (const [role, make] of streams) {
      const bytes = concat([make(2, payloads[0]), make(1, payloads[1]), make(2, payloads[2], { fin: false }), make(9, payloads[3])]);
      for (const limit of [0, 1, 6, 7, 8, 9, 10, 11]) {
        for (const pieces of everySplit(bytes)) {
          const { tapped, seen } = tap(role, limit);
          for (const piece of pieces) tapped.receive(piece, 0);
          expect(seen.map(({ length }) => length)).toEqual([10, 0, 7, 8]);
          expect(seen.map(({ payload }) => payload)).toEqual(payloads.map((payload) => payload.slice(0, limit)));
        }
      }
    }
  });

  it("keeps what it should of any payload in any pieces, with the right part of the key", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300, size: "max" }), fc.nat({ max: 310 }), fc.array(fc.nat(), { maxLength: 5 }), (payload, limit, offsets) => {
      const { tapped, seen } = tap("server", limit);
      for (const piece of cut(masked(2, payload), offsets)) tapped.receive(piece, 0);
      expect(seen.length).toBe(1);
      expect(seen[0].payload).toEqual(payload.slice(0, limit));
      expect(seen[0].payload.buffer.byteLength).toBe(Math.min(limit, payload.length));
    }));
  });

  it("keeps 1,024 bytes when no limit is named", () => {
    const { tapped, seen } = tap("client");
    tapped.receive(concat([frame(2, pattern(1024)), frame(2, pattern(1025))]), 0);
    expect(seen.map(({ payload }) => payload.length)).toEqual([1024, 1024]);
  });

  it("gives payloads that are their own: changing the input later changes nothing", () => {
    const { tapped, seen } = tap("client");
    const bytes = concat([frame(2, pattern(9)), frame(2, pattern(9))]);
    tapped.receive(bytes, 0);
    bytes.fill(0);
    expect(seen.map(({ payload }) => payload)).toEqual([pattern(9), pattern(9)]);
  });

  it("reports nothing behind a broken rule, and passes it on all the same", () => {
    const { inner, tapped, seen } = tap("client");
    tapped.receive(concat([frame(1, "a"), frame(3), frame(1, "b")]), 0);
    tapped.receive(frame(1, "c"), 0);
    expect(seen.map(({ opcode }) => opcode)).toEqual([1]);
    expect(inner.calls.length).toBe(2);
  });

  it("shows both sides of a connection the same frames", () => {
    const [client, server] = [new End("client"), new End("server")];
    const seen: [string, FrameRecord][] = [];
    const taps = [client, server].map((end, i) => new FrameTap(end.connection, i === 0 ? "client" : "server", (record) => seen.push([i === 0 ? "client" : "server", record])));
    client.connection.sendText("hello");
    client.connection.ping(pattern(3));
    client.connection.close(1000, "bye");
    for (const bytes of taps[0].takeOutput(0)) taps[1].receive(bytes, 0);
    for (const bytes of taps[1].takeOutput(0)) taps[0].receive(bytes, 0);
    expect(seen.map(([who, { direction, opcode, length }]) => [who, direction, opcode, length])).toEqual([
      ["client", "sent", 1, 5], ["client", "sent", 9, 3], ["client", "sent", 8, 5],
      ["server", "received", 1, 5], ["server", "received", 9, 3], ["server", "received", 8, 5],
      ["server", "sent", 10, 3], ["server", "sent", 8, 5],
      ["client", "received", 10, 3], ["client", "received", 8, 5],
    ]);
    expect(new Pipe(server, client).move(1)).toBe(true); // the server ends first
    expect(client.close?.clean).toBe(true);
  });
});
