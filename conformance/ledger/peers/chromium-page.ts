/**
 * The page: the browser's WebSocket, as the web has it.
 * @module
 */
import { openWith, runCases, type WebLike } from "./client.ts";

Object.assign(globalThis, { runCases: (base: string, agent: string) => runCases(base, agent, openWith((url) => new WebSocket(url) as unknown as WebLike)) });
