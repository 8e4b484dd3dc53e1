/**
 * What a case is, and the runtime it is given. Cases import no host's modules, so that they run in workers and in pages too.
 * @module
 */
import type { ConnectOptions } from "../../adapters/connect.ts";
import type { ServeOptions, Server } from "../../adapters/serve.ts";
import type { SocketLike } from "../../adapters/socket.ts";
import type { Cuts } from "../check.ts";
import type { Native } from "./native.ts";
import type { Peers } from "./peers.ts";

/** What a runtime may lack. */
export type Capability =
  /** Has raw sockets, so that `serve` is more than a sentence. */
  | "serves"
  /** Opens and closes ports by itself. */
  | "listens"
  | "has unix sockets"
  | "speaks TLS on unix sockets"
  | "has proxies"
  | "trusts whom it is told"
  | "takes any certificate"
  | "asks for a certificate"
  | "presents a certificate"
  | "gives up a TLS handshake"
  /** Without it, a connection that is given up stays for a while, and so do its resources. */
  | "gives up a connection"
  | "drops a connection"
  /** Without it, resources of a connection that was reset are not looked for. */
  | "lets go of what was reset"
  | "has a server of its own"
  /** Without it, only that a connection fails is checked. */
  | "tells how far a handshake came"
  /** Without it, codes and words of a failure are not checked. */
  | "tells why a connection failed";

/** A runtime under test. */
export interface Runtime {
  /** Its name and version. */
  readonly name: string;
  connect(url: string | URL, options?: ConnectOptions): Promise<SocketLike<undefined>>;
  serve<Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>>;
  /** PEM of an authority, and of a leaf for "localhost" and 127.0.0.1. */
  readonly certificates: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Where vectors are cut. */
  readonly cuts: Cuts;
  /** A folder for unix sockets. */
  readonly folder: string;
  /** Plain TCP peers, which Node has for everybody. */
  readonly peers: Peers;
  /** The runtime's own WebSockets. */
  readonly native: Native;
  /** What it cannot do, each with the reason in one sentence. */
  readonly cannot: Readonly<Partial<Record<Capability, string>>>;
  /** The sockets that are open, as names; undefined where nobody can tell. */
  openResources(): readonly string[] | undefined | Promise<readonly string[] | undefined>;
}

/** One case. */
export interface Case {
  readonly group: string;
  readonly name: string;
  readonly needs: readonly Capability[];
  /** A runtime without this may leave something open. */
  readonly leavesWithout?: Capability;
  /** It opens nothing: only computes. */
  readonly pure?: true;
  readonly run: (runtime: Runtime) => Promise<void>;
}

/** How a case went. */
export interface Result {
  readonly runtime: string;
  readonly group: string;
  readonly name: string;
  /** A note tells of what is not checked there. */
  readonly status: "pass" | "fail" | "skip" | "note";
  /** How long it took. */
  readonly milliseconds: number;
  /** Why it failed, why it was skipped, or what the note is. */
  readonly reason?: string;
}

/** What a case does, with what it needs besides its group's needs. */
export type Body = Case["run"] | (Pick<Case, "run" | "leavesWithout"> & Partial<Pick<Case, "needs">>);

/** The cases of a group. */
export function group(name: string, needs: readonly Capability[], cases: Readonly<Record<string, Body>>): Case[] {
  return Object.entries(cases).map(([title, body]) => {
    const details = typeof body === "function" ? { run: body } : body;
    return { group: name, name: title, ...details, needs: [...needs, ...details.needs ?? []] };
  });
}
