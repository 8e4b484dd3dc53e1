/**
 * Counts what code allocates and copies, so that "bounded work" is a number and not a time: the same on every machine.
 * @module
 */

/** What was done while the meter ran. */
export interface Work {
  /** Bytes of arrays that were made. */
  allocated: number;
  /** Bytes that were copied from one array to another. */
  copied: number;
  /** Arrays and views that were made, and copies. */
  steps: number;
}

/** Runs something and counts: `Uint8Array` is another one meanwhile. */
export function measure(run: () => void): Work {
  const work: Work = { allocated: 0, copied: 0, steps: 0 };
  const { prototype } = Original;
  const { set, slice, subarray, copyWithin } = prototype;
  const count = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length !== SLAB) work.allocated += bytes.length;
    work.steps++;
    return bytes;
  };
  globalThis.Uint8Array = new Proxy(Original, {
    construct: (target, args, made) => {
      const bytes = Reflect.construct(target, args, made) as Uint8Array;
      if (args[0] instanceof ArrayBuffer) work.steps++;
      else count(bytes);
      return bytes;
    },
  });
  Object.assign(prototype, {
    set(this: Uint8Array, source: ArrayLike<number>, at?: number) {
      work.copied += source.length;
      work.steps++;
      set.call(this, source, at);
    },
    slice(this: Uint8Array, start?: number, end?: number) {
      const bytes = slice.call(this, start, end);
      work.copied += bytes.length;
      return count(bytes);
    },
    subarray(this: Uint8Array, start?: number, end?: number) {
      work.steps++;
      return subarray.call(this, start, end);
    },
    copyWithin(this: Uint8Array, ...args: Parameters<typeof copyWithin>) {
      work.copied += this.length;
      work.steps++;
      return copyWithin.apply(this, args);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Original;
    for (const name of ["set", "slice", "subarray", "copyWithin"] as const) delete (prototype as Partial<typeof prototype>)[name];
  }
  return work;
}

const Original = Uint8Array;
/** All connections of a process write into one slab: whose turn it is to make the next is chance. */
const SLAB = 65_536;
