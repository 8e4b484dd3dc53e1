/**
 * One HTML document that needs nothing beside it.
 * @module
 */
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { Verdict } from "../wire/result.ts";
import { BASE_STYLE } from "./base-style.ts";
import { escapeMarkup, toScriptJson } from "./escape.ts";
import { countAll, formatTotals, WORST_FIRST } from "./words.ts";

/** What a document consists of. */
export interface DocumentParts {
  /** As a browser's tab shows it. */
  readonly title: string;
  /** The colour of its icon. */
  readonly verdict: Verdict | undefined;
  /** Comes behind the style that all documents share. */
  readonly style: string;
  /** Runs once the body is there. */
  readonly script: string;
  /** What the script finds as JSON in the element "data". */
  readonly data: unknown;
  /** What it finds in the element "archive": JSON again, deflated, in base64. For what is large and not wanted at once. */
  readonly archive?: unknown;
  /** Markup; whatever came from elsewhere is escaped in it. */
  readonly body: string;
}

const ICON_FILLS: Readonly<Record<Verdict, string>> = { pass: "1a7f37", "non-strict": "9a6700", unimplemented: "6e7781", fail: "c0232c" };

/**
 * Puts a document together. Its policy allows the one style and the one script that are in it, by their hashes, and no request to anywhere: were an
 * escape forgotten, nothing that a peer sent would run.
 */
export function htmlDocument({ title, verdict, style, script, data, archive, body }: DocumentParts): string {
  const css = `${BASE_STYLE}${style}`;
  const policy = `default-src 'none'; style-src '${hash(css)}'; script-src '${hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const icon = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#${ICON_FILLS[verdict ?? "unimplemented"]}'/></svg>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${css}</style>
${body}
<script type="application/json" id="data">${toScriptJson(data)}</script>
${archive === undefined ? "" : `<script type="text/plain" id="archive">${deflateRawSync(JSON.stringify(archive), { level: 9 }).toString("base64")}</script>\n`}<script>${script}</script>
</html>
`;
}

/** A bar with a piece for each verdict, as wide as its share; no case is too few to be seen. */
export function bar(totals: Readonly<Record<Verdict, number>>): string {
  const all = countAll(totals);
  if (all === 0) return "";
  const shares = (["pass", "non-strict", "unimplemented", "fail"] as const).filter((verdict) => totals[verdict] > 0)
    .map((verdict) => ({ verdict, width: Math.max(1, totals[verdict] / all * 100) }));
  const scale = 100 / shares.reduce((sum, { width }) => sum + width, 0);
  let x = 0;
  const pieces = shares.map(({ verdict, width }) => {
    const piece = `<rect class="${verdict}" x="${round(x)}" width="${round(width * scale)}" height="4"/>`;
    x += width * scale;
    return piece;
  });
  return `<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${formatTotals(totals)}">${pieces.join("")}</svg>`;
}

/** Buttons that show cases with one verdict alone, each with its number; the first shows all. */
export function verdictButtons(totals: Readonly<Record<Verdict, number>>, label: (verdict: Verdict | "") => string): string {
  const choices = ["" as const, ...WORST_FIRST.filter((verdict) => totals[verdict] > 0)];
  const buttons = choices.map((verdict) => `<button type="button" class="choice ${verdict}" data-verdict="${verdict}" aria-pressed="${verdict === ""}">${label(verdict)}</button>`);
  return `<div class="choices" role="group" aria-label="Show cases that">${buttons.join("")}</div>`;
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
