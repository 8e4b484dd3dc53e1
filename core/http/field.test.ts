import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fields, isFieldValue, isToken, parseExtensions, parseTokens, trimBlanks } from "./field.ts";

const PROTOTYPE_NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "__defineGetter__", "isPrototypeOf"];
const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const token = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 8 });
const blanks = fc.string({ unit: fc.constantFrom(" ", "\t"), maxLength: 3 });

describe("Fields", () => {
  const fields = new Fields([["Host", "a"], ["X-One", "1"], ["x-one", ""], ["X-ONE", "3"]]);

  test("keeps names, values and order as they came", () => {
    expect([...fields]).toEqual([["Host", "a"], ["X-One", "1"], ["x-one", ""], ["X-ONE", "3"]]);
    expect(fields.length).toBe(4);
    expect([...new Fields()]).toEqual([]);
    expect(new Fields().length).toBe(0);
  });

  test("reads the lines of a head behind its first, and cuts off the blanks around values", () => {
    const read = (lines: string): [string, string][] => [...(Fields.read(`GET${lines}`, 3) as Fields)] as [string, string][];
    expect(read("")).toEqual([]);
    expect(read("\r\nHost: a\r\nX:\r\nY:\t b: c \t \r\nZ: \t\r\nx:\xff")).toEqual([["Host", "a"], ["X", ""], ["Y", "b: c"], ["Z", ""], ["x", "\xff"]]);
  });

  test("tells where the first line begins that is no field", () => {
    for (const line of ["", "a", ":", ": a", "a : b", " a: b", "\ta: b", "é: b", "a\u0100: b"]) {
      expect([line, Fields.read(`GET\r\nA: b\r\n${line}`, 3)]).toEqual([line, 11]);
      expect([line, Fields.read(`GET\r\n${line}\r\nA: b`, 3)]).toEqual([line, 5]);
    }
  });

  test("says the same whatever was read and asked before", () => {
    const heads = ["a\r\nX: 1", "abc\r\nLong: 4\r\nX: 22", "\r\nY: 0\r\nX: 333\r\nX: 3", "a\r\nX: 1\r\nbad"];
    const said = [["1"], ["22"], ["333", "3"], []];
    const lineEnds = heads.map((head) => head.indexOf("\r\n"));
    fc.assert(fc.property(fc.array(fc.record({ which: fc.nat({ max: 3 }), isNew: fc.boolean() }), { maxLength: 12 }), (steps) => {
      const known = heads.map((head, at) => Fields.read(head, lineEnds[at]));
      for (const { which, isNew } of steps) {
        if (isNew) known[which] = Fields.read(heads[which], lineEnds[which]);
        const fields = known[which];
        if (typeof fields === "number") expect(fields).toBe(9);
        else if (!isNew) expect(fields.all("x")).toEqual(said[which]);
      }
    }));
  });

  test("says the same when others were asked between", () => {
    const one = Fields.read("a\r\nX: 1\r\nY: 2\r\nx: 3", 1) as Fields;
    const other = Fields.read("abc\r\nY: 4", 3) as Fields;
    for (let count = 0; count < 3; count++) {
      expect([one.get("x"), one.all("X"), one.has("Z"), one.length, [...one]]).toEqual(["1, 3", ["1", "3"], false, 3, [["X", "1"], ["Y", "2"], ["x", "3"]]]);
      expect(Fields.read("a\r\nX: 1\r\nbad", 1)).toBe(9);
      expect([other.get("X"), other.get("y"), other.length]).toEqual([undefined, "4", 1]);
    }
  });

  test("tells whether a field is there once with a value", () => {
    for (const some of [fields, Fields.read("GET\r\nHost: a\r\nX-One: 1\r\nx-one:\r\nX-ONE: 3", 3) as Fields]) {
      expect([some.is("host", "a"), some.is("Host", "A"), some.is("Host", ""), some.is("Host", "ab")]).toEqual([true, false, false, false]);
      expect([some.is("X-One", "1"), some.is("X-One", ""), some.is("Missing", ""), some.is("X", "")]).toEqual([false, false, false, false]);
    }
    expect(new Fields([["A", ""]]).is("a", "")).toBe(true);
  });

  test("finds names without regard to case (RFC 9110, section 5.1)", () => {
    expect(fields.all("x-One")).toEqual(["1", "", "3"]);
    expect(fields.all("HOST")).toEqual(["a"]);
    expect(fields.all("X")).toEqual([]);
    expect(fields.has("host")).toBe(true);
    expect(fields.has("X")).toBe(false);
    // only letters have two cases, and only those of ASCII
    const odd = new Fields([["A@[`{~^", "1"], ["k", "2"]]);
    expect([odd.has("a@[`{~^"), odd.has("A`[`{~^"), odd.has("A@{`{~^"), odd.has("A@[@{~^"), odd.has("A@[`[~^"), odd.has("\u212a")]).toEqual([true, false, false, false, false, false]);
  });

  test("joins the values of one name with a comma and a blank (RFC 9110, section 5.3)", () => {
    expect(fields.get("x-one")).toBe("1, , 3");
    expect(fields.get("Host")).toBe("a");
    expect(fields.get("missing")).toBeUndefined();
    expect(new Fields([["A", ""]]).get("a")).toBe("");
  });

  test("is a copy: what it was made from may change", () => {
    const pairs: [string, string][] = [["A", "1"]];
    const made = new Fields(pairs);
    pairs.push(["B", "2"]);
    expect(made.length).toBe(1);
  });

  test("takes any iterable, another Fields too", () => {
    expect([...new Fields(new Map([["A", "1"]]))]).toEqual([["A", "1"]]);
    expect([...new Fields(fields)]).toEqual([...fields]);
  });

  test("knows no name that was not given, not even those every object has (CVE-2026-59724)", () => {
    for (const name of PROTOTYPE_NAMES) {
      expect(fields.all(name)).toEqual([]);
      expect(fields.has(name)).toBe(false);
      const named = new Fields([[name, "x"]]);
      expect(named.get(name.toUpperCase())).toBe("x");
      expect([...named]).toEqual([[name, "x"]]);
    }
  });
});

