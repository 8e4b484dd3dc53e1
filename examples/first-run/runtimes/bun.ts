/**
 * The first run on Bun.
 * @module
 */
import process from "node:process";
import { serve } from "../../../index.bun.ts";
import { runRoom } from "./process.ts";

await runRoom("Bun", process.versions["bun"], serve);
