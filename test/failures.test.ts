import { expect, test } from "vitest";
import { failuresOfColumns, failuresOfTests, tail } from "./failures.ts";

const RULE = "\u23af".repeat(20);
const OUTPUT = `
${RULE} Failed Suites 1 ${RULE}

 FAIL  core/b.test.ts [ core/b.test.ts ]
Error: Cannot find module './nowhere.ts'
 \u276f core/b.test.ts:1:1
      1| import "./nowhere.ts";

${RULE}[1/2]

${RULE} Failed Tests 1 ${RULE}

 FAIL  core/a.test.ts > group > is wrong
AssertionError: expected [ 1, 2 ] to deeply equal [ 1, 3 ]

- Expected
+ Received

${"  1,\n".repeat(40)}
 \u276f core/a.test.ts:2:65

${RULE}[2/2]

 Test Files  2 failed (2)
`;

test("each test that failed is told of with its error and the difference, in few lines", () => {
  const [file, one, ...others] = failuresOfTests(OUTPUT);
  expect(file).toBe("  FAIL  core/b.test.ts [ core/b.test.ts ]\n  Error: Cannot find module './nowhere.ts'");
  expect(one.split("\n").slice(0, 4)).toEqual(["  FAIL  core/a.test.ts > group > is wrong", "  AssertionError: expected [ 1, 2 ] to deeply equal [ 1, 3 ]", "  - Expected", "  + Received"]);
  expect([one.split("\n").length, others]).toEqual([16, []]);
  expect(failuresOfTests("\n Test Files  2 passed (2)\n")).toEqual([]);
});

test("each case that failed is told of with its runtime and the reason", () => {
  expect(failuresOfColumns("note  bun: slow\nFAIL  bun 1.4  closing: a case\n      not within 5 ms\n1 passed\n")).toEqual(["  FAIL  bun 1.4  closing: a case\n        not within 5 ms"]);
});

test("of a program the last lines are told", () => {
  expect(tail(`${"noise\n".repeat(100)}the end\n`)).toMatch(/^( {2}noise\n){15} {2}the end$/);
});
