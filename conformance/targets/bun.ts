/**
 * Targets on Bun.
 * @module
 */
import { zlibCodec } from "../../adapters/node-deflate.ts";
import { connect, serve } from "../../adapters/bun.ts";
import { runTask } from "./task.ts";

await runTask({ codec: zlibCodec, connect, serve });
