import { describe, expect, it, vi } from "vitest";
import { masked } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { RandomPool } from "../bytes/random-pool.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { Tools, toolsFor } from "./tools.ts";

const onControl = vi.fn(() => undefined);
const EXTENSION = { rsv: 0x40, threshold: 0, bytesHeld: 0, encode: () => undefined, decode: (data: Uint8Array) => data, end() {} };
const tools = (): Tools<string> => new Tools<string>("server", DEFAULT_LIMITS, undefined, undefined, false, onControl);

describe("Tools", () => {
  it("suit connections of their kind", () => {
    const random = new RandomPool(() => {});
    const last = toolsFor("server", DEFAULT_LIMITS, undefined, undefined, false, onControl);
    expect(toolsFor("server", DEFAULT_LIMITS, undefined, undefined, false, onControl)).toBe(last);
    expect(last.suit("server", DEFAULT_LIMITS, undefined, undefined, false, onControl)).toBe(true);
    expect(last.suit("client", DEFAULT_LIMITS, undefined, undefined, false, onControl)).toBe(false);
    expect(last.suit("server", { ...DEFAULT_LIMITS }, undefined, undefined, false, onControl)).toBe(false);
    expect(last.suit("server", DEFAULT_LIMITS, random, undefined, false, onControl)).toBe(false);
    expect(last.suit("server", DEFAULT_LIMITS, undefined, {} as never, false, onControl)).toBe(false);
    expect(last.suit("server", DEFAULT_LIMITS, undefined, undefined, true, onControl)).toBe(false);
    expect(last.suit("server", DEFAULT_LIMITS, undefined, undefined, false, () => undefined)).toBe(false);
    const others = toolsFor("client", DEFAULT_LIMITS, random, undefined, false, onControl);
    expect([others.role, others.random]).toEqual(["client", random]);
    expect(toolsFor("server", DEFAULT_LIMITS, undefined, undefined, false, onControl)).not.toBe(last); // only the last are kept
  });

  it("an intake reads for one after the other, and each hears its own", () => {
    const shared = tools();
    const [one, two] = [{ onText: vi.fn(), onBinary: vi.fn() }, { onText: vi.fn(), onBinary: vi.fn() }];
    const first = shared.takeIntake("one", one, undefined);
    expect(shared.takeIntake("two", two, undefined)).not.toBe(first); // it is somebody's
    first.parser.parse(Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 0x61, 0x82, 0x80, 0, 0, 0, 0), 0, 13);
    expect(first.idle).toBe(true);
    shared.giveIntake(first);
    expect(first.owner).toBeUndefined();
    first.parser.parse(Uint8Array.of(0x81, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0), 0, 12);
    expect([one.onText.mock.calls.length, one.onBinary.mock.calls.length]).toEqual([1, 1]); // it is nobody's
    expect(shared.takeIntake("two", two, undefined)).toBe(first);
    first.parser.parse(Uint8Array.of(0x89, 0x80, 0, 0, 0, 0, 0x81, 0x81, 0, 0, 0, 0, 0x62), 0, 13);
    expect([one.onText.mock.calls, two.onText.mock.calls]).toEqual([[["a"]], [["b"]]]);
    expect([one.onBinary.mock.calls, two.onBinary.mock.calls]).toEqual([[[new Uint8Array(0)]], []]);
    expect(onControl.mock.calls).toEqual([["two", 9, new Uint8Array(0)]]);
  });

  it("an intake is not idle in a header, in a frame, in a message or behind a fault", () => {
    for (const bytes of [[0x81], [0x81, 0x82, 0, 0, 0, 0, 0x61], [0x01, 0x81, 0, 0, 0, 0, 0x61], [0xf1, 0x80]]) {
      const intake = tools().takeIntake("", { onText() {}, onBinary() {} }, undefined);
      intake.parser.parse(Uint8Array.from(bytes), 0, bytes.length);
      expect(intake.idle).toBe(false);
    }
  });

  it("an intake watches only a message in progress", () => {
    const intake = tools().takeIntake("", { onText() {}, onBinary() {} }, undefined);
    intake.look(0, 10);
    expect(intake.watch).toBeUndefined();
    intake.parser.parse(Uint8Array.of(0x01, 0x81, 0, 0, 0, 0, 0x61), 0, 7);
    intake.look(5, 10);
    expect(intake.watch?.deadline).toBe(15);
    expect(intake.bytesHeld).toBeGreaterThan(0);
    intake.parser.parse(Uint8Array.of(0x80, 0x80, 0, 0, 0, 0), 0, 6);
    intake.look(6, 10);
    expect([intake.watch, intake.idle]).toEqual([undefined, true]);
  });

  it("outlets write for one after the other, and only so many are kept", () => {
    const shared = tools();
    const all = Array.from({ length: 257 }, () => shared.takeOutlet(undefined));
    expect(new Set(all).size).toBe(257);
    for (const outlet of all) shared.giveOutlet(outlet);
    for (let turn = 0; turn < 3; turn++) {
      const again = Array.from({ length: 257 }, () => shared.takeOutlet(undefined));
      expect(again.filter((outlet) => all.includes(outlet)).length).toBe(256);
      expect(again.every(({ next }) => next === undefined)).toBe(true); // none keeps another
      all.splice(0, 257, ...again);
      for (const outlet of all) shared.giveOutlet(outlet);
    }
  });

  it("what has an extension's state is nobody else's", () => {
    const shared = tools();
    const visitor = { onText() {}, onBinary() {} };
    const [spareIntake, spareOutlet] = [shared.takeIntake("", visitor, undefined), shared.takeOutlet(undefined)];
    shared.giveIntake(spareIntake);
    shared.giveOutlet(spareOutlet);
    const [intake, outlet] = [shared.takeIntake("", visitor, EXTENSION), shared.takeOutlet(EXTENSION)];
    expect([intake === spareIntake, outlet === spareOutlet]).toEqual([false, false]);
    expect(shared.takeIntake("", visitor, undefined)).not.toBe(intake);
    expect(shared.takeOutlet(undefined)).not.toBe(outlet);
  });

  it("a connection has them only while something is on its way", () => {
    const [intakes, outlets] = [vi.spyOn(Tools.prototype, "giveIntake"), vi.spyOn(Tools.prototype, "giveOutlet")];
    const { connection } = new End("server");
    const text = masked(1, "text");
    const given = (): number[] => [intakes.mock.calls.length, outlets.mock.calls.length];
    connection.receive(text, 0);
    expect(given()).toEqual([1, 0]);
    connection.receive(text.subarray(0, 8), 0);
    connection.receive(text.subarray(8), 0);
    expect(given()).toEqual([2, 0]);
    connection.sendText("text");
    connection.takeOutput(0);
    connection.takeOutput(0);
    expect(given()).toEqual([2, 1]);
    vi.restoreAllMocks();
  });
});