test("a token is one or more of the 77 characters of RFC 9110, section 5.6.2", () => {
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    expect([code, isToken(character)]).toEqual([code, TOKEN_CHARACTERS.includes(character)]);
    expect([code, isToken(`a${character}`), isToken(`${character}a`)]).toEqual([code, isToken(character), isToken(character)]);
  }
  expect(isToken(TOKEN_CHARACTERS)).toBe(true);
  expect(isToken("")).toBe(false);
  expect(isToken("a b")).toBe(false);
});

test("a field's value has visible characters, blanks, tabs and the bytes from 80 on (RFC 9110, section 5.5)", () => {
  for (let code = 0; code < 0x180; code++) {
    const allowed = code === 9 || (code >= 0x20 && code <= 0x7e) || (code >= 0x80 && code <= 0xff);
    const character = String.fromCharCode(code);
    expect([code, isFieldValue(character)]).toEqual([code, allowed]);
    expect([code, isFieldValue(`a${character}`), isFieldValue(`${character}a`)]).toEqual([code, allowed, allowed]);
  }
  expect(isFieldValue("")).toBe(true);
});

test("blanks and tabs go at both ends; all other white space stays", () => {
  expect(trimBlanks(" \t a \t b\t ")).toBe("a \t b");
  expect(trimBlanks("a")).toBe("a");
  expect(trimBlanks("")).toBe("");
  expect(trimBlanks(" ")).toBe("");
  expect(trimBlanks(" \t \t")).toBe("");
  for (const other of ["\r", "\n", "\v", "\f", "\x85", "\xa0", "\u2028", "\ufeff"]) expect(trimBlanks(`${other}a${other}`)).toBe(`${other}a${other}`);
});

