/**
 * permessage-deflate that is right but for one flaw, for the peers that the tester must be able to fail.
 * @module
 */
import zlib from "node:zlib";
import { concat, fragments, frame, type Frame, hex } from "../frames.ts";
import { readBlocks } from "./blocks.ts";
import { accept } from "./cases/deflate.ts";
import { Codec } from "./codec.ts";
import { type Agreement, agreedBy, parseExtensions, readParameters } from "./extension.ts";

/**
 * What is wrong with it.
 * - `keepsContext`: it refers to earlier messages though it agreed to no context takeover.
 * - `largeWindow`: it refers further back than it agreed to.
 * - `forgets`: it does not keep what the other end may refer to.
 * - `rsvMissing`: it says of nothing that it is compressed.
 * - `rsvEverywhere`: it says of each fragment that it is compressed.
 * - `rsvOnPongs`: it says that of pongs.
 * - `tail`: it leaves the tail of messages in place.
 * - `unoffered`: it answers a parameter that may not have been offered.
 * - `silent`: it does not answer what it was asked for.
 * - `unknown`: it answers a parameter there is none of.
 * - `twice`: it answers twice.
 * - `overlooks`: it accepts offers, and takes answers, whose parameters are wrong.
 * - `lastBlock`: it overlooks what comes behind a block that is marked as the last.
 * - `halves`: it takes a message that ends inside a block.
 * - `rsvTaken`: it takes no notice of RSV1 where it may not be.
 * - `unlimited`: it decompresses whatever comes.
 * - `offersWrong`: as a client, it offers a window that there is none of.
 */
export type DeflateFlaw =
  | "keepsContext" | "largeWindow" | "forgets" | "rsvMissing" | "rsvEverywhere" | "rsvOnPongs" | "tail" | "unoffered" | "silent" | "unknown"
  | "twice" | "overlooks" | "lastBlock" | "halves" | "rsvTaken" | "unlimited" | "offersWrong";

/** A server's answer to a field of offers, and what holds then; undefined for none. */
export function answerFlawed(offered: string, flaw: string): { answer: string; agreed: Agreement } | undefined {
  for (const offer of parseExtensions(offered) ?? []) {
    const isKnown = offer.name === "permessage-deflate";
    const kept = flaw === "overlooks" && isKnown ? { ...offer, parameters: [] } : offer;
    const right = accept(kept, {});
    if (right === undefined) continue;
    const [parsed] = parseExtensions(right) ?? [];
    const agreed = agreedBy(readParameters(parsed, "server") as Exclude<ReturnType<typeof readParameters>, string>);
    const answer = flaw === "silent" ? offer.name
      : flaw === "unoffered" ? `${right}; client_max_window_bits=15`
      : flaw === "unknown" ? `${right}; window=large`
      : flaw === "twice" ? `${right}, ${right}`
      : right;
    return { answer, agreed };
  }
  return undefined;
}

/** Messages of one connection, both ways. */
export class FlawedDeflate {
  readonly #codec: Codec;
  readonly #flaw: string;

  constructor({ server, client }: Agreement, flaw: string, role: "server" | "client" = "server") {
    const [ours, theirs] = role === "server" ? [server, client] : [client, server];
    const takeover = ours.takeover || flaw === "keepsContext";
    const bits = flaw === "largeWindow" ? 15 : ours.bits;
    this.#flaw = flaw;
    this.#codec = new Codec({ takeover, bits }, { ...theirs, takeover: theirs.takeover && flaw !== "forgets" });
  }

  /** The frames of a message. */
  encode(opcode: number, message: Uint8Array): Frame[] {
    const flaw = this.#flaw;
    const payload = this.#codec.compress(message);
    const rsv = flaw === "rsvMissing" ? 0 : 4;
    if (flaw === "tail") return [frame(opcode, concat([payload, hex("00 00 ff ff")]), { rsv })];
    if (flaw !== "rsvEverywhere") return [frame(opcode, payload, { rsv })];
    return fragments(opcode, payload, Math.ceil(payload.length / 2)).map((piece) => ({ ...piece, rsv }));
  }

  /** The message of a payload; the code to close with where it is none. */
  decode(payload: Uint8Array): Uint8Array | 1007 | 1009 {
    const raw = (): Uint8Array => zlib.inflateRawSync(payload, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    try {
      if (this.#flaw === "lastBlock" && (payload[0] & 1) === 1) return raw();
      if (this.#flaw !== "unlimited" && readBlocks(concat([payload, hex("00 00 ff ff")])).length > MAX_MESSAGE) return 1009;
      return this.#codec.decompress(payload);
    } catch (error) {
      return this.#flaw === "halves" && String(error).endsWith("inside a block") ? raw() : 1007;
    }
  }
}

/** What it takes, in bytes. */
const MAX_MESSAGE = 64 * 1024 * 1024;
