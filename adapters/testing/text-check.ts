/**
 * Whether the host's calls for text do what the standard ones do, on many texts and bytes. Runs by itself too, on any runtime: prints "true true"
 * where the host's own are in use and agree.
 * @module
 */
import { standardText, type TextCodec } from "../../core/bytes/utf8.ts";
import { hostText } from "../text.ts";

const UNITS = ["", "a", "z".repeat(40), "\0", "\u007f", "\u0080", "\u00e9", "\u07ff", "\u0800", "\u6f22", "\ud7ff", "\ue000", "\ufeff", "\ufffd", "\uffff", "\u{1f600}", "\u{10ffff}", "\ud83d", "\ude00"];
const ODD = [[], [0x61], [0x80], [0xbf], [0xc0, 0x80], [0xc2], [0xc3, 0xa9], [0xe0, 0x9f, 0xbf], [0xe2, 0x82], [0xe2, 0x82, 0xac], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0xef, 0xbf, 0xbd], [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x9f, 0x98, 0x80], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xf5], [0xff]];

/** The first thing on which two codecs differ; undefined when they agree. */
export function difference(codec: TextCodec, reference: TextCodec = standardText): string | undefined {
  for (const a of UNITS) {
    for (const b of UNITS) {
      for (const c of UNITS) {
        const text = a + b + c;
        const [one, two] = [codec, reference].map((each) => {
          const bytes = new Uint8Array(text.length * 3 + 5).fill(0xee);
          return `${each.encodeInto(text, bytes, 2)}: ${bytes}`;
        });
        if (one !== two) return `encodeInto ${JSON.stringify(text)}: ${one}, not ${two}`;
      }
    }
  }
  for (const a of ODD) {
    for (const b of ODD) {
      for (const c of ODD) {
        const bytes = new Uint8Array(new ArrayBuffer(40), 3, 30).fill(0xff); // a view behind the start of its memory
        const found = [...a, ...b, ...c];
        bytes.set(found, 2);
        const [one, two] = [codec, reference].map((each) => each.decode(bytes, 2, 2 + found.length));
        if (one !== two) return `decode ${found}: ${JSON.stringify(one)}, not ${JSON.stringify(two)}`;
      }
    }
  }
  const ascii = Uint8Array.from({ length: 300 }, (_, i) => i & 0x7f);
  for (let end = 0; end <= 300; end++) {
    const start = end >> 1;
    if (codec.decodeAscii(ascii, start, end) !== reference.decodeAscii(ascii, start, end)) return `decodeAscii to ${end}`;
  }
  return undefined;
}

if ((import.meta as { main?: boolean }).main === true) console.log(`${hostText !== standardText} ${difference(hostText) ?? true}`);
