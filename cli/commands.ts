/**
 * The commands by name. Each is loaded when it is called for.
 * @module
 */
import type { Command } from "./command.ts";

/** A command as the overview shows it. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** In the order of the help. */
export const COMMANDS: readonly Entry[] = [
  {
    name: "serve",
    summary: "run a server that echoes or broadcasts, with a page to try it",
    load: async () => (await import("./serve.ts")).serveCommand,
  },
  {
    name: "connect",
    summary: "connect to a WebSocket; type and read, or pipe",
    load: async () => (await import("./connect.ts")).connectCommand,
  },
  {
    name: "conformance",
    summary: "test anybody's WebSocket, server or client, against the RFCs",
    load: async () => (await import("./conformance.ts")).conformanceCommand,
  },
];
