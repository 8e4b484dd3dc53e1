/**
 * What failed, in few lines: where only the end of a log is kept, this is what is left of it.
 * @module
 */

/** As many lines as say what is wrong. */
const LINES = 16;

/** Each test that failed, or file that did not load: its name, the error and the difference, without the code around it. */
export function failuresOfTests(output: string): string[] {
  const blocks = output.match(/^ FAIL {2}[^]*?(?=\n\u23af|$(?![^]))/gm) ?? []; // as vitest tells them, each with a rule below
  return blocks.map((block) => short(block.split(/^ \u276f /m)[0]));
}

/** Each case that failed on a runtime, and why. */
export function failuresOfColumns(output: string): string[] {
  return (output.match(/^FAIL {2}.*\n.*/gm) ?? []).map(short);
}

/** The last lines of what a program printed. */
export function tail(output: string): string {
  return short(output.trim().split("\n").slice(-LINES).join("\n"));
}

function short(text: string): string {
  return text.trim().split("\n").filter((line) => line.trim() !== "").slice(0, LINES).map((line) => `  ${line.slice(0, 300)}`).join("\n");
}
