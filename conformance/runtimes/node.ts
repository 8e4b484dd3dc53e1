/**
 * The transport's cases on Node.
 * @module
 */
import { connect, serve } from "../../adapters/node.ts";
import { TRANSPORT_CASES } from "../transport.ts";
import { type Given, GIVEN, runCases, socketFiles } from "./cases.ts";

const given = JSON.parse(process.env[GIVEN] as string) as Given;
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));
await runCases({
  name: `node ${process.versions.node}`,
  connect,
  serve,
  ...given,
  cannot: {},
  openResources: () => [...socketFiles() ?? [], ...process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Pipe/.test(name))],
}, TRANSPORT_CASES, given.only, unhandled);
