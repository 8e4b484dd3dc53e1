/**
 * Targets on Node.
 * @module
 */
import { connect, serve } from "../../adapters/node.ts";
import { runTask } from "./task.ts";

await runTask({ connect, serve });
