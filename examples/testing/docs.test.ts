import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("docs/testing.md shows the example whole", () => {
  const path = join(import.meta.dirname, "../../docs/testing.md");
  const text = readFileSync(path, "utf8");
  const shown = text.replace(/(<!-- (\S+) -->\n```ts\n)[^]*?```/g, (_, start: string, file: string) => (
    `${start}${readFileSync(join(import.meta.dirname, file), "utf8")}\`\`\``
  ));
  expect(shown.match(/<!-- \S+\.ts -->/g)).toHaveLength(2);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, shown);
  else expect(text).toBe(shown); // UPDATE_DOCS=1 shows it anew
});
