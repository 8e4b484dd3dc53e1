/**
 * Servers and clients on a simulated network, where one number decides everything: for tests of what must survive a bad one.
 * `docs/testing.md` shows how.
 * @module
 */
export type { Clock } from "./adapters/clock.ts";
export type { Conditions } from "./adapters/simulation/lane.ts";
export type { CutOptions, DialFate, Link, Side } from "./adapters/simulation/link.ts";
export type { FaultRates } from "./adapters/simulation/network.ts";
export { everySeed, type EverySeedOptions } from "./adapters/simulation/every-seed.ts";
export {
  DEFAULT_CONDITIONS, DEFAULT_FAULTS, simulate, type SimulatedServer, World, type WorldOptions,
} from "./adapters/simulation/world.ts";
