/**
 * One scenario in many worlds.
 * @module
 */
import { simulate, type World, type WorldOptions } from "./world.ts";

/** Which worlds, and how long each may take. */
export interface EverySeedOptions extends WorldOptions {
  /** The first seed; 1 when it is not said. */
  readonly seed?: number;
  /** How many seeds, one after the other; 100 when it is not said. */
  readonly runs?: number;
  /** Milliseconds of a world's time that the scenario may take; an hour when it is not said. */
  readonly limit?: number;
}

/**
 * Runs a scenario in a world for each seed.
 * @throws {Error} what the first seed that fails threw as its `cause`, with the seed and the end of its trace in the message
 */
export async function everySeed(options: EverySeedOptions, scenario: (world: World) => PromiseLike<unknown> | unknown): Promise<void> {
  const { seed: first = 1, runs = 100, limit, ...rest } = options;
  for (let seed = first; seed < first + runs; seed++) {
    const world = simulate({ ...rest, seed });
    try {
      await world.run(() => scenario(world), limit);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const end = world.trace.slice(-TOLD).join("\n");
      throw new Error(`Seed ${seed} fails: ${message}\nReplay it alone with { seed: ${seed}, runs: 1 }. What happened last:\n${end}`, { cause: error });
    } finally {
      await world.end();
    }
  }
}

/** Lines of a trace that an error shows. */
const TOLD = 25;
