/**
 * `npm run target -- --runtime R --port N [--mode echo|broadcast] [--tls] [--max-message BYTES]`: a server of ours on a
 * runtime, for anybody's suite or load generator. It prints `ready` and its URL once it listens, at a free port for 0; SIGTERM ends it.
 *
 * MODE=broadcast and PMD=ctx or noctx in the environment stand for a `--mode` and a `--deflate` that are not given.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TlsServerOptions } from "../../adapters/pipe.ts";
import { oneOf, runCommand, toMaxMessage, toNumber, toRuntime } from "./arguments.ts";

await runCommand(async () => {
  const args = process.argv.slice(2);
  const { MODE = "", PMD = "" } = process.env; // other tools have a MODE too: what is no mode of ours says nothing
  if (args.some((arg) => /^--deflate(?:=|$)/.test(arg)) || /^(?:no)?ctx$/.test(PMD)) {
    throw new Error("Cannot serve with --deflate: isosocket has no permessage-deflate yet");
  }
  const { values } = parseArgs({
    args,
    options: {
      runtime: { type: "string", default: "node" },
      port: { type: "string", default: "9001" },
      mode: { type: "string", default: MODE === "broadcast" ? MODE : "echo" },
      tls: { type: "boolean", default: false },
      "max-message": { type: "string" },
    },
  });
  return {
    runtime: toRuntime(values.runtime),
    task: {
      role: "server",
      port: toNumber("--port", values.port, 0, 65_535),
      mode: oneOf("--mode", values.mode, ["echo", "broadcast"]),
      maxMessage: toMaxMessage(values["max-message"]),
      ...(values.tls ? { tls: await makeTls() } : {}),
    },
  };
});

/** A certificate made for this server; the authority to trust is in a file for as long as it runs. */
async function makeTls(): Promise<TlsServerOptions> {
  // named at run time: tests' tools are no part of the suite
  const { makeCertificates } = await import(join(import.meta.dirname, "../../test/certificate.ts")) as {
    makeCertificates(): { readonly ca: string; readonly cert: string; readonly key: string };
  };
  const { ca, cert, key } = makeCertificates();
  const folder = mkdtempSync(join(tmpdir(), "isosocket-target-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "ca.pem"), ca);
  console.error(`the authority of its certificate: ${join(folder, "ca.pem")}`);
  return { cert, key };
}
