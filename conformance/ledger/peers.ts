/**
 * The peers of the ledger: what they are, and how each is started.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { Case } from "../wire/case.ts";
import { commandOf, type RuntimeName } from "../targets/start.ts";

/** A peer in one role. */
export interface LedgerPeer {
  /** Its name in file names and on the command line: "crossws-bun-server". */
  readonly id: string;
  /** Its name in tables. */
  readonly name: string;
  readonly role: "server" | "client";
  /** The package whose version counts; without one, it comes with what it runs on. */
  readonly package?: string;
  readonly on: RuntimeName | "chromium";
  /** What it is started with. A server is given a port, 0 for a free one, and prints `ready` and its URL; a client is given the tester's URL, and its own name. */
  command(where: string): readonly [program: string, ...args: string[]];
  /** What is asked for behind a server's URL; nothing when it is not said. */
  readonly path?: string;
  /** Why not all cases apply, and which do. */
  readonly limits?: { readonly reason: string; applies(item: Case): boolean };
}

/** Not in what is published. */
const WORKERD: Pick<LedgerPeer, "limits"> = {
  limits: {
    reason: "control frames beside compression and with reserved bits are left out until its authors have looked at them",
    applies: ({ title }) => !(/ping|pong|close/i.test(title) && /RSV|reserved|compress/i.test(title)),
  },
};

/** All of them, in the order of the table. */
export const PEERS: readonly LedgerPeer[] = [
  ...ours(),
  ...both("ws", "ws", "node"),
  own("undici-client", "undici", "node", "undici-client.ts", { package: "undici" }),
  own("node-client", "Node's WebSocket", "node", "global-client.ts"),
  ...both("faye", "faye-websocket", "node"),
  ...both("driver", "websocket-driver", "node"),
  own("bun-server", "Bun.serve", "bun", "bun-server.ts"),
  own("bun-client", "Bun's WebSocket", "bun", "global-client.ts"),
  own("deno-server", "Deno.upgradeWebSocket", "deno", "deno-server.ts"),
  own("deno-client", "Deno's WebSocket", "deno", "global-client.ts"),
  own("workerd-server", "workerd's WebSocketPair", "workerd", "workerd.ts", WORKERD),
  own("workerd-client", "workerd's fetch", "workerd", "workerd.ts", WORKERD),
  own("chromium-client", "Chromium's WebSocket", "chromium", "chromium-client.ts"),
  ...(["node", "deno", "bun"] as const).map((runtime) => own(`crossws-${runtime}-server`, "crossws", runtime, `crossws-${runtime}-server.ts`, { package: "crossws" })),
  own("engine-server", "engine.io", "node", "engine-server.ts", {
    package: "engine.io",
    path: "/engine.io/?EIO=4&transport=websocket",
    limits: {
      reason: "it has a protocol of its own in WebSocket messages, and speaks first, so it is asked only what it must refuse in the opening handshake",
      applies: ({ ask }) => ask?.refuses === "pass" && ask.opens === "fail",
    },
  }),
];

/** Which peer it was, with versions: "crossws 0.4.17 on Bun 1.4.5". */
export async function nameOf(peer: LedgerPeer): Promise<string> {
  const on = `${RUNTIME_NAMES[peer.on]} ${await versionOf(peer.on)}`;
  return peer.package === undefined ? `${peer.name}, ${on}` : `${peer.name} ${versionIn(peer.package)} on ${on}`;
}

/** The command that starts it by hand. */
export function shownCommand(peer: LedgerPeer): string {
  const [program, ...args] = peer.command(peer.role === "server" ? "9001" : "ws://127.0.0.1:9001");
  return [program.replace(/^.*[\\/]/, ""), ...args.map((arg) => arg.replace(`${ROOT}/`, ""))].join(" ").replaceAll("bun.exe", "bun");
}

/** What is not as by default, as its own file says it; undefined where that is nothing. */
export function settingsOf(peer: LedgerPeer): string | undefined {
  const file = peer.command("").find((arg) => arg.startsWith(FOLDER));
  if (file === undefined) return "limits that a suite could run into are lifted, and permessage-deflate is on";
  const [, comment = ""] = /^\/\*\*\n([^]*?)\n \* @module/.exec(readFileSync(file, "utf8")) ?? [];
  const [, settings = "nothing."] = /Not as by default: ([^]*)$/.exec(comment.replace(/^ \* ?/gm, "").replaceAll("\n", " ")) ?? [];
  return settings === "nothing." ? undefined : settings.trim();
}

function ours(): LedgerPeer[] {
  return (["node", "deno", "bun", "workerd"] as const).flatMap((on): LedgerPeer[] => {
    const target = (file: string, ...args: readonly string[]): readonly [string, ...string[]] => [process.execPath, join(ROOT, "conformance/targets", file), "--runtime", on, ...args];
    const peer = { name: "isosocket", on, package: "." };
    return [
      { ...peer, id: `isosocket-${on}-server`, role: "server", command: (port) => target("main.ts", "--port", port) },
      { ...peer, id: `isosocket-${on}-client`, role: "client", command: (url) => target("client-main.ts", "--url", url, "--agent", AGENT) },
    ];
  });
}

function both(id: string, name: string, on: LedgerPeer["on"]): LedgerPeer[] {
  return (["server", "client"] as const).map((role) => own(`${id}-${role}`, name, on, `${id}-${role}.ts`, { package: name }));
}

/** A program in `peers/`. Its id ends in its role. */
function own(id: string, name: string, on: LedgerPeer["on"], file: string, more: Partial<LedgerPeer> = {}): LedgerPeer {
  const role = id.endsWith("server") ? "server" : "client";
  const by = on === "workerd" || on === "chromium" ? "node" : on;
  return { id, name, role, on, ...more, command: (where) => [...commandOf(by), join(FOLDER, file), where, ...role === "client" ? [AGENT] : []] };
}

async function versionOf(on: LedgerPeer["on"]): Promise<string> {
  if (on === "node") return process.versions.node;
  if (on !== "chromium") return versionIn(on);
  const { launch } = await import(join(ROOT, "test/chromium.ts")) as { launch(): Promise<Browser> }; // named at run time: tests' tools are no part of the suite
  const browser = await launch();
  return browser.close().then(() => browser.version());
}

function versionIn(name: string): string {
  const file = name === "." ? join(ROOT, "package.json") : join(ROOT, "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/** The name that clients give to a tester. */
export const AGENT = "peer";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(import.meta.dirname, "peers");
const RUNTIME_NAMES = { node: "Node", deno: "Deno", bun: "Bun", workerd: "workerd", chromium: "Chromium" } as const;
