import { expect, it } from "vitest";
import { hear, heard, heardBytes } from "./heard-text.ts";

it("what was heard last is known, with the place of its UTF-8", () => {
  heardBytes.set(new TextEncoder().encode("one, zw\u00f6lf"));
  hear("one", 0, 3);
  expect(heard).toEqual({ text: "one", start: 0, end: 3 });
  hear("zw\u00f6lf", 5, 11);
  expect(heard).toEqual({ text: "zw\u00f6lf", start: 5, end: 11 });
});
