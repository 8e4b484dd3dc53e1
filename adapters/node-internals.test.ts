import net from "node:net";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { findInternals } from "./node-internals.ts";

/** What a socket is given. */
interface Given {
  readonly handle: {
    onread?: () => void;
    useUserBuffer(bytes: unknown): void;
    writeBuffer(request: unknown): number;
    shutdown(request: object): number;
  };
  readonly onread: { readonly buffer: unknown; readonly callback: unknown };
}

class Request {
  getAsyncId(): number {
    return -1;
  }
}

/** A socket as it is expected. */
class Plain {
  protected readonly given: Given;
  constructor(given: Given) {
    this.given = given;
    const { handle, onread: { buffer, callback } } = given;
    Object.assign(this, { [Symbol("b")]: buffer, [Symbol("c")]: callback });
    Object.assign(handle, { [Symbol("owner")]: this, onread() {} });
    handle.useUserBuffer(buffer);
  }
  on(): void {}
  write(): void {
    this.given.handle.writeBuffer(new Request());
  }
  _final(): void {
    this.given.handle.shutdown(new Request());
  }
}

const found = (Socket: unknown): ReturnType<typeof findInternals> => findInternals(Socket as never);

test("this Node's internals are known, and what it takes to do without a socket", () => {
  expect(found(net.Socket)?.bare).toBeDefined();
  expect(found(Plain)?.bare).toBeDefined();
});

test("a socket that throws, hides what it keeps, lends nothing or makes other requests has no internals", () => {
  class Throwing {
    constructor() {
      throw new Error("no such option");
    }
  }
  class Bare extends Duplex {}
  class Hiding extends Plain {
    constructor(given: Given) {
      super({ ...given, onread: { ...given.onread, callback: undefined } });
    }
  }
  class Unlent extends Plain {
    constructor(given: Given) {
      super({ ...given, handle: { ...given.handle, useUserBuffer() {} } });
    }
  }
  class Silent extends Plain {
    override write(): void {}
  }
  class Foreign extends Plain {
    override write(): void {
      this.given.handle.writeBuffer({});
    }
  }
  class Used extends Plain {
    override write(): void {
      this.given.handle.writeBuffer(new class extends Request {
        override getAsyncId(): number {
          return 7;
        }
      }());
    }
  }
  for (const Socket of [Throwing, Bare, Hiding, Unlent, Silent, Foreign, Used]) expect(found(Socket)).toBeUndefined();
});

test("one that tells no handle whose it is, has nothing to overhear, or ends without a request of its own is needed", () => {
  class Owning extends Plain {
    constructor(given: Given) {
      super({ ...given, handle: { ...given.handle } });
    }
  }
  class Deaf extends Plain {
    constructor(given: Given) {
      super(given);
      delete given.handle.onread;
    }
  }
  class Throwing extends Plain {
    constructor(given: Given) {
      super(given);
      given.handle.onread = () => {
        throw new Error("not so");
      };
    }
  }
  class Unasked extends Plain {
    override _final(): void {}
  }
  class Objects extends Plain {
    override _final(): void {
      this.given.handle.shutdown({});
    }
  }
  for (const Socket of [Owning, Deaf, Throwing, Unasked, Objects]) expect(found(Socket)).toEqual(expect.objectContaining({ Request, bare: undefined }));
});
