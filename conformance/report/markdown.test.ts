import { expect, test } from "vitest";
import { escapeMarkdown, renderMarkdown } from "./markdown.ts";
import { ATTACKS, hostileReport } from "./testing/hostile.ts";
import { sampleReport } from "./testing/sample.ts";

const reports = [sampleReport({ cases: 200 }), sampleReport({ agent: "good", cases: 200, fail: 0, nonStrict: 0, unimplemented: 0 })];
const cells = (line: string): string[] => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());

test("begins with a table of agents", () => {
  const [title, , head, , ...rows] = renderMarkdown(reports).split("\n");
  expect(title).toBe("# WebSocket conformance");
  expect(cells(head)).toEqual(["Agent", "Role", "Passed", "Non-strict", "Unimplemented", "Failed", "Time"]);
  for (const [at, { agent, totals }] of reports.entries()) {
    expect(cells(rows[at]).slice(0, 6)).toEqual([escapeMarkdown(agent), "server", ...[totals.pass, totals["non-strict"], totals.unimplemented, totals.fail].map(String)]);
  }
});

test("has a row for each section with a cell for each agent", () => {
  const markdown = renderMarkdown([...reports, { ...reports[0], agent: "little", results: reports[0].results.slice(0, 3) }]);
  const row = cells(markdown.split("\n").find((line) => line.startsWith("| [RFC 6455, section 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)"))!);
  const own = reports[0].results.filter(({ rfc, section }) => rfc === 6455 && section === "5.2");
  const count = (verdict: string): number => own.filter((result) => result.verdict === verdict).length;
  expect(row[1]).toContain(`${count("pass")}/${own.length}`);
  expect(row[1].includes(`✗${count("fail")}`)).toBe(count("fail") > 0);
  expect(row.slice(2)).toEqual([`${own.length}/${own.length}`, ""]);
});

test("writes out what failed, why and by which rule", () => {
  const markdown = renderMarkdown(reports);
  const failures = reports[0].results.filter(({ verdict }) => verdict === "fail");
  expect(failures.length).toBeGreaterThan(2);
  for (const { id, title, rule, reasons } of failures) {
    expect(markdown).toContain(`- **${escapeMarkdown(id)}** ${escapeMarkdown(title)}\n  - ${escapeMarkdown(reasons[0])}\n  - Rule (`);
    expect(markdown).toContain(escapeMarkdown(rule));
  }
  expect(markdown).toContain("## good (server)");
  expect(markdown).toContain("No case failed.");
});

test("stops at a number of cases that a build can still show", () => {
  const markdown = renderMarkdown([sampleReport({ cases: 700, fail: 1 })]);
  expect(markdown.match(/^- \*\*/gm)).toHaveLength(200);
  expect(markdown).toMatch(/^- and \d{3} more$/m);
});

/** What Markdown takes as text that may be markup: all but code, and what is escaped. */
function withoutCode(line: string): string {
  let text = "";
  for (let at = 0; at < line.length;) {
    const fence = /^`+/.exec(line.slice(at))?.[0] ?? "";
    const end = fence === "" ? -1 : line.slice(at).search(new RegExp(`(?<=[^\`])${fence}(?!\`)`));
    if (end > 0) at += end + fence.length;
    else if (line[at] === "\\") at += 2;
    else text += line[at++];
  }
  return text;
}

test("what a peer sends is no markup, and calls nobody", () => {
  expect(escapeMarkdown("| `a` <b> [c](d) @e *f* _g_ &h;\n# i :j: k: http://l")).toBe("\\| \\`a\\` &lt;b&gt; \\[c\\]\\(d\\) @&#8288;e \\*f\\* \\_g\\_ &amp;h; \\# i \\:j: k: http\\://l");
  const lines = renderMarkdown([hostileReport()]).split("\n");
  const rest = lines.map(withoutCode).map((line) => line.replace(/\[RFC 6455, section [^\]]*\]\(https:\/\/www\.rfc-editor\.org\/rfc\/rfc6455#[^)\s<]*\)/g, ""));
  for (const line of rest) expect(line).not.toMatch(/<|@(?!&#8288;)|\]\(|[`$]|!\[/);
  expect(new Set(rest.filter((line) => line.startsWith("|")).map((line) => cells(line).length))).toEqual(new Set([7, 2]));
  expect(lines.filter((line) => /^\s*(#|```|[-=]{3})/.test(line)).map((line) => line.split(" ")[0])).toEqual(["#", "##", "##", "###", "###"]);
  expect(lines.filter((line) => line.startsWith("- "))).toHaveLength(ATTACKS.length / 2);
});
