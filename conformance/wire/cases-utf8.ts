/**
 * Wire cases, group 6: UTF-8 in text messages (RFC 6455, section 8.1).
 * @module
 */
import { concat, fragments, hex, more, text, toBytes } from "../frames.ts";
import { GREEK, SEQUENCES } from "../sequences.ts";
import type { Case } from "./case.ts";

const FIRST = { fin: false } as const;
const MIXED = toBytes("Hello-µ@ßöäüàá-UTF-8!!");
/** A surrogate between two halves that are valid. */
const INVALID = concat([GREEK, hex("ed a0 80"), toBytes("edited")]);
/** A character past Unicode between two halves that are valid; its second byte is the first that cannot be. */
const PAST = hex("f4 90 80 80");
const EDITED = toBytes("edited");
const WRONG_DATA = [1007];

/** Group 6. */
export const utf8: readonly Case[] = [
  echoed("6.1.1", "An empty text message", [text("")], ""),
  echoed("6.1.2", "A text message of three empty fragments", [text("", FIRST), more("", FIRST), more("")], ""),
  echoed("6.1.3", "A text message with an empty fragment on each side", [text("", FIRST), more("middle", FIRST), more("")], "middle"),
  echoed("6.2.1", "Text with characters of two bytes", [text(MIXED)], MIXED),
  echoed("6.2.2", "Text in two fragments cut between characters", [text("Hello-µ@ßöä", FIRST), more("üàá-UTF-8!!")], MIXED),
  echoed("6.2.3", "Text in fragments of one byte", fragments(1, MIXED, 1), MIXED),
  echoed("6.2.4", "A Greek word in fragments of one byte", fragments(1, GREEK, 1), GREEK),
  refused("6.3.1", "Text with a surrogate", [{ frames: [text(INVALID)] }]),
  refused("6.3.2", "Text with a surrogate, in fragments of one byte", [{ frames: fragments(1, INVALID, 1) }]),
  refused("6.4.1", "Text whose second fragment is not valid, before the third comes", [
    { frames: [text(GREEK, FIRST)] }, { alive: true }, { frames: [more(PAST, FIRST)] }, { failedByNow: true }, { frames: [more(EDITED)] },
  ]),
  refused("6.4.2", "Text whose second fragment ends at the first byte that cannot be, before the third comes", [
    { frames: [text(concat([GREEK, hex("f4")]), FIRST)] }, { alive: true }, { frames: [more(hex("90"), FIRST)] }, { failedByNow: true },
    { frames: [more(concat([hex("80 80"), EDITED]))] },
  ]),
  inOneFrame("6.4.3", "Text in one frame that is not valid in its second part, before the third comes", [GREEK, PAST, EDITED]),
  inOneFrame("6.4.4", "Text in one frame whose second part is the first byte that cannot be, before the third comes",
    [concat([GREEK, hex("f4")]), hex("90"), concat([hex("80 80"), EDITED])]),
  ...SEQUENCES.map(({ id, name, valid, bytes }) => {
    const about = `Text: ${name.replace(/, number [0-9.]+\)$/, ")")}`;
    return valid ? echoed(id, about, [text(bytes)], bytes) : refused(id, about, [{ frames: [text(bytes)] }]);
  }),
];

function echoed(id: string, about: string, frames: ReturnType<typeof fragments>, payload: string | Uint8Array): Case {
  return { id, about: `${about} is echoed`, send: [{ frames }], expect: [text(payload)], end: "clean" };
}

function refused(id: string, about: string, send: Case["send"]): Case {
  return { id, about: `${about} fails the connection`, send, expect: [], end: WRONG_DATA };
}

function inOneFrame(id: string, about: string, parts: readonly Uint8Array[]): Case {
  const [first, second] = parts;
  return refused(id, about, [{
    piecemeal: text(concat(parts)),
    cuts: [first.length, first.length + second.length],
    between: [{ alive: true }, { failedByNow: true }],
  }]);
}
