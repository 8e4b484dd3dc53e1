/**
 * Compressors that are kept, so that a message can refer to those before without being told of them.
 * @module
 */
import type { History } from "../core/websocket/history.ts";
import type { DeflateSettings } from "../core/websocket/permessage-deflate.ts";

/** How a library's streams are had and used. */
export interface Streams<Stream> {
  /** One that has read `bytes`; of an `old` one of the same settings, if there is one, which serves nobody any more. Undefined when it failed. */
  make(settings: DeflateSettings, bytes: Uint8Array, old: Stream | undefined): Stream | undefined;
  /** Makes it forget what it has read; only asked of one that was made with nothing. */
  reset(stream: Stream): void;
  /** Compresses it whole. Undefined when it failed. */
  compress(stream: Stream, data: Uint8Array): Uint8Array | undefined;
  /** It serves nobody any more. */
  close(stream: Stream): void;
}

interface Compressor<Stream> {
  readonly stream: Stream;
  /** Its settings in a number. */
  readonly kind: number;
  /** `History.total` behind the last thing it compressed. */
  total: number;
}

/**
 * The compressors of the histories that were used last, the latest at the end. A history that is not among them takes the oldest's place, with
 * itself as the dictionary: that costs about twice the time, and an idle connection soon holds no compressor. Histories that keep nothing share
 * one for each kind of settings.
 */
export class Compressors<Stream> {
  readonly #streams: Streams<Stream>;
  readonly #max: number;
  readonly #kept = new Map<History | number, Compressor<Stream>>();

  constructor(streams: Streams<Stream>, max: number) {
    this.#streams = streams;
    this.#max = max;
  }

  /** As `DeflateCodec.deflate`; undefined when it failed. */
  deflate(data: Uint8Array, history: History, settings: DeflateSettings): Uint8Array | undefined {
    const kind = settings.windowBits << 8 | settings.level << 4 | settings.memLevel;
    const key = history.size > 0 ? history : kind;
    const compressor = this.#take(key, kind, history, settings);
    if (compressor === undefined) return undefined;
    const blocks = this.#streams.compress(compressor.stream, data);
    if (blocks === undefined) {
      this.#streams.close(compressor.stream);
      return undefined;
    }
    compressor.total = history.total + data.length;
    this.#kept.set(key, compressor);
    return blocks;
  }

  /** Out of those kept, or a new one, where there is room for it then. */
  #take(key: History | number, kind: number, history: History, settings: DeflateSettings): Compressor<Stream> | undefined {
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    if (known !== undefined && known.kind === kind && (key === kind || known.total === history.total)) {
      if (key === kind) this.#streams.reset(known.stream);
      return known;
    }
    const old = known ?? this.#oldest();
    if (old !== undefined && old.kind !== kind) this.#streams.close(old.stream);
    const stream = this.#streams.make(settings, history.bytes, old?.kind === kind ? old.stream : undefined);
    return stream && { stream, kind, total: 0 };
  }

  /** Once there are enough, the one not used for longest goes. */
  #oldest(): Compressor<Stream> | undefined {
    if (this.#kept.size < this.#max) return undefined;
    const [[key, compressor]] = this.#kept;
    this.#kept.delete(key);
    return compressor;
  }
}
