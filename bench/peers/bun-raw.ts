/** Bytes back as they came, on `Bun.listen`. What the socket does not take waits for `drain`. */
import { connectAll, ready, task } from "./control.ts";

interface RawSocket {
  data: Uint8Array[];
  write(bytes: Uint8Array): number;
  setNoDelay(on: boolean): void;
}

declare const Bun: { listen(options: object): { readonly port: number }; connect(options: object): Promise<RawSocket> };

const echo = {
  hostname: "127.0.0.1",
  port: task.port,
  socket: {
    open(socket: RawSocket) {
      socket.data = [];
      socket.setNoDelay(true);
    },
    data(socket: RawSocket, bytes: Uint8Array) {
      if (socket.data.length > 0) return void socket.data.push(bytes);
      const written = Math.max(0, socket.write(bytes));
      if (written < bytes.length) socket.data.push(bytes.subarray(written));
    },
    drain(socket: RawSocket) {
      for (let [bytes] = socket.data; bytes !== undefined; [bytes] = socket.data) {
        const written = Math.max(0, socket.write(bytes));
        if (written < bytes.length) return void (socket.data[0] = bytes.subarray(written));
        socket.data.shift();
      }
    },
  },
};
if (task.port === 0) ready(Bun.listen(echo).port);
else await connectAll(() => Bun.connect(echo));
