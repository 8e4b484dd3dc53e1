/**
 * The WebSocket of the package `undici`. Not as by default: nothing.
 * @module
 */
import { WebSocket } from "undici";
import { openWith, runCases, type WebLike } from "./client.ts";
import { tester } from "./program.ts";

await runCases(...tester(), openWith((url) => new WebSocket(url) as WebLike));
