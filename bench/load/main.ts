/**
 * The generator, a process on Bun: it takes commands as lines of JSON, and answers each with one.
 * @module
 */
import { createInterface } from "node:readline";
import { inTime, PATIENCE } from "./bun.ts";
import { runHandshakes } from "./handshakes.ts";
import { Load, type LoadOptions, type LoadResult } from "./load.ts";

/** What it can be told. `id` names the load on one peer. */
export type Command =
  | { readonly do: "open"; readonly id: number; readonly port: number; readonly options: LoadOptions }
  | { readonly do: "listen"; readonly id: number; readonly options: LoadOptions }
  | { readonly do: "complete"; readonly id: number }
  | { readonly do: "run"; readonly id: number; readonly seconds: number; readonly checked: boolean }
  | { readonly do: "handshakes"; readonly port: number; readonly connections: number; readonly seconds: number }
  | { readonly do: "close"; readonly id: number };

/** What it says of a run: also which share of a processor it took itself. */
export interface Report extends LoadResult {
  readonly busy: number;
}

const loads = new Map<number, { readonly load: Load; readonly complete?: Promise<void> }>();

console.log(JSON.stringify({ port: 0 }));
for await (const line of createInterface(process.stdin)) {
  try {
    console.log(JSON.stringify(await obey(JSON.parse(line) as Command) ?? {}));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
  }
}
process.exit();

async function obey(command: Command): Promise<object | undefined> {
  if (command.do === "handshakes") return measured(() => runHandshakes(command.port, command.connections, command.seconds));
  if (command.do === "open") {
    const load = new Load(command.options, false);
    loads.set(command.id, { load });
    await load.open(command.port);
    return { extensions: load.extensions };
  }
  if (command.do === "listen") {
    const load = new Load(command.options, true);
    const { port, complete } = load.listen();
    loads.set(command.id, { load, complete });
    return { port };
  }
  const { load, complete } = loads.get(command.id) ?? {};
  if (command.do === "complete" && complete !== undefined) await inTime(complete, PATIENCE, "The clients did not all connect");
  if (command.do === "close") load?.close();
  if (command.do === "run" && load !== undefined) return measured(() => load.run(command.seconds, command.checked));
  return undefined;
}

/** With the share of a processor that this process took. */
async function measured(run: () => Promise<LoadResult>): Promise<Report> {
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { ...result, busy: (user + system) / 1e6 / result.seconds };
}
