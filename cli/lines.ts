/**
 * Lines of a stream, as bytes, one at a time: the stream is read no faster than they are taken.
 * @module
 */
import { Failure } from "./exit.ts";
import { size } from "./terminal.ts";

/**
 * Yields each line without its line end (LF or CRLF). A last line without one counts when it is not empty.
 * @throws {Failure} for a line of more than `maxLength` bytes, before it is kept whole
 */
export async function* lines(stream: AsyncIterable<Uint8Array>, maxLength: number): AsyncGenerator<Uint8Array, void> {
  let pieces: Uint8Array[] = []; // of a line whose end has not come
  let length = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      yield trimmed([...pieces, chunk.subarray(start, end)]);
      pieces = [];
      length = 0;
      start = end + 1;
    }
    length += chunk.length - start;
    if (length > maxLength) throw new Failure(`A line of stdin is longer than ${size(maxLength)}; send it with a larger --max-message`);
    if (start < chunk.length) pieces.push(chunk.slice(start));
  }
  if (pieces.length > 0) yield trimmed(pieces);
}

function trimmed(pieces: readonly Uint8Array[]): Uint8Array {
  const line = new Uint8Array(Buffer.concat(pieces)); // its own: it is given away to be sent
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}

const LF = 10;
const CR = 13;
