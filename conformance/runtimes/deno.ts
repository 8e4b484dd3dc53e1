/**
 * The transport's cases on Deno.
 * @module
 */
import { connect, serve } from "../../adapters/deno.ts";
import { TRANSPORT_CASES } from "../transport.ts";
import { type Given, GIVEN, runCases, socketFiles } from "./cases.ts";

const given = JSON.parse(process.env[GIVEN] as string) as Given;
const unhandled: unknown[] = [];
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  unhandled.push(event.reason);
});
await runCases({
  name: `deno ${process.versions["deno"]}`,
  connect,
  serve,
  ...given,
  cannot: {
    "takes any certificate": "Deno checks every certificate",
    "asks for a certificate": "Deno's TLS server asks clients for no certificate",
    "speaks TLS on unix sockets": "Deno speaks TLS over TCP only",
    "gives up a TLS handshake": "Deno keeps the TCP connection of a TLS handshake that was given up until the other side acts",
  },
  openResources: socketFiles,
}, TRANSPORT_CASES, given.only, unhandled);
