/**
 * The page of the first run over HTTP: a list of files, and the headers that keep everything else out.
 * @module
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HttpAnswer, UpgradeRequest } from "../../index.node.ts";

/** Answers a plain HTTP request: with a file of the page, read anew so that an edit shows at the next reload. */
export async function answer(request: UpgradeRequest): Promise<HttpAnswer> {
  const file = FILES.get(request.path);
  if (file === undefined) return { status: 404, headers: HEADERS, body: "Not found\n" };
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: 405, headers: { ...HEADERS, Allow: "GET, HEAD" }, body: "This can only be read\n" };
  }
  const host = request.header("Host") ?? "";
  // Safari reads 'self' as http only, so the WebSocket's URLs are named
  const own = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : "";
  // any port of this machine: the other servers may not have theirs yet
  const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'${own} ws://127.0.0.1:*; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return {
    headers: { ...HEADERS, "Content-Type": file.type, "Content-Security-Policy": policy },
    body: await readFile(join(findCheckout(), PAGE, file.name)),
  };
}

/** The checkout, for the source and for the bundle alike: both lie somewhere below it. */
export function findCheckout(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, PAGE, "index.html"))) return folder;
    if (folder === dirname(folder)) throw new Error(`Cannot find ${PAGE}: the first run needs a checkout of the repository`);
  }
}

const PAGE = "examples/first-run/page";
const SCRIPTS = ["anatomy", "chat", "closing", "diagram", "dom", "frames", "handshake", "link", "page", "servers"];
/** What is served, by path: nothing else is, whatever lies in the folder. */
const FILES: ReadonlyMap<string, { readonly name: string; readonly type: string }> = new Map([
  ["/", { name: "index.html", type: "text/html; charset=utf-8" }],
  ["/style.css", { name: "style.css", type: "text/css; charset=utf-8" }],
  ...SCRIPTS.map((name) => [`/${name}.js`, { name: `${name}.js`, type: "text/javascript; charset=utf-8" }] as const),
]);
const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-cache",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};
