// What workerd adds to the modules, as far as it is used here; the types are in workers.ts, and are not those of a package.
declare module "cloudflare:sockets" {
  export function connect(address: unknown, options: unknown): unknown;
}
