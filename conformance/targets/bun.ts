/**
 * Targets on Bun.
 * @module
 */
import { connect, serve } from "../../adapters/bun.ts";
import { runTask } from "./task.ts";

await runTask({ connect, serve });
