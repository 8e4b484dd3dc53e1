import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, withDefaults } from "./limits.ts";

const EXPECTED = {
  maxHead: 16_384,
  maxLine: 8_192,
  maxFields: 100,
  handshakeTimeout: 10_000,
  maxBody: 65_536,
  maxMessage: 1_048_576,
  maxFrame: Number.POSITIVE_INFINITY,
  messageTimeout: 30_000,
  maxFragments: 16_384,
  maxQueued: 16_777_216,
  maxHeld: 1_048_576,
  maxPendingPongs: 128,
  pingInterval: 30_000,
  pongTimeout: 20_000,
  closeTimeout: 5_000,
};

describe("limits", () => {
  it("have defaults that cannot be changed", () => {
    expect(DEFAULT_LIMITS).toEqual(EXPECTED);
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
  });

  it("are the defaults when none is named", () => {
    expect(withDefaults(undefined)).toBe(DEFAULT_LIMITS);
    expect(withDefaults({})).toEqual(EXPECTED);
  });

  it("are the same object when they are complete: connections share it", () => {
    const named = { maxMessage: 5 };
    const limits = withDefaults(named);
    expect(withDefaults(limits)).toBe(limits);
    expect(Object.isFrozen(limits)).toBe(true);
    expect(named).toEqual({ maxMessage: 5 });
    expect(withDefaults(DEFAULT_LIMITS)).toBe(DEFAULT_LIMITS);
  });

  it("are the defaults but those that are named", () => {
    expect(withDefaults({ maxMessage: 5, maxHead: 6 })).toEqual({ ...EXPECTED, maxMessage: 5, maxHead: 6 });
    expect(withDefaults({ pingInterval: Number.POSITIVE_INFINITY, maxHeld: 0 })).toEqual({ ...EXPECTED, pingInterval: Number.POSITIVE_INFINITY, maxHeld: 0 });
  });

  it("are not lifted by a name with the value undefined", () => {
    expect(withDefaults({ maxMessage: undefined, maxHeld: 7 } as unknown as { maxHeld: number })).toEqual({ ...EXPECTED, maxHeld: 7 });
  });
});
