/**
 * Five kinds of data to compress, each made from a seed: what Autobahn takes from files that it brings along.
 * @module
 */
import { binary, concat, type Frame, text, toBytes } from "../frames.ts";

/** A kind: what it is, whether it is sent as text, and its bytes, which are made once. */
export interface Payload {
  readonly name: string;
  readonly isText: boolean;
  bytes(): Uint8Array;
}

/** In the order of Autobahn's groups 12.1 to 12.5. The third is UTF-8 that is sent as binary, and may be cut inside a character. */
export const PAYLOADS: readonly Payload[] = [
  { name: "JSON", isText: true, bytes: once(() => toBytes(makeJson(random(1)))) },
  { name: "a bitmap", isText: false, bytes: once(() => makeBitmap(random(2))) },
  { name: "German verse", isText: false, bytes: once(() => toBytes(makeVerse(random(3)))) },
  { name: "HTML", isText: true, bytes: once(() => toBytes(makeHtml(random(4)))) },
  { name: "a PDF", isText: false, bytes: once(() => makePdf(random(5))) },
];

/** Messages of `size` bytes each, cut from the data one behind the other, and again from its start; as often as they are asked for. */
export function cut({ isText, bytes }: Payload, size: number, count: number): Iterable<Frame> {
  return {
    *[Symbol.iterator]() {
      const data = bytes();
      for (let number = 0, from = 0; number < count; number++, from = (from + size) % data.length) {
        const rest = from + size - data.length;
        const payload = rest <= 0 ? data.subarray(from, from + size) : concat([data.subarray(from), data.subarray(0, rest)]);
        yield isText ? text(payload) : binary(payload);
      }
    },
  };
}

/** Whole numbers from 0 to below `limit`, the same for the same seed (xorshift). */
export type Random = (limit: number) => number;

/** Numbers from a seed. */
export function random(seed: number): Random {
  let state = Math.imul(seed, 0x9e37_79b1) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

function makeJson(next: Random): string {
  const people = Array.from({ length: 640 }, (_, id) => ({
    id,
    name: `${name(next)} ${name(next)}`,
    email: `${name(next).toLowerCase()}@${name(next).toLowerCase()}.example`,
    active: next(2) === 1,
    balance: next(1_000_000) / 100,
    registered: `20${10 + next(16)}-${pad(1 + next(12))}-${pad(1 + next(28))}T${pad(next(24))}:${pad(next(60))}:00Z`,
    position: { latitude: (next(180_000) - 90_000) / 1000, longitude: (next(360_000) - 180_000) / 1000 },
    tags: Array.from({ length: 1 + next(5) }, () => name(next).toLowerCase()),
  }));
  return JSON.stringify({ people }, undefined, 1);
}

/** A grey picture of 512 by 512 with soft shapes and some noise. */
function makeBitmap(next: Random): Uint8Array {
  const side = 512;
  const pixels = Uint8Array.from({ length: side * side }, (_, at) => {
    const x = at % side;
    const y = Math.trunc(at / side);
    const shape = (Math.abs(x - 200) + Math.abs(y - 260)) % 256 * 3 / 4 + (x * y >> 11);
    return Math.trunc(shape) + next(x > 384 ? 2 : 12) & 255;
  });
  const head = Uint8Array.from({ length: 1078 }, (_, at) => at < 54 ? next(256) : at - 54 >> 2);
  return concat([toBytes("BM"), head, pixels]);
}

function makeVerse(next: Random): string {
  const lines = Array.from({ length: 5_200 }, (_, at) => {
    if (at % 40 === 0) return `\n${name(next).toUpperCase()}.`;
    const words = Array.from({ length: 5 + next(4) }, () => WORDS[Math.min(next(WORDS.length), next(WORDS.length))]);
    const line = words.join(" ");
    return `${line[0].toUpperCase()}${line.slice(1)}${[",", ",", ".", "!", ";", ""][next(6)]}`;
  });
  return lines.join("\r\n");
}

function makeHtml(next: Random): string {
  const rows = Array.from({ length: 1_400 }, (_, at) => [
    `  <tr class="${at % 2 === 0 ? "even" : "odd"}" id="row-${at}">`,
    `    <td><a href="/people/${name(next).toLowerCase()}/${next(100_000)}" title="${name(next)}">${name(next)} ${name(next)}</a></td>`,
    `    <td class="number">${next(100_000)}</td><td>${pad(next(24))}:${pad(next(60))}</td>`,
    "  </tr>",
  ].join("\n"));
  return `<!DOCTYPE html>\n<html>\n<head><title>${name(next)}</title></head>\n<body>\n<table>\n${rows.join("\n")}\n</table>\n</body>\n</html>\n`;
}

/** Streams that are compressed already, which no compressor makes smaller, between a few lines of text. */
function makePdf(next: Random): Uint8Array {
  const pieces = [toBytes("%PDF-1.4\n")];
  for (let number = 1; number <= 64; number++) {
    const length = 8_000 + next(16_000);
    pieces.push(toBytes(`${number} 0 obj\n<< /Length ${length} /Filter /FlateDecode >>\nstream\n`));
    pieces.push(Uint8Array.from({ length }, () => next(65_521)));
    pieces.push(toBytes("\nendstream\nendobj\n"));
  }
  return concat(pieces);
}

function name(next: Random): string {
  const word = Array.from({ length: 2 + next(2) }, () => SYLLABLES[next(SYLLABLES.length)]).join("");
  return `${word[0].toUpperCase()}${word.slice(1)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => made ??= make();
}

const SYLLABLES = ["ba", "den", "fri", "go", "hel", "ka", "lin", "mar", "nor", "os", "ra", "sen", "ti", "ul", "vi", "wen"];
/** Frequent ones first. */
const WORDS = (
  "die der und in zu den das nicht von sie ist des sich mit dem dass er es ein ich auf so eine auch als an nach wie im für man aber aus durch wenn " +
  "nur war noch werden bei hat wir was wird sein einen welche sind oder um haben einer mir über ihm diese einem ihr uns da zum kann doch vor dieser " +
  "mich ihn du hatte seine mehr am denn nun unter sehr selbst schon hier bis habe ihre dann ihnen seiner alle wieder meine Zeit gegen vom ganz einzelnen " +
  "wo muss ohne können sei größer schöner Mühe Träume Lüfte Größe fröhlich süß Geist Straße Königin dämmernd blüht Gemüt Höhe kühn Brüder würde Gefühl"
).split(" ");
