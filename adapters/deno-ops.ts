/**
 * What `Deno.Conn` itself reads and writes by. Deno keeps that to itself; where a look does not find it, the connection's methods do the same, with a
 * promise more for each read and each write. Measured in one run: an echo of 32 B takes 7.25 us this way and 7.49 that way, of 1 KiB 7.87 and 8.38.
 * @module
 */

/** What is used of a `Deno.Conn`. */
export interface DenoStream {
  /** Gives null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
}

/** Reads into an array; 0 or null at the end. */
export type Read = (connection: DenoStream, into: Uint8Array) => Promise<number | null>;
/** Writes some of an array, and tells how much. */
export type Write = (connection: DenoStream, bytes: Uint8Array) => Promise<number>;

/** Looks for what is behind `Deno.Conn`. */
export function findOps(host: { readonly internal?: symbol; readonly [part: symbol]: unknown } | undefined): { readonly read: Read; readonly write: Write } {
  const { read, write, internalRidSymbol: rid } = ((host?.internal === undefined ? undefined : host[host.internal]) as { readonly core?: Partial<Core> } | null | undefined)?.core ?? {};
  if (typeof read !== "function" || typeof write !== "function" || typeof rid !== "symbol") return methods;
  const numberOf = (connection: DenoStream): unknown => (connection as DenoStream & { readonly [part: symbol]: unknown })[rid];
  return {
    read(connection, into) {
      const number = numberOf(connection);
      return typeof number === "number" ? read(number, into) : connection.read(into);
    },
    write(connection, bytes) {
      const number = numberOf(connection);
      return typeof number === "number" ? write(number, bytes) : connection.write(bytes);
    },
  };
}

/** What is used of Deno's core. A connection has a number there. */
interface Core {
  read(connection: number, into: Uint8Array): Promise<number>;
  write(connection: number, bytes: Uint8Array): Promise<number>;
  readonly internalRidSymbol: symbol;
}

const methods = {
  read: (connection: DenoStream, into: Uint8Array): Promise<number | null> => connection.read(into),
  write: (connection: DenoStream, bytes: Uint8Array): Promise<number> => connection.write(bytes),
};

/** What this Deno has. */
export const ops: { readonly read: Read; readonly write: Write } = /* @__PURE__ */ findOps((globalThis as { readonly Deno?: never }).Deno);
