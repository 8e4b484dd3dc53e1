/**
 * A badge: the result of a run in one line, as an SVG picture.
 * @module
 */
import type { Report } from "../wire/result.ts";
import { escapeMarkup } from "./escape.ts";
import { countAll, formatCount, formatTotals } from "./words.ts";

/** Fills on which white text can be read. */
const GREEN = "#1a7f37";
const OLIVE = "#6b6f00";
const RED = "#b42318";
const GREY = "#57606a";

/**
 * "conformance | 1,020 of 1,031 passed". What a peer does not implement, as it may, is not among the second number. Green is for nothing but
 * passes, olive for no failure, red for any, grey for a run that was stopped or had no cases.
 */
export function renderBadge(label: string, report: Pick<Report, "totals" | "complete">): string {
  const { totals, complete } = report;
  const asked = countAll(totals) - totals.unimplemented;
  const value = `${formatCount(totals.pass)} of ${formatCount(asked)} passed${complete ? "" : ", stopped early"}`;
  const fill = !complete || asked === 0 ? GREY : totals.fail > 0 ? RED : totals["non-strict"] > 0 ? OLIVE : GREEN;
  const title = escapeMarkup(`${label}: ${formatTotals(totals)}${complete ? "" : "; the run was stopped early"}`);
  const [left, right] = [textWidth(label), textWidth(value)];
  const split = left + 12;
  const width = split + right + 12;
  const part = (text: string, x: number, length: number): string => `    <text x="${x}" y="14" textLength="${length}">${escapeMarkup(text)}</text>\n`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-label="${title}">
  <title>${title}</title>
  <rect width="${width}" height="20" rx="3" fill="${fill}"/>
  <path d="M3 0H${split}V20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#3d444d"/>
  <g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
${part(label, 6, left)}${part(value, split + 6, right)}  </g>
</svg>
`;
}

/** About how many pixels text has in Verdana at 11 pixels. The picture says it too, so a font that differs is stretched and nothing overlaps. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[ijl.,:;'!|I]/.test(character)) width += 3.7;
    else if (/[frt ()]/.test(character)) width += 4.4;
    else if (/[mwMW%@]/.test(character)) width += 10;
    else if (/[A-Z]/.test(character)) width += 7.6;
    else if (/[\0-\x7f]/.test(character)) width += 6.7;
    else width += 11;
  }
  return Math.round(width);
}
