/**
 * The cases on Deno.
 * @module
 */
import process from "node:process";
import { connect, serve } from "../../adapters/deno.ts";
import { DENO_NATIVE } from "./deno-native.ts";
import { runProcess } from "./process.ts";

await runProcess({
  name: `deno ${process.versions["deno"]}`,
  connect,
  serve,
  native: DENO_NATIVE,
  cannot: {
    "takes any certificate": "Deno checks every certificate",
    "asks for a certificate": "Deno's TLS server asks clients for no certificate",
    "speaks TLS on unix sockets": "Deno speaks TLS over TCP only",
    "gives up a TLS handshake": "on Deno a TLS handshake cannot be given up",
  },
});
