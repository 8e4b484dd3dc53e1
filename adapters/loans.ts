/**
 * What is lent and was sent: it is not lent to others until it has left.
 * @module
 */
import { lender } from "../core/bytes/lender.ts";

/** The loans of one connection, in the order in which they leave. */
export class Loans {
  readonly #sent: { readonly bytes: Uint8Array; readonly end: number }[] = [];

  /** These are on their way, and have left when so many bytes have. */
  add(bytes: Uint8Array, end: number): void {
    this.#sent.push({ bytes, end });
  }

  /** So many bytes have left. */
  settle(left: number): void {
    let count = 0;
    while (count < this.#sent.length && this.#sent[count].end <= left) lender.giveBack(this.#sent[count++].bytes);
    if (count > 0) this.#sent.splice(0, count);
  }
}
