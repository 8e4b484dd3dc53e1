import { expect, it } from "vitest";
import { hear, heard } from "./heard-text.ts";

it("what was heard last is known, with the place of its UTF-8", () => {
  const bytes = new TextEncoder().encode("one, zw\u00f6lf");
  hear("one", bytes, 0, 3);
  expect(heard).toEqual({ text: "one", bytes, start: 0, end: 3 });
  hear("zw\u00f6lf", bytes, 5, 11);
  expect(heard).toEqual({ text: "zw\u00f6lf", bytes, start: 5, end: 11 });
});
