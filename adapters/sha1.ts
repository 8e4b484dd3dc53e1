/**
 * The host's SHA-1 for the opening handshake, where there is one that takes text at once.
 * @module
 */

/** SHA-1 of nothing, known beforehand. */
const EMPTY_HASH = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

/** SHA-1 of ASCII text, in base64. Measured: 0.3 us on Node and Bun, where our own takes 0.7. Undefined where ours has to do. */
export const hostSha1: ((text: string) => string) | undefined = findSha1(globalThis as HostProcess);

/**
 * Finds it in a host's globals: `crypto.hash` of Node 21.7 and what follows it. One that refuses SHA-1, as by policy, is none, and neither is
 * Deno's: an opening handshake takes 15 us with it, where it takes 7 with ours (measured).
 */
export function findSha1({ process, Deno }: HostProcess): ((text: string) => string) | undefined {
  if (Deno !== undefined) return undefined;
  try {
    const hash = process?.getBuiltinModule?.("node:crypto")?.hash;
    return hash?.("sha1", "", "base64") === EMPTY_HASH ? (text) => hash("sha1", text, "base64") : undefined;
  } catch {
    return undefined;
  }
}

interface HostProcess {
  readonly Deno?: unknown;
  readonly process?: {
    getBuiltinModule?(name: string): { hash?(algorithm: string, text: string, encoding: "base64"): string } | undefined;
  };
}