describe("parseTokens", () => {
  test("takes elements from all values, in order, without the blanks around them", () => {
    expect(parseTokens(["a, b\t,c", "d"])).toEqual(["a", "b", "c", "d"]);
    expect(parseTokens(["keep-alive, Upgrade"])).toEqual(["keep-alive", "Upgrade"]);
  });

  test("skips empty elements (RFC 9110, section 5.6.1)", () => {
    expect(parseTokens([])).toEqual([]);
    expect(parseTokens([""])).toEqual([]);
    expect(parseTokens([",, a, ,b,\t,"])).toEqual(["a", "b"]);
  });

  test("refuses the whole list when something in it is no token", () => {
    for (const bad of ["a b", "a;b", `"a"`, "a,é", "a/b", "a=b", "a\r"]) expect([bad, parseTokens([bad])]).toEqual([bad, undefined]);
    expect(parseTokens(["a", "b c", "d"])).toBeUndefined();
  });

  test("reads 14 KiB of blanks, commas and tokens in one go (CVE-2021-32640, CVE-2023-26103)", () => {
    const blanks = " ".repeat(14_336);
    expect(parseTokens([`b${blanks}x`])).toBeUndefined();
    expect(parseTokens([`b,${blanks},x`])).toEqual(["b", "x"]);
    expect(parseTokens([`${"\t ".repeat(7_168)}b${blanks}`])).toEqual(["b"]);
    expect(parseTokens([",".repeat(14_336)])).toEqual([]);
    expect(parseTokens(["a,".repeat(7_168)])).toHaveLength(7_168);
  });

  test("gives back any list of tokens, however it is spaced and spread", () => {
    fc.assert(fc.property(fc.array(fc.tuple(blanks, token, blanks, fc.boolean())), (elements) => {
      const values = [""];
      for (const [before, name, after, anew] of elements) {
        if (anew) values.push("");
        values[values.length - 1] += `${before}${name}${after},`;
      }
      expect(parseTokens(values)).toEqual(elements.map(([, name]) => name));
    }));
  });
});

