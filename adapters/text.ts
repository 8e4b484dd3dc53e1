/** Stub. @module */
import { standardText, type TextCodec } from "../core/bytes/utf8.ts";
const { Buffer } = globalThis as any;
export const hostText: TextCodec = Buffer?.prototype?.latin1Slice === undefined ? standardText : {
  ...standardText,
  decodeAscii: (bytes, start, end) => Buffer.prototype.latin1Slice.call(bytes, start, end),
  encodeInto: (text, target, at) => Buffer.prototype.utf8Write.call(target, text, at),
};
