/**
 * `crossws` on Node, where it has a `ws` of its own inside. Not as by default: permessage-deflate is on, and a message may have 131,072 fragments.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { adapterFor } from "./crossws.ts";
import { createWebServer, listenAt, ready } from "./program.ts";

const { handleUpgrade } = await adapterFor<{ handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> }>(
  "node", { serverOptions: { perMessageDeflate: true, maxFragments: 131_072 } },
);
const server = createWebServer();
server.on("upgrade", (request, socket, head) => void handleUpgrade(request, socket, head));
server.listen(listenAt(), () => ready(server.address()));
