/**
 * UTF-8 in text messages (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import { concat, fragments, hex, more, text, toBytes } from "../../frames.ts";
import { GREEK, SEQUENCES } from "../../sequences.ts";
import type { Draft, Rule } from "../case.ts";

const TEXT: Rule = { name: "text", section: "5.6", says: "Text is any UTF-8, and may be cut anywhere into fragments" };
const INVALID_TEXT: Rule = { name: "invalid-text", section: "8.1", says: "Text that is not UTF-8 fails the connection" };

const FIRST = { fin: false } as const;
const MIXED = toBytes("Hello-µ@ßöäüàá-UTF-8!!");
/** A surrogate between two halves that are valid. */
const INVALID = concat([GREEK, hex("ed a0 80"), toBytes("edited")]);
/** A character past Unicode between two halves that are valid; its second byte is the first that cannot be. */
const PAST = hex("f4 90 80 80");
const EDITED = toBytes("edited");
const WRONG_DATA = [1007];

/** Group 6 of Autobahn. */
export const utf8: readonly Draft[] = [
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
    const title = `Text: ${name.replace(/, number [0-9.]+\)$/, ")")}`;
    return valid ? echoed(id, title, [text(bytes)], bytes) : refused(id, title, [{ frames: [text(bytes)] }]);
  }),
];

function echoed(autobahn: string, title: string, frames: ReturnType<typeof fragments>, payload: string | Uint8Array): Draft {
  return { rule: TEXT, title: `${title} is echoed`, autobahn, send: [{ frames }], expect: [text(payload)] };
}

function refused(autobahn: string, title: string, send: NonNullable<Draft["send"]>): Draft {
  return { rule: INVALID_TEXT, title: `${title} fails the connection`, autobahn, send, end: WRONG_DATA };
}

function inOneFrame(autobahn: string, title: string, parts: readonly Uint8Array[]): Draft {
  const [first, second] = parts;
  return refused(autobahn, title, [{
    piecemeal: text(concat(parts)),
    cuts: [first.length, first.length + second.length],
    between: [{ alive: true }, { failedByNow: true }],
  }]);
}
