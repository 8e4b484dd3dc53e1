/**
 * The cases on Bun.
 * @module
 */
import process from "node:process";
import { connect, serve } from "../../adapters/bun.ts";
import { BUN_NATIVE } from "./bun-native.ts";
import { runProcess } from "./process.ts";

await runProcess({
  name: `bun ${process.versions["bun"]}`,
  connect,
  serve,
  native: BUN_NATIVE,
  cannot: {},
});
