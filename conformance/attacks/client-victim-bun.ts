/**
 * The client under attack on Bun.
 * @module
 */
import { connect } from "../../adapters/bun.ts";
import { obey } from "./client-victim-process.ts";

await obey(connect);
