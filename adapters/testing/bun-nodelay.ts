/**
 * Prints TCP_NODELAY of both ends of a connection on Bun, plain and TLS, as the system has it.
 * @module
 */
interface Opened {
  readonly fd: number;
}
declare const Bun: {
  listen(options: object): { readonly port: number };
  connect(options: object): Promise<unknown>;
};
interface Ffi {
  dlopen(file: string, symbols: object): { readonly symbols: { getsockopt(...args: unknown[]): number } };
  ptr(array: Int32Array): number;
}

const { dlopen, ptr } = await import(["bun", "ffi"].join(":")) as Ffi;
const { getsockopt } = dlopen("libc.so.6", { getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" } }).symbols;

function noDelay({ fd }: Opened): number | undefined {
  const value = new Int32Array([-1]);
  const size = new Int32Array([4]);
  return getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ptr(value), ptr(size)) === 0 ? value[0] : undefined;
}

const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const found: (number | undefined)[] = [];
const tls = JSON.parse(process.argv[2]) as object;
for (const secure of [false, true]) {
  await new Promise<void>((done) => {
    const hear = (socket: Opened): void => {
      found.push(noDelay(socket));
      if (found.length % 2 === 0) done();
    };
    const socket = { data() {}, ...(secure ? { handshake: hear } : { open: hear }) };
    const { port } = Bun.listen({ hostname: "127.0.0.1", port: 0, socket, ...(secure ? { tls } : {}) });
    void Bun.connect({ hostname: "127.0.0.1", port, socket, ...(secure ? { tls: { rejectUnauthorized: false } } : {}) });
  });
}
console.log(found.join(" "));
process.exit(0);
