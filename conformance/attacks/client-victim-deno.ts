/**
 * The client under attack on Deno.
 * @module
 */
import { connect } from "../../adapters/deno.ts";
import { obey } from "./client-victim-process.ts";

await obey(connect);