describe("parseExtensions", () => {
  test("gives names and parameters in order (RFC 6455, section 9.1)", () => {
    expect(parseExtensions(["foo", "bar; baz=2"])).toEqual([{ name: "foo", parameters: [] }, { name: "bar", parameters: [["baz", "2"]] }]);
    expect(parseExtensions(["a;b=1 ;\tc , d ; e = 5"])).toEqual([
      { name: "a", parameters: [["b", "1"], ["c", undefined]] },
      { name: "d", parameters: [["e", "5"]] },
    ]);
    expect(parseExtensions(["permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate"])).toEqual([
      { name: "permessage-deflate", parameters: [["client_max_window_bits", undefined], ["server_max_window_bits", "10"]] },
      { name: "permessage-deflate", parameters: [] },
    ]);
  });

  test("keeps a parameter that stands there twice", () => {
    expect(parseExtensions(["a; b=1; b=2"])).toEqual([{ name: "a", parameters: [["b", "1"], ["b", "2"]] }]);
  });

  test("skips empty elements", () => {
    expect(parseExtensions([])).toEqual([]);
    expect(parseExtensions(["", ",\t, a ,,"])).toEqual([{ name: "a", parameters: [] }]);
  });

  test("unquotes a quoted value, which must then be a token", () => {
    const value = (text: string): unknown => parseExtensions([`a; b=${text}`])?.[0].parameters[0][1];
    expect(value(`"x"`)).toBe("x");
    expect(value(`"xy"`)).toBe("xy");
    expect(value(` "x" `)).toBe("x");
    expect(value(`"\\x\\y"`)).toBe("xy");
    expect(value(`"x\\y"`)).toBe("xy");
    const bad = [
      `""`, `"`, `"x`, `x"`, `xy"`, `"xy`, `\\x`, `"x y"`, `"x,y"`, `"x;y"`, `"\\""`, `"\\"`, `"x\\"`, `"\\`, `"x""`, `"x"y`, `x"y"`, `"\\\\"`, "", " ", "x y", "x=y", "=", "'x y'", "é",
    ];
    for (const text of bad) expect([text, parseExtensions([`a; b=${text}`])]).toEqual([text, undefined]);
  });

  test("refuses a separator inside quotes, whatever a quote closes", () => {
    expect(parseExtensions([`a; b="c", d; e="f"; g`])).toEqual([
      { name: "a", parameters: [["b", "c"]] },
      { name: "d", parameters: [["e", "f"], ["g", undefined]] },
    ]);
    expect(parseExtensions([`a; b="\\", c`])).toBeUndefined();
    expect(parseExtensions([`a; b="\\",c;d="x"`])).toBeUndefined();
    expect(parseExtensions([`a; b=x\\, c`])).toBeUndefined();
    expect(parseExtensions([`"a, b"`])).toBeUndefined();
  });

  test("refuses what is no extension list", () => {
    const bad = ["a b", ";", ";a", "a;", "a;;b", "a; ;b", "a; =1", "a; b c", "a; b c=1", "a; b=", "a/b", "é", `"a"`, "a=1", "a\xa0", "a, b=1", "a, ;"];
    for (const text of bad) expect([text, parseExtensions([text])]).toEqual([text, undefined]);
  });

  test("treats the names every object has as names like others (GHSA-5v72-xg48-5rpm)", () => {
    for (const name of PROTOTYPE_NAMES) {
      expect(parseExtensions([`${name}; ${name}; ${name}=${name}`])).toEqual([{ name, parameters: [[name, undefined], [name, name]] }]);
    }
    expect(({} as Record<string, unknown>)["b"]).toBeUndefined();
  });

  test("reads 14 KiB of blanks, quotes, escapes and separators in one go (CVE-2020-7662)", () => {
    const blanks = " ".repeat(14_336);
    expect(parseExtensions([`a; b="${"\\c".repeat(7_000)}`])).toBeUndefined();
    expect(parseExtensions([`a; b="${"\\c".repeat(7_000)}"`])).toEqual([{ name: "a", parameters: [["b", "c".repeat(7_000)]] }]);
    expect(parseExtensions([`a${blanks};${blanks}b${blanks}=${blanks}c${blanks}`])).toEqual([{ name: "a", parameters: [["b", "c"]] }]);
    expect(parseExtensions([`a${blanks}b`])).toBeUndefined();
    expect(parseExtensions([`"`.repeat(14_336)])).toBeUndefined();
    expect(parseExtensions([";".repeat(14_336)])).toBeUndefined();
    expect(parseExtensions([",".repeat(14_336)])).toEqual([]);
    expect(parseExtensions([`a${";b".repeat(7_000)}`])?.[0].parameters).toHaveLength(7_000);
  });

  test("gives back any list, whichever values are quoted", () => {
    const parameter = fc.record({ name: token, value: fc.option(token, { nil: undefined }), quoted: fc.boolean(), blanks });
    const offer = fc.record({ name: token, parameters: fc.array(parameter, { maxLength: 3 }), blanks });
    fc.assert(fc.property(fc.array(offer, { maxLength: 4 }), (offers) => {
      const text = offers.map((each) => each.blanks + each.name + each.parameters.map(({ name, value, quoted, blanks }) => {
        const shown = value === undefined ? "" : `${blanks}=${blanks}${quoted ? `"${[...value].map((c) => `\\${c}`).join("")}"` : value}`;
        return `;${blanks}${name}${shown}${blanks}`;
      }).join("")).join(",");
      expect(parseExtensions([text])).toEqual(offers.map(({ name, parameters }) => ({
        name,
        parameters: parameters.map((each) => [each.name, each.value]),
      })));
    }));
  });

  test("never throws", () => {
    const unit = fc.constantFrom("a", " ", "\t", ",", ";", "=", `"`, "\\", "é");
    fc.assert(fc.property(fc.array(fc.string({ unit })), (values) => {
      for (const { name, parameters } of parseExtensions(values) ?? []) {
        expect(isToken(name)).toBe(true);
        for (const [parameter, value] of parameters) expect(isToken(parameter) && (value === undefined || isToken(value))).toBe(true);
      }
    }), { numRuns: 1_000 });
  });
});
