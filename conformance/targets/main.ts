/**
 * `npm run target -- --runtime R --port N [--mode echo|broadcast|ack] [--deflate takeover|no-takeover|off] [--tls] [--max-message BYTES]`:
 * a server of ours on a runtime, for anybody's suite or load generator. It agrees to permessage-deflate unless that is off. It prints `ready` and
 * its URL once it listens, at a free port for 0.
 *
 * SIGTERM drains it over `--drain-window` milliseconds (500), and ends it; SIGINT ends it at once.
 *
 * For attacks: `--limit NAME=NUMBER`, `--origin URL` for the only pages that may connect (both may be repeated), `--decide-after
 * MS` for an `upgrade` hook that takes its time and refuses /refused, `--bare` for a server with no handlers at all, and on
 * Node `--attach` for one on `node:http`.
 *
 * MODE=broadcast and PMD=ctx, noctx or off in the environment stand for a `--mode` and a `--deflate` that are not given.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TlsServerOptions } from "../../adapters/pipe.ts";
import { oneOf, runCommand, toDeflate, toLimits, toMaxMessage, toNumber, toRuntime, withDeflate } from "./arguments.ts";

await runCommand(async () => {
  const { MODE = "" } = process.env; // other tools have a MODE too: what is no mode of ours says nothing
  const { values } = parseArgs({
    args: withDeflate(process.argv.slice(2)),
    options: {
      runtime: { type: "string", default: "node" },
      port: { type: "string", default: "9001" },
      mode: { type: "string", default: MODE === "broadcast" ? MODE : "echo" },
      deflate: { type: "string" },
      tls: { type: "boolean", default: false },
      "max-message": { type: "string" },
      limit: { type: "string", multiple: true, default: [] },
      origin: { type: "string", multiple: true },
      "decide-after": { type: "string" },
      bare: { type: "boolean", default: false },
      attach: { type: "boolean", default: false },
      "drain-window": { type: "string", default: "500" },
    },
  });
  const { origin, bare, attach, "decide-after": decideAfter } = values;
  if (attach && values.runtime !== "node") throw new Error(`Cannot use --attach on "${values.runtime}": only Node has node:http`);
  if (attach && values.tls) throw new Error("Cannot use --attach with --tls");
  return {
    runtime: toRuntime(values.runtime),
    task: {
      role: "server",
      port: toNumber("--port", values.port, 0, 65_535),
      mode: oneOf("--mode", values.mode, ["echo", "broadcast", "ack"]),
      maxMessage: toMaxMessage(values["max-message"]),
      limits: toLimits(values.limit),
      deflate: toDeflate(values.deflate),
      bare,
      attached: attach,
      drainWindow: toNumber("--drain-window", values["drain-window"], 0, 600_000),
      ...(origin === undefined ? {} : { origins: origin }),
      ...(decideAfter === undefined ? {} : { decideAfter: toNumber("--decide-after", decideAfter, 0, 60_000) }),
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
