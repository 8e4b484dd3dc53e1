/**
 * What listening takes on runtimes whose listeners neither choose an address nor know what they have open.
 * @module
 */

/** Calls `listen` with the host name, or with the one that stands for all of the machine's addresses: IPv6's takes both families. */
export function onAddress<Result>(hostname: string | undefined, listen: (hostname: string) => Result): Result {
  if (hostname !== undefined) return listen(hostname);
  try {
    return listen("::");
  } catch (error) {
    if ((error as { code?: unknown }).code === "EADDRINUSE") throw error;
    return listen("0.0.0.0"); // a machine without IPv6
  }
}

/** Counts what is open. */
export class OpenCount {
  #count = 0;
  #onNone: (() => void)[] = [];

  /** How many are. */
  get count(): number {
    return this.#count;
  }

  /** One more. */
  readonly add = (): void => {
    this.#count++;
  };

  /** One less. */
  readonly remove = (): void => {
    if (--this.#count === 0) for (const resolve of this.#onNone.splice(0)) resolve();
  };

  /** Settles once nothing is open. */
  none(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#onNone.push(resolve));
  }
}
