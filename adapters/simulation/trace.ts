/**
 * What happened in a world, line by line: two runs of one seed give the same.
 * @module
 */

/** Lines, of which the latest are kept, and a digest of them all. */
export class Trace {
  readonly #most: number;
  #lines: string[] = [];
  #count = 0;
  #low = 0x811c9dc5;
  #high = 0x01000193;

  /** @param most lines that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many lines there have been. */
  get count(): number {
    return this.#count;
  }

  /** The lines that are kept, the latest last. */
  get lines(): readonly string[] {
    if (this.#lines.length > this.#most) this.#lines = this.#lines.slice(this.#lines.length - this.#most);
    return this.#lines;
  }

  /** 16 hexadecimal digits that tell two traces apart, also by lines that are no longer kept. */
  get digest(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** Adds a line. */
  add(line: string): void {
    this.#count++;
    if (this.#most > 0) this.#lines.push(line);
    if (this.#lines.length > 2 * this.#most) this.#lines = this.#lines.slice(this.#most); // seldom enough to cost linear time
    let low = this.#low;
    let high = this.#high;
    for (let at = 0; at < line.length; at++) {
      low = Math.imul(low ^ line.charCodeAt(at), 0x01000193);
      high = Math.imul(high ^ low, 0x85ebca6b) ^ (high >>> 15);
    }
    this.#low = low;
    this.#high = high;
  }
}
