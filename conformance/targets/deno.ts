/**
 * Targets on Deno.
 * @module
 */
import { zlibCodec } from "../../adapters/node-deflate.ts";
import { connect, serve } from "../../adapters/deno.ts";
import { runTask } from "./task.ts";

await runTask({ codec: zlibCodec, connect, serve });
