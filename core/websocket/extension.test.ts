import { describe, expect, it } from "vitest";
import { type ExtensionOffer, parseExtensions } from "../http/field.ts";
import { PROTOTYPE_NAMES } from "../testing/handshake.ts";
import { type Agreement, checkExtension, chooseExtension, type Extension, formatExtension } from "./extension.ts";

/** An agreement that can be told from others. */
function agreement(name: string, word: string): Agreement {
  return { chosen: { name, parameters: [[word, undefined]] }, start: () => { throw new Error("Nothing is started here"); } };
}

/** An extension that takes, as a server and as a client, what names `word` first; it notes what it was asked. */
function extension(name: string, word: string, asked: string[] = []): Extension {
  const judge = (offer: ExtensionOffer): Agreement | undefined => {
    asked.push(formatExtension(offer));
    return offer.parameters[0]?.[0] === word ? agreement(name, word) : undefined;
  };
  return { name, offers: () => [], accept: judge, check: (chosen) => judge(chosen) ?? `${word} is missing` };
}

/** What was chosen of the value of a Sec-WebSocket-Extensions field. */
function choose(value: string, ...extensions: Extension[]): string | undefined {
  const chosen = chooseExtension(parseExtensions([value]) ?? [], extensions)?.chosen;
  return chosen && formatExtension(chosen);
}

function check(values: readonly string[], ...extensions: Extension[]): string | undefined {
  const verdict = checkExtension(values, extensions);
  return typeof verdict === "object" ? `agreed on ${formatExtension(verdict.chosen)}` : verdict;
}

describe("a server (9.1)", () => {
  it("takes the client's first offer that one of its extensions takes", () => {
    const [a, b] = [extension("a", "x"), extension("b", "y")];
    expect(choose("b; y, a; x", a, b)).toBe("b; y");
    expect(choose("a; x, b; y", b, a)).toBe("a; x");
    expect(choose("a; z, b; z, a, b; y, a; x", a, b)).toBe("b; y");
  });

  it("asks its extensions of one name in their order", () => {
    expect(choose("a; y, a; x", extension("a", "x"), extension("a", "y"))).toBe("a; y");
  });

  it("takes none when nothing is offered, nothing served, or nothing fits", () => {
    expect(choose("", extension("a", "x"))).toBeUndefined();
    expect(choose("a; x")).toBeUndefined();
    expect(choose("a; y, A; x, b; x", extension("a", "x"))).toBeUndefined();
  });

  it("asks an extension about offers of its name only, and none behind the one that is taken (GHSA-5v72-xg48-5rpm)", () => {
    const asked: string[] = [];
    expect(choose([...PROTOTYPE_NAMES, "a; y", "b; x", "a; x; w=1", "a; x"].join(", "), extension("a", "x", asked))).toBe("a; x");
    expect(asked).toEqual(["a; y", "a; x; w=1"]);
  });
});

describe("a client (4.1)", () => {
  it("agrees on what the server chose when an extension says so", () => {
    expect(check(["a; x"], extension("b", "y"), extension("a", "x"))).toBe("agreed on a; x");
  });

  it("agrees on nothing when the server chose nothing", () => {
    expect(check([], extension("a", "x"))).toBeUndefined();
    expect(check([])).toBeUndefined();
  });

  it("fails for what it did not offer, and for two", () => {
    const fault = "The server chose an extension that was not offered";
    for (const values of [["b"], ["A; x"], ["a; x, a; x"], ["a; x", "b"], ["a; x", "a; x"], ...PROTOTYPE_NAMES.map((name) => [name])]) {
      expect([values, check(values, extension("a", "x"))]).toEqual([values, fault]);
    }
    expect(check(["a; x"])).toBe(fault);
  });

  it("fails for what is no list of extensions", () => {
    for (const value of ["", " , ", "a b", ";", "a; x=", `a; x="`, "a; =1"]) {
      expect([value, check([value], extension("a", "x"))]).toEqual([value, "Sec-WebSocket-Extensions in the answer is not a list of extensions"]);
    }
  });

  it("agrees when one of several of a name does, and says what the last of them says", () => {
    expect(check(["a; y"], extension("a", "x"), extension("a", "y"))).toBe("agreed on a; y");
    expect(check(["a; x"], extension("a", "x"), extension("a", "y"))).toBe("agreed on a; x");
    expect(check(["a; z"], extension("a", "x"), extension("a", "y"))).toBe("y is missing");
  });
});

describe("formatExtension", () => {
  it("writes an element of the list, which reads back the same (9.1)", () => {
    const offers: ExtensionOffer[] = [
      { name: "a", parameters: [] },
      { name: "b", parameters: [["x", undefined], ["y", "1"], ["x", "z"]] },
    ];
    expect(offers.map(formatExtension)).toEqual(["a", "b; x; y=1; x=z"]);
    expect(parseExtensions([offers.map(formatExtension).join(", ")])).toEqual(offers);
  });
});
