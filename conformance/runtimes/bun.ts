/**
 * The transport's cases on Bun.
 * @module
 */
import { connect, serve } from "../../adapters/bun.ts";
import { TRANSPORT_CASES } from "../transport.ts";
import { type Given, GIVEN, runCases, socketFiles } from "./cases.ts";

const given = JSON.parse(process.env[GIVEN] as string) as Given;
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));
await runCases({
  name: `bun ${process.versions.bun}`,
  connect,
  serve,
  ...given,
  cannot: {},
  openResources: socketFiles,
}, TRANSPORT_CASES, given.only, unhandled);
