/**
 * Wire cases, group 7: closing (RFC 6455, sections 5.5.1, 7.1 and 7.4).
 * @module
 */
import { close, frame, type Frame, hex, more, ping, text } from "../frames.ts";
import type { Case } from "./case.ts";

const HELLO = "Hello, world!";
const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const LARGE = "*".repeat(256 * 1024);

/** Group 7. */
export const closing: readonly Case[] = [
  {
    ...answered("7.1.1", "A close frame behind a message is answered, and the message echoed", [text(HELLO), close(1000)], [text(HELLO)]),
    watchesEnd: true,
  },
  answered("7.1.2", "A second close frame is not answered", [close(1000), close(1000)]),
  answered("7.1.3", "A ping behind a close frame is not answered", [close(1000), ping()]),
  answered("7.1.4", "A message behind a close frame is not echoed", [close(1000), text(HELLO)]),
  answered("7.1.5", "A close frame between two fragments ends the message", [text("fragment1", { fin: false }), close(1000), more("fragment2")]),
  { ...answered("7.1.6", "A close frame right behind 256 KiB, and a ping behind it", [text(LARGE), close(1000), ping()], [text(LARGE)]), lenient: true },
  { ...answered("7.3.1", "A close frame without payload is answered", [close()]), answers: [undefined, 1000] },
  failing("7.3.2", "A close frame with one byte fails the connection", frame(8, "a")),
  answered("7.3.3", "A close frame with a code is answered", [close(1000)]),
  answered("7.3.4", "A close frame with a reason is answered", [close(1000, HELLO)]),
  answered("7.3.5", "A close frame with a reason of 123 bytes is answered", [close(1000, "*".repeat(123))]),
  failing("7.3.6", "A close frame with a reason of 124 bytes fails the connection", close(1000, "*".repeat(124))),
  {
    id: "7.5.1", about: "A close frame whose reason is not UTF-8 fails the connection",
    send: [{ frames: [close(1000, hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64"))] }], expect: [], end: [1007, 1002],
  },
  ...VALID.map((code, at): Case => ({ ...answered(`7.7.${at + 1}`, `Close code ${code} is answered`, [close(code)]), answers: [code] })),
  ...INVALID.map((code, at) => failing(`7.9.${at + 1}`, `Close code ${code} fails the connection`, close(code))),
  failing("7.13.1", "Close code 5000 fails the connection", close(5000)),
  failing("7.13.2", "Close code 65535 fails the connection", close(65_535)),
];

function answered(id: string, about: string, frames: readonly Frame[], expect: readonly Frame[] = []): Case {
  return { id, about, send: [{ frames }], expect, end: "clean" };
}

function failing(id: string, about: string, sent: Frame): Case {
  return { id, about, send: [{ frames: [sent] }], expect: [], end: [1002] };
}
