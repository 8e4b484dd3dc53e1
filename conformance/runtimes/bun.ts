/**
 * The cases on Bun.
 * @module
 */
import process from "node:process";
import { connect, serve } from "../../adapters/bun.ts";
import { runProcess } from "./process.ts";

await runProcess({
  name: `bun ${process.versions["bun"]}`,
  connect,
  serve,
  native: { clients: {} },
  cannot: {},
});
