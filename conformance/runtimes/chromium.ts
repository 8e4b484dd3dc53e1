/**
 * The cases in a page: the core, and clients on the page's own WebSocket against our server on Node.
 * @module
 */
import { connect, serve } from "../../adapters/browser.ts";
import type { NativeConnectOptions } from "../../adapters/native.ts";
import type { NativeWebSocket } from "../cases/native.ts";
import { Peers } from "../cases/peers.ts";
import { runCases } from "./cases.ts";
import type { Given } from "./given.ts";

const unhandled: unknown[] = [];
addEventListener("unhandledrejection", ({ reason }) => void unhandled.push(reason));
addEventListener("error", ({ message }) => void unhandled.push(message));

const { only, control, ...given } = await (await fetch("/given")).json() as Given;
let lines: string[] = [];
let told = Promise.resolve();

/** Results go in bundles: one by one, each would be a request. */
function tell(line: string): void {
  lines.push(line);
  if (lines.length > 1) return;
  told = told.then(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const body = lines.join("\n");
    lines = [];
    await fetch("/lines", { method: "POST", body });
  });
}

const [, version = ""] = /Chrome\/(\d+)/.exec(navigator.userAgent) ?? [];
await runCases({
  name: `chromium ${version}`,
  ...given,
  peers: new Peers(control),
  connect(url, options = {}) {
    const { limits, ...rest } = options as unknown as NativeConnectOptions & { limits?: { maxMessage?: number } };
    const { maxMessage: _, ...others } = limits ?? {}; // the page's own WebSocket has a limit of its own
    return connect(url, { ...rest, limits: others });
  },
  serve,
  native: { clients: { WebSocket: (url, protocols) => new WebSocket(url, protocols) as NativeWebSocket } },
  openResources: () => undefined,
  cannot: {
    "serves": "a page cannot listen",
    "listens": "a page cannot listen",
    "has unix sockets": "a page reaches no unix sockets",
    "has proxies": "a page's proxy is the browser's setting",
    "drops a connection": "a page's WebSocket that is given up still goes through its closing handshake",
    "gives up a TLS handshake": "whom to trust, and for how long to wait, is the browser's to say",
    "has a server of its own": "a page cannot listen",
    "tells how far a handshake came": "a page is told nothing of how far a handshake came",
    "tells why a connection failed": "a page is told nothing of why a connection failed",
  },
}, only, unhandled, tell);
await told;
