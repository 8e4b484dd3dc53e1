/** The client of `ws`. */
import { WebSocket } from "ws";
import { connectAll, MAX_MESSAGE, url } from "./control.ts";

await connectAll(() => new Promise((resolve, reject) => {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: MAX_MESSAGE });
  socket.on("open", resolve);
  socket.on("error", reject);
  socket.on("message", (data, binary) => socket.send(data, { binary }));
}));
