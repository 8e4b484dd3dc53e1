/**
 * The same, where isosocket finds nothing of what Deno keeps to itself.
 * @module
 */
const deno = (globalThis as unknown as { Deno: { internal: symbol } }).Deno;
const kept = Object.getOwnPropertyDescriptor(deno, deno.internal) as PropertyDescriptor;
Object.defineProperty(deno, deno.internal, { value: undefined, configurable: true });
const { ops } = await import("../../adapters/deno-ops.ts");
Object.defineProperty(deno, deno.internal, kept); // the test runner needs it
const connection = { read: () => Promise.resolve(7), write: () => Promise.resolve(8) };
if (await ops.read(connection, new Uint8Array(1)) !== 7) throw new Error("It is used all the same");
await import("./sanitized.ts");
