/**
 * The core with a bug put in, one for each sort that a fuzzer is for: each must be found.
 * @module
 */
import { constants, inflateRawSync } from "node:zlib";
import { Fields } from "../../core/http/field.ts";
import { RandomPool } from "../../core/bytes/random-pool.ts";
import type { WebSocketOptions } from "../../core/websocket/handler.ts";
import { History } from "../../core/websocket/history.ts";
import { type Connection, CORE, type Subject } from "./subject.ts";

type Feed = Pick<Connection, "receive">;

/** The same object, but for how it takes input. */
function fedBy<Kind extends Feed>(inner: Kind, receive: (input: Uint8Array, now: number) => void): Kind {
  return new Proxy(inner, {
    get(target, name) {
      if (name === "receive") return receive;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function withConnection(connection: Subject["connection"]): Subject {
  return { ...CORE, connection };
}

/** Loses the first byte behind a piece of three. */
export const dropsByte: Subject = withConnection((options) => {
  const inner = CORE.connection(options);
  let last = 0;
  return fedBy(inner, (input, now) => {
    inner.receive(last === 3 ? input.subarray(1) : input, now);
    last = input.length;
  });
});

/** Takes a reserved opcode for a continuation once a message is begun. */
export const takesReserved: Subject = withConnection((options) => {
  const inner = CORE.connection(options);
  const walk = walker();
  return fedBy(inner, (input, now) => inner.receive(input.map((byte) => walk(byte)), now));
});

/** Follows frames byte by byte and changes opcodes 3 to 7 to 0 inside a message. */
function walker(): (byte: number) => number {
  let header: number[] = [];
  let payload = 0;
  let begun = false;
  return (byte) => {
    if (payload > 0) {
      payload--;
      return byte;
    }
    header.push(byte);
    const opcode = header[0] & 15;
    const reserved = begun && opcode > 2 && opcode < 8;
    const result = header.length === 1 && reserved ? byte & 0xf0 : byte;
    const short = (header[1] ?? 0) & 127;
    const more = short === 127 ? 8 : short === 126 ? 2 : 0;
    if (header.length < 2 || header.length < 2 + more + ((header[1] & 128) === 0 ? 0 : 4)) return result;
    payload = more === 0 ? short : header.slice(2, 2 + more).reduce((sum, each) => sum * 256 + each, 0);
    if (opcode < 8) begun = header[0] < 128;
    header = [];
    return result;
  };
}

/** Looks at the last byte of a piece only once more has come: nothing is lost, all is late. */
export const losesPosition: Subject = withConnection((options) => {
  const inner = CORE.connection(options);
  let kept = new Uint8Array(0);
  const late = fedBy(inner, (input, now) => {
    inner.receive(Uint8Array.of(...kept, ...input.subarray(0, -1)), now);
    kept = input.slice(-1);
  });
  const end = inner.receiveEnd.bind(inner);
  return Object.assign(Object.create(late) as Connection, { receiveEnd: (now: number) => {
    inner.receive(kept, now);
    end(now);
  } });
});

/** Throws at a message of thirteen bytes. */
export const throwsAtThirteen: Subject = withConnection((options) => CORE.connection({
  ...options,
  handler: handlerWith(options, (data) => {
    if (data.length === 13) throw new Error("thirteen");
  }),
}));

function handlerWith({ handler }: WebSocketOptions, look: (data: Uint8Array) => void): WebSocketOptions["handler"] {
  return {
    onText: (text) => handler.onText(text),
    onBinary: (data) => {
      look(data);
      handler.onBinary(data);
    },
    onPing: (data) => handler.onPing?.(data),
    onPong: (data) => handler.onPong?.(data),
    onClose: (close) => handler.onClose(close),
  };
}

/** Masks every frame with the same key. */
export const sameMask: Subject = withConnection((options) => CORE.connection({ ...options, random: new RandomPool((target) => target.fill(7)) }));

/** Never lets go of what it was given. */
export const leaks: Subject = withConnection((options) => {
  const inner = CORE.connection(options);
  return fedBy(inner, (input, now) => {
    leaked.push(new Uint8Array(512 + input.length));
    inner.receive(input, now);
  });
});
const leaked: Uint8Array[] = [];

/** Never returns from a message of thirteen bytes. */
export const hangs: Subject = withConnection((options) => CORE.connection({
  ...options,
  handler: handlerWith(options, (data) => {
    while (data.length === 13) { /* for ever */ }
  }),
}));

/** Answers every ping, however many answers nobody takes. */
export const answersAll: Subject = withConnection((options) => CORE.connection({ ...options, limits: { ...options.limits, maxPendingPongs: Number.POSITIVE_INFINITY } }));

/** Copies all that came with each piece. */
export const rereads: Subject = withConnection((options) => {
  const inner = CORE.connection(options);
  let all = new Uint8Array(0);
  return fedBy(inner, (input, now) => {
    const more = new Uint8Array(all.length + input.length);
    more.set(all);
    all = more;
    inner.receive(input, now);
  });
});

/** Takes a message that ends inside a block. */
export const endsInBlock: Subject = { ...CORE, codec: { ...CORE.codec, inflate: (data, history, room) => {
  const message = CORE.codec.inflate(data, history, room);
  if (message !== "invalid" || data.length === 0) return message;
  try {
    return Uint8Array.from(inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return message;
  }
} } };

/** Restores a byte more than there is room for. */
export const oneTooMany: Subject = { ...CORE, codec: { ...CORE.codec, inflate: (data, history, room) => CORE.codec.inflate(data, history, room + 1) } };

/** Forgets what a compressed message refers to. */
export const forgets: Subject = { ...CORE, codec: { ...CORE.codec, inflate: (data, _, room) => CORE.codec.inflate(data, new History(0), room) } };

/** Takes a line feed for a line's end. */
export const bareLineFeed: Subject = {
  ...CORE,
  server(options) {
    const inner = CORE.server(options);
    let last = 0;
    return fedBy(inner, (input, now) => {
      const bytes = [...input].flatMap((byte) => {
        const bare = byte === 10 && last !== 13;
        last = byte;
        return bare ? [13, 10] : [byte];
      });
      inner.receive(Uint8Array.from(bytes), now);
    });
  },
};

/** Counts a byte behind the head as the head's. */
export const endsLate: Subject = {
  ...CORE,
  server(options) {
    const inner = CORE.server(options);
    const accept = inner.accept.bind(inner);
    return Object.assign(inner, { accept: ((accepted, connection, now) => {
      let first = true;
      return accept(accepted, fedBy(connection, (input, at) => {
        connection.receive(first ? input.subarray(1) : input, at);
        first = false;
      }), now);
    }) satisfies typeof accept });
  },
};

/** Strips more than blanks and tabs from a value. */
export const trimsMore: Subject = { ...CORE, fields: { ...CORE.fields, trimBlanks: (text) => text.trim() } };

/** Serves HTTP/1.0 too. */
export const servesOld: Subject = {
  ...CORE,
  server(options) {
    const inner = CORE.server(options);
    return fedBy(inner, (input, now) => {
      const at = input.findIndex((_, index) => String.fromCharCode(...input.subarray(index, index + 8)) === "HTTP/1.0");
      inner.receive(at < 0 ? input : input.with(at + 7, 0x31), now);
    });
  },
};

/** Chooses a window for every client, also for those that cannot be told. */
export const tellsAll: Subject = {
  ...CORE,
  acceptUpgrade(request, options) {
    const answer = CORE.acceptUpgrade(request, options);
    if (!answer.accepted || answer.extension === undefined) return answer;
    const fields = [...answer.response.fields].map(([name, value]) => [name, name === "Sec-WebSocket-Extensions" ? "permessage-deflate; client_max_window_bits=9" : value] as const);
    return { ...answer, response: { ...answer.response, fields: new Fields(fields) } };
  },
};
