/**
 * The cases in a process of their own, on runtimes that have `node:process` and `node:fs`.
 * @module
 */
import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import type { Runtime } from "../cases/case.ts";
import { Peers } from "../cases/peers.ts";
import { runCases } from "./cases.ts";
import { type Given, GIVEN } from "./given.ts";

/** What differs from runtime to runtime. */
export type Part = Pick<Runtime, "name" | "connect" | "serve" | "cannot" | "native"> & Partial<Pick<Runtime, "openResources">>;

/** Runs them, and prints the results. */
export async function runProcess(part: Part): Promise<void> {
  const { only, control, ...given } = JSON.parse(process.env[GIVEN] as string) as Given;
  const unhandled: unknown[] = [];
  process.on("unhandledRejection", (reason) => unhandled.push(reason));
  process.on("uncaughtException", (error) => unhandled.push(error));
  console.log(`${part.name} starts`); // a runtime opens its own resources at its first output
  const runtime: Runtime = { openResources: () => socketFiles("self"), ...part, ...given, peers: new Peers(control) };
  await runCases(runtime, only, unhandled, (line) => console.log(line));
}

/** The sockets of a process as Linux lists them; undefined elsewhere. */
export function socketFiles(pid: number | "self"): readonly string[] | undefined {
  try {
    const targets = readdirSync(`/proc/${pid}/fd`).map((file) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${file}`);
      } catch {
        return ""; // closed in the meantime
      }
    });
    return [...new Set(targets)].filter((target) => target.startsWith("socket:")); // runtimes duplicate those of stdin and stdout
  } catch {
    return undefined;
  }
}
