/**
 * The client under attack on Node.
 * @module
 */
import { connect } from "../../adapters/node.ts";
import { obey } from "./client-victim-process.ts";

await obey(connect);
