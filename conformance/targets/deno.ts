/**
 * Targets on Deno.
 * @module
 */
import { connect, serve } from "../../adapters/deno.ts";
import { runTask } from "./task.ts";

await runTask({ connect, serve });
