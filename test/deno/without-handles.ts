/**
 * Deno as it may be one day: without what stands behind its `node:net`.
 * @module
 */

/** Runs it while no internals are found. */
export async function withoutHandles<Result>(body: () => Promise<Result>): Promise<Result> {
  const { process } = globalThis as unknown as { process: { binding: unknown } };
  const { binding } = process;
  process.binding = () => {
    throw new Error("There is no such module");
  };
  try {
    return await body();
  } finally {
    process.binding = binding;
  }
}
