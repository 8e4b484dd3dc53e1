/** Bytes back as they came, on `Deno.listen`. */
import { connectAll, ready, task } from "./control.ts";

interface Connection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(): void;
  close(): void;
}

declare const Deno: {
  listen(options: object): AsyncIterable<Connection> & { readonly addr: { readonly port: number } };
  connect(options: object): Promise<Connection>;
};

const where = { hostname: "127.0.0.1", port: task.port };
if (task.port === 0) {
  const listener = Deno.listen(where);
  ready(listener.addr.port);
  for await (const connection of listener) void echo(connection).catch(() => {});
} else {
  await connectAll(async () => void echo(await Deno.connect(where)).catch(() => {}));
}

async function echo(connection: Connection): Promise<void> {
  connection.setNoDelay();
  const bytes = new Uint8Array(65_536);
  try {
    for (let read = await connection.read(bytes); read !== null; read = await connection.read(bytes)) {
      for (let at = 0; at < read;) at += await connection.write(bytes.subarray(at, read));
    }
  } finally {
    connection.close();
  }
}
