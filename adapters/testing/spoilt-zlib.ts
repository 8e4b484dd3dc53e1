/**
 * `node:zlib` as it might be one day: without what is not documented, or with other things in its place.
 * @module
 */
import { createDeflateRaw, deflateRawSync, type ZlibOptions } from "node:zlib";
import type { Zlib } from "../node-deflate.ts";

/** What is not documented of a stream, and where it stands. */
export interface Inside {
  _handle: Handle | null;
  _writeState: unknown;
  _processChunk: unknown;
}

/** The handle of a stream. */
export interface Handle {
  writeSync(...args: WriteArguments): void;
  reset(): void;
  close(): void;
}

/** How it is called. */
export type WriteArguments = [flush: number, input: Uint8Array, inputAt: number, inputLength: number, output: Uint8Array, outputAt: number, outputLength: number];

/** How it differs. */
export interface Difference {
  /** Done to each stream that is made. */
  readonly spoil?: (stream: Inside) => void;
  /** False: dictionaries are ignored, as on Deno. */
  readonly dictionaries?: false;
}

/** `node:zlib` with a difference; `calls` has how often each function was called, and how many handles are open. */
export function spoiltZlib({ spoil, dictionaries }: Difference): Zlib & { readonly calls: { once: number; made: number; open: number } } {
  const calls = { once: 0, made: 0, open: 0 };
  const known = (options: ZlibOptions = {}): ZlibOptions => {
    const { dictionary: _, ...others } = options;
    return dictionaries === false ? others : options;
  };
  return {
    calls,
    deflateRawSync: ((data: Uint8Array, options: ZlibOptions) => {
      calls.once++;
      return deflateRawSync(data, known(options));
    }) as typeof deflateRawSync,
    createDeflateRaw: ((options: ZlibOptions) => {
      const stream = createDeflateRaw(known(options));
      calls.made++;
      calls.open++;
      const inside = stream as unknown as Inside;
      wrap(inside, {}, () => calls.open--);
      spoil?.(inside);
      return stream;
    }) as typeof createDeflateRaw,
  };
}

/** What a handle does instead. */
export interface Methods {
  readonly writeSync?: (handle: Handle, args: WriteArguments) => void;
  readonly reset?: () => void;
}

/** Puts other methods in the place of a handle's. */
export function wrap(stream: Inside, { writeSync, reset }: Methods, onClose?: () => void): void {
  const handle = stream._handle as Handle;
  stream._handle = {
    writeSync: (...args) => writeSync === undefined ? handle.writeSync(...args) : writeSync(handle, args),
    reset: () => reset === undefined ? handle.reset() : reset(),
    close: () => {
      onClose?.();
      handle.close();
    },
  };
}
