/**
 * What the suite's own process offers the runtimes over HTTP: plain peers, our server on Node, and the page for browsers.
 * @module
 */
import { existsSync } from "node:fs";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "../../adapters/node.ts";
import type { Close } from "../../core/websocket/close.ts";
import { makeHouse } from "../cases/house.ts";
import type { Order } from "../cases/peers.ts";
import type { Given } from "./given.ts";
import { socketFiles } from "./process.ts";
import { freePort, RawPeers } from "./raw-peers.ts";

/** A running one. */
export interface Control {
  /** Ends with a slash. */
  readonly url: string;
  /** What a browser gets at the root: a page with this script. */
  script: string;
  /** What that script asks for. */
  given: Given | undefined;
  /** Hears what a page tells. */
  onLine: (line: string) => void;
  /** Lets go of peers that a runtime left. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it. */
export async function startControl(certificates: Given["certificates"]): Promise<Control> {
  const endings = new Map<string, Close>();
  const [house, compressing] = await Promise.all([false, true].map((compresses) => (
    serve({ ...makeHouse(endings, compresses), port: 0, hostname: "127.0.0.1" })
  )));
  const peers = new RawPeers(certificates);
  const obey = async (order: Order): Promise<object> => {
    switch (order.do) {
      case "listen": return peers.listen(order.habit, order.to);
      case "dial": return peers.dial(order.port, order.upgrade);
      case "free port": return { port: await freePort() };
      case "house": return { port: (order.compresses ? compressing : house).port };
      case "ending": return { ending: endings.get(order.key) };
      case "exists": return { exists: existsSync(order.path) };
      case "resources": return { resources: socketFiles(order.pid) };
      default: return peers.obey(order);
    }
  };
  const server = http.createServer(async (request, response) => {
    response.setHeader("Connection", "close"); // nothing may stay open in the runtime that asks
    try {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
      if (pathname === "/order") response.end(JSON.stringify(await obey(JSON.parse(await bodyOf(request)) as Order)));
      else if (pathname === "/heard") response.end(peers.heard(Number(searchParams.get("id"))));
      else if (pathname === "/lines") {
        for (const line of (await bodyOf(request)).split("\n")) control.onLine(line);
        response.end();
      } else if (pathname === "/given") response.end(JSON.stringify(control.given));
      else if (pathname === "/suite.js") response.setHeader("Content-Type", "text/javascript").end(control.script);
      else if (pathname === "/") response.setHeader("Content-Type", "text/html").end(PAGE);
      else response.writeHead(404).end();
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const control: Control = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    script: "",
    given: undefined,
    onLine: () => {},
    clear: () => peers.clear(),
    async close() {
      await peers.clear();
      server.closeAllConnections();
      await Promise.all([new Promise<void>((resolve) => server.close(() => resolve())), house.close(), compressing.close()]);
    },
  };
  return control;
}

const PAGE = "<!doctype html><meta charset=utf-8><link rel=icon href=data:><script type=module src=/suite.js></script>";

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
