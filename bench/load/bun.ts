/**
 * What the generator uses of Bun, the one runtime here whose sockets write a part of a buffer without a view of it.
 * @module
 */

/** A socket of Bun's. */
export interface BunSocket<Data = unknown> {
  data: Data;
  /** The bytes taken; fewer than given when the system's buffer is full. */
  write(bytes: Uint8Array | string, offset?: number, length?: number): number;
  end(): void;
  terminate(): void;
  setNoDelay(on: boolean): void;
}

/** What is heard of it. */
export interface BunHandlers<Data> {
  open?(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, bytes: Uint8Array): void;
  drain?(socket: BunSocket<Data>): void;
  end?(socket: BunSocket<Data>): void;
  close?(socket: BunSocket<Data>, error?: Error): void;
  error?(socket: BunSocket<Data>, error: Error): void;
  connectError?(socket: BunSocket<Data>, error: Error): void;
}

interface BunSockets {
  connect<Data>(options: { readonly hostname: string; readonly port: number; readonly data: Data; readonly socket: BunHandlers<Data> }): Promise<BunSocket<Data>>;
  listen<Data>(options: { readonly hostname: string; readonly port: number; readonly data?: Data; readonly socket: BunHandlers<Data> }): { readonly port: number; stop(force: boolean): void };
}

/** The global of that name. */
export const bun: BunSockets = (globalThis as unknown as { Bun: BunSockets }).Bun;

/** What a promise gives, or a rejection when that takes too long. */
export async function inTime<Value>(promise: Promise<Value>, seconds: number, late: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Seconds that anything may take beyond the time it is given. */
export const PATIENCE = 20;

/** A promise, and what settles it. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

/** One that is not settled. */
export function deferred(): Deferred {
  let settle: Omit<Deferred, "promise"> | undefined;
  const promise = new Promise<void>((resolve, reject) => settle = { resolve, reject });
  return { promise, ...settle as Omit<Deferred, "promise"> };
}
