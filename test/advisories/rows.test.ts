import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { ROWS } from "./rows.ts";

/** The names of all tests of this folder, as they stand in the sources. */
function testNames(): string[] {
  const names: string[] = [];
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"))) {
    const source = ts.createSourceFile(file, readFileSync(path.join(import.meta.dirname, file), "utf8"), ts.ScriptTarget.Latest);
    const visit = (node: ts.Node): void => {
      // what is skipped, such as `test.skip`, is no call of `test` itself
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "test") {
        const [name] = node.arguments;
        if (ts.isStringLiteralLike(name)) names.push(name.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return names;
}

const ID = /\b(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3}|OSV-\d{4}-\d+|WS-\d{4}-\d+|npm-\d+|Effect-PR-\d+|ws-\d+\.\d+\.\d+)\b/g;
const named = new Map<string, number>();
for (const name of testNames()) for (const [id] of name.matchAll(ID)) named.set(id, (named.get(id) ?? 0) + 1);

test("each row is there once", () => {
  expect(ROWS.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at)).toEqual([]);
  for (const { id } of ROWS) expect(id).toMatch(new RegExp(`^${ID.source}$`));
});

test("each row has a test with its id in the name, or says what it waits for", () => {
  expect(ROWS.filter(({ id, later }) => later === undefined && !named.has(id)).map(({ id }) => id)).toEqual([]);
  expect(ROWS.filter(({ id, later }) => later !== undefined && named.has(id)).map(({ id }) => id)).toEqual([]);
  expect(ROWS.filter(({ later }) => later !== undefined && !later.includes(" ")).map(({ id }) => id)).toEqual([]);
});

test("each id in a test's name has a row, and there are at least 75", () => {
  const known = new Set(ROWS.map(({ id }) => id));
  expect([...named.keys()].filter((id) => !known.has(id))).toEqual([]);
  expect(named.size).toBeGreaterThanOrEqual(75);
});
