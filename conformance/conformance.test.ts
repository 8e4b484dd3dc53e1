import { describe, expect, it } from "vitest";
import { FAULTS } from "../core/websocket/fault.ts";
import { check } from "./check.ts";
import { close, text } from "./frames.ts";
import { VECTORS } from "./websocket/all.ts";
import type { Vector } from "./vector.ts";

describe("vectors", () => {
  it.each(VECTORS.map((vector) => [`${vector.section}: ${vector.name}`, vector] as const))("%s", (_, vector) => {
    expect(check(vector)).toEqual([]);
  });
});

describe("the set of vectors", () => {
  it("has unique names", () => {
    const names = VECTORS.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it("provokes every fault", () => {
    const provoked = new Set(VECTORS.flatMap(({ events }) => events.flatMap((event) => "closed" in event ? event.closed.fault ?? [] : [])));
    expect(Object.keys(FAULTS).filter((name) => !provoked.has(name as never))).toEqual([]);
  });
});

describe("check", () => {
  const right: Vector = {
    name: "An echo", section: "5.6", role: "server",
    inside: { on: "text", do: { send: "a", returns: true } },
    steps: [{ receive: [text("a")] }, { outputEnded: false }],
    events: [{ text: "a" }],
    output: [text("a")],
  };

  it("finds nothing where all is as expected", () => {
    expect(check(right)).toEqual([]);
  });

  it("tells what was heard in place of what was expected", () => {
    expect(check({ ...right, events: [{ text: "b" }] })).toEqual([`whole: heard text "a" where text "b" was expected (number 1)`]);
  });

  it("tells what was sent in place of what was expected", () => {
    expect(check({ ...right, output: [] })).toEqual([`whole: sent text "a" where nothing was expected (number 1)`]);
    expect(check({ ...right, output: [text("a"), close(1000)] })).toEqual([`whole: sent nothing where close 1000 "" was expected (number 2)`]);
  });

  it("tells of a state that is not as expected, and of what an action returned", () => {
    expect(check({ ...right, steps: [...right.steps, { deadline: 5 }] })).toEqual(["whole: deadline is Infinity where 5 was expected, at 0 ms"]);
    const inside = { on: "text", do: { send: "a", returns: false } } as const;
    expect(check({ ...right, inside })).toEqual(["whole: send returned true"]);
  });
});
