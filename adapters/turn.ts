/**
 * One connection attempt at a time to each host and port (RFC 6455, section 4.1, point 2): what keeps a page, or a loop,
 * from opening thousands of half-open connections to one server.
 * @module
 */

/**
 * Runs an attempt once all attempts under the same key that came before have settled, unless the signal aborts first.
 * @param by whose attempts wait for each other: what opens them
 */
export async function takeTurn<T>(by: object, key: string, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const turns = allTurns.get(by) ?? new Map<string, Promise<void>>();
  allTurns.set(by, turns);
  const before = turns.get(key);
  const turn = before === undefined ? attempt() : before.then(() => {
    signal.throwIfAborted();
    return attempt();
  });
  const settled = turn.then(ignore, ignore);
  turns.set(key, settled);
  try {
    return await turn;
  } finally {
    if (turns.get(key) === settled) turns.delete(key);
  }
}

function ignore(): void {}

/** The last attempt under each key; gone once it has settled. */
const allTurns = new WeakMap<object, Map<string, Promise<void>>>();
