/**
 * How much memory is in use once all garbage is collected.
 * @module
 */
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of objects and buffers; undefined where garbage cannot be collected on demand. */
export function heapInUse(): number | undefined {
  collect ??= collector();
  if (collect === undefined) return undefined;
  for (let i = 0; i < 3; i++) collect(); // what a finalizer keeps goes with the second
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let collect: (() => void) | undefined;

function collector(): (() => void) | undefined {
  const host = globalThis as { readonly gc?: () => void; readonly Bun?: { gc(force: boolean): void } };
  const { Bun } = host;
  if (Bun !== undefined) return () => Bun.gc(true);
  if (host.gc !== undefined) return host.gc;
  try {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  } catch {
    return undefined;
  }
}
