/**
 * What the servers of `crossws` have in common.
 * @module
 */
import { respond } from "./commands.ts";
import { toBytes } from "./program.ts";

/** The part of its interface that is used here. */
export interface Options {
  readonly hooks: {
    message(peer: CrosswsPeer, message: { readonly rawData: unknown; uint8Array(): Uint8Array }): void;
  };
  /** On Node: the options of `ws`. */
  readonly serverOptions?: object;
}

interface CrosswsPeer {
  send(message: string | Uint8Array, options: { readonly compress: boolean }): unknown;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

/** An adapter of it. It is named at run time: its types would bring another runtime's globals along. */
export async function adapterFor<Adapter>(runtime: "node" | "deno" | "bun", options: object = {}): Promise<Adapter> {
  const { default: adapter } = await import(`crossws/adapters/${runtime}`) as { default(options: Options): Adapter };
  return adapter({ ...options, hooks: HOOKS });
}

/** Echoes, and obeys. Its pings are not the same on every runtime, and are left out. */
const HOOKS: Options["hooks"] = {
  message: (peer, message) => respond(typeof message.rawData === "string" ? message.rawData : toBytes(message.uint8Array()), {
    send: (answer) => peer.send(answer, { compress: true }),
    close: (code, reason) => code === undefined ? peer.close() : peer.close(code, reason),
    drop: () => peer.terminate(),
  }),
};
