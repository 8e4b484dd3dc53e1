/**
 * The first run on Deno.
 * @module
 */
import process from "node:process";
import { serve } from "../../../index.deno.ts";
import { runRoom } from "./process.ts";

await runRoom("Deno", process.versions["deno"], serve);
