/**
 * Targets on Deno.
 * @module
 */
import { pakoCodec } from "../../adapters/deflate.ts";
import { connect, serve } from "../../adapters/deno.ts";
import { runTask } from "./task.ts";

await runTask({ codec: pakoCodec, connect, serve });
