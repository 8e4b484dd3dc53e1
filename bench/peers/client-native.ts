/** The WebSocket that a runtime has of its own: Node (it is undici's), Bun or Deno. */
import { connectAll, url } from "./control.ts";

await connectAll(() => new Promise((resolve, reject) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = resolve;
  socket.onerror = reject;
  socket.onmessage = ({ data }) => socket.send(data as ArrayBuffer);
}));
