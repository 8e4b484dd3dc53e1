import { expect, test } from "vitest";
import { History } from "../core/websocket/history.ts";
import { Compressors } from "./compressors.ts";

const SETTINGS = { windowBits: 12, level: 6, memLevel: 5 };
const OTHERS = { ...SETTINGS, level: 9 };
const ONE = Uint8Array.of(1);

/** Compressors of streams that are numbers, and what is done to those; one that fails next, if any. */
function numbered(max: number): { say: (history: History, settings?: typeof SETTINGS) => string; fails: "make" | "compress" | undefined } {
  const done: string[] = [];
  let made = 0;
  const compressors = new Compressors<number>({
    make(_, { length }, old) {
      done.push(`${old === undefined ? "" : `${old} `}makes ${++made}${length > 0 ? ` of ${length}` : ""}`);
      return numbers.fails === "make" ? undefined : made;
    },
    reset: (stream) => void done.push(`resets ${stream}`),
    compress(stream) {
      done.push(`uses ${stream}`);
      return numbers.fails === "compress" ? undefined : ONE;
    },
    close: (stream) => void done.push(`closes ${stream}`),
  }, max);
  const numbers: ReturnType<typeof numbered> = {
    fails: undefined,
    say(history, settings = SETTINGS) {
      const blocks = compressors.deflate(ONE, history, settings);
      expect(blocks).toBe(numbers.fails === undefined ? ONE : undefined);
      if (blocks !== undefined) history.push(ONE);
      return done.splice(0).join(", ");
    },
  };
  return numbers;
}

test("a history keeps its compressor, unless it went on without it or has other settings", () => {
  const { say } = numbered(2);
  const history = new History(4096);
  expect([say(history), say(history)]).toEqual(["makes 1, uses 1", "uses 1"]);
  history.push(ONE);
  expect(say(history)).toBe("1 makes 2 of 3, uses 2");
  expect(say(history, OTHERS)).toBe("closes 2, makes 3 of 4, uses 3");
});

test("where there are enough, the one not used for longest goes to the next of the same settings, and is closed for others", () => {
  const { say } = numbered(2);
  const [one, two, three] = [new History(4096), new History(4096), new History(4096)];
  expect([say(one), say(two), say(one)]).toEqual(["makes 1, uses 1", "makes 2, uses 2", "uses 1"]);
  expect(say(three)).toBe("2 makes 3, uses 3");
  expect(say(two, OTHERS)).toBe("closes 1, makes 4 of 1, uses 4");
  expect(say(three)).toBe("uses 3");
});

test("histories that keep nothing share one for each kind of settings, which forgets", () => {
  const { say } = numbered(2);
  expect(say(new History(0))).toBe("makes 1, uses 1");
  expect(say(new History(0), OTHERS)).toBe("makes 2, uses 2");
  expect(say(new History(0))).toBe("resets 1, uses 1");
});

test("one that fails is not kept", () => {
  const numbers = numbered(2);
  const history = new History(4096);
  numbers.fails = "compress";
  expect(numbers.say(history)).toBe("makes 1, uses 1, closes 1");
  numbers.fails = "make";
  expect(numbers.say(history)).toBe("makes 2");
  numbers.fails = undefined;
  expect(numbers.say(history)).toBe("makes 3, uses 3");
});
