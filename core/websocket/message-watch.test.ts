import { describe, expect, it } from "vitest";
import { MessageWatch } from "./message-watch.ts";

/** A watch with a timeout of 10, over a reader that can be set. */
function watched(timeout = 10) {
  const reader = { unfinished: false, progress: 0 };
  const watch = new MessageWatch(reader, timeout);
  /** Where reading is, and the deadline then. */
  const at = (now: number, unfinished: boolean, progress: number): number => {
    Object.assign(reader, { unfinished, progress });
    watch.look(now);
    return watch.deadline;
  };
  return { watch, at };
}

describe("MessageWatch (10.4)", () => {
  it("awaits nothing between two messages", () => {
    const { watch, at } = watched();
    expect(watch.deadline).toBe(Infinity);
    expect(at(1, false, 0)).toBe(Infinity);
    expect(at(2, false, 7)).toBe(Infinity);
  });

  it("gives a message that was begun the timeout for each next piece", () => {
    const { at } = watched();
    expect(at(100, true, 0)).toBe(110);
    expect(at(105, true, 0)).toBe(110); // a control frame
    expect(at(109, true, 1)).toBe(119);
    expect(at(130, true, 1)).toBe(119);
    expect(at(131, true, 3)).toBe(141);
    expect(at(132, false, 4)).toBe(Infinity);
  });

  it("begins anew with the next message, also when one ended and one began at once", () => {
    const { at } = watched();
    expect(at(100, true, 1)).toBe(110);
    expect(at(103, true, 3)).toBe(113);
    expect(at(104, false, 4)).toBe(Infinity);
    expect(at(105, true, 4)).toBe(115);
  });

  it("starts again when it is told to, and only for a message in progress", () => {
    const { watch, at } = watched();
    watch.restart(50);
    expect(watch.deadline).toBe(Infinity);
    at(100, true, 1);
    watch.restart(108);
    expect(watch.deadline).toBe(118);
    expect(at(112, true, 1)).toBe(118);
  });

  it("is put off by the time that was ours", () => {
    const { watch, at } = watched();
    watch.extend(7);
    expect(watch.deadline).toBe(Infinity);
    at(100, true, 1);
    watch.extend(7);
    expect(watch.deadline).toBe(117);
    expect(at(112, true, 1)).toBe(117);
  });

  it("never is due without a timeout", () => {
    expect(watched(Infinity).at(1, true, 1)).toBe(Infinity);
  });
});
