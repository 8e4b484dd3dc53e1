/** The client of `faye-websocket`. */
import FayeWebSocket from "faye-websocket";
import { connectAll, MAX_MESSAGE, url } from "./control.ts";

await connectAll(async () => {
  const socket = new FayeWebSocket.Client(url, [], { maxLength: MAX_MESSAGE });
  socket.addEventListener("message", ({ data }) => socket.send(data));
});
