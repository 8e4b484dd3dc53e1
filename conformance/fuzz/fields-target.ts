/**
 * The grammars of fields against readers of one character at a time: tokens, values, lists, extensions.
 * @module
 */
import { latin1, lineStarts, type Target } from "./case.ts";
import { makeValues } from "./heads-grammar.ts";
import { extensionsOf, listOf, token, trim } from "./heads-model.ts";

/** Values of list fields, with a line feed between each and the next. */
export const FIELDS: Target = {
  name: "fields",
  group: "heads",
  weight: 2,
  uncounted: true,
  cuttable: false,
  starts: lineStarts,
  make: (random) => ({ target: "fields", flags: 0, bytes: makeValues(random), cuts: [] }),
  check({ bytes }, { fields }) {
    const text = latin1(bytes);
    const all = text.split("\n");
    if (fields.isToken(text) !== token(text)) return "token: isToken says another thing";
    if (fields.isFieldValue(text) !== /^[\t -~\x80-\xff]*$/.test(text)) return "value: isFieldValue says another thing";
    if (fields.trimBlanks(text) !== trim(text)) return "blanks: trimBlanks leaves another text";
    if (JSON.stringify(fields.parseTokens(all)) !== JSON.stringify(listOf(all))) return "tokens: parseTokens reads another list";
    const found = fields.parseExtensions(all)?.map(({ name, parameters }) => [name, parameters]);
    return JSON.stringify(found) === JSON.stringify(extensionsOf(all)) ? undefined : "extensions: parseExtensions reads another list";
  },
};
