/**
 * Results in a few lines of text.
 * @module
 */
import { type CaseResult, countVerdicts } from "./result.ts";

/** One line for each section, and one for each case that did not pass, up to some number. */
export function summarise(results: readonly CaseResult[]): string {
  const lines: string[] = [];
  for (const section of new Set(results.map(nameSection))) {
    const all = results.filter((result) => nameSection(result) === section);
    const counts = countVerdicts(all);
    const time = all.reduce((sum, { duration }) => sum + duration, 0);
    const lacking = counts.unimplemented === 0 ? "" : `, ${counts.unimplemented} unimplemented`;
    const [messages, payload, restored] = (["messages", "payload", "restored"] as const).map((part) => all.reduce((sum, { compressed }) => sum + (compressed?.[part] ?? 0), 0));
    const shrunk = messages === 0 ? "" : `; ${messages} messages came compressed to ${(payload / restored * 100).toFixed(1)} %`;
    lines.push(`${section.padStart(14)}: ${counts.pass} passed, ${counts["non-strict"]} non-strict, ${counts.fail} failed${lacking} (${Math.round(time)} ms)${shrunk}`);
    const others = all.filter(({ verdict }) => verdict !== "pass");
    for (const { id, title, verdict, reasons } of others.slice(0, MOST_TOLD)) lines.push(`  ${id} ${verdict}: ${reasons.join("; ")} (${title})`);
    if (others.length > MOST_TOLD) lines.push(`  and ${others.length - MOST_TOLD} more: ${others.slice(MOST_TOLD).map(({ id }) => id).join(" ")}`);
  }
  return lines.join("\n");
}

function nameSection({ rfc, section }: CaseResult): string {
  return `${rfc} ${section}`;
}

/** Of a section. */
const MOST_TOLD = 30;
