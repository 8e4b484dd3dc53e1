import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";
import { conformanceCommand } from "./conformance.ts";
import { type ConformanceOptions, toConformanceOptions } from "./conformance-options.ts";
import { UsageError } from "./exit.ts";
import { finish, folder } from "./testing.ts";

const read = (...args: string[]): ConformanceOptions => toConformanceOptions(parseArguments(args, conformanceCommand));

describe("the command line", () => {
  it("chooses cases by number, section, RFC, rule and Autobahn's number", () => {
    const ids = (...args: string[]): string[] => read("server", "ws://x", ...args).cases.map(({ id }) => id);
    expect(ids("--cases", "5.5.2-2,5.5.2-1")).toEqual(["5.5.2-1", "5.5.2-2"]);
    expect(ids("--cases", "5.5.2.*")).toEqual(ids("--cases", "5.5.2"));
    expect(ids("--cases", "5.5.2", "--exclude", "5.5.2-1")).toEqual(ids("--cases", "5.5.2").slice(1));
    expect(ids("--cases", "ping-answered")).toContain("5.5.2-1");
    expect(ids("--cases", "autobahn:2.1").length).toBe(1);
    expect(ids("--cases", "7692:*").every((id) => id.startsWith("7692:"))).toBe(true);
    expect(ids().length).toBeGreaterThan(1_000);
    expect(ids().length).toBe(new Set(ids()).size);
    expect(read("client").cases.some(({ only }) => only === "server")).toBe(false);
  });

  it("has defaults, and reads what is given", () => {
    expect(read("server", "localhost:9001")).toMatchObject({ url: new URL("ws://localhost:9001"), all: true, seed: 1, concurrency: 16, timeout: 5_000, report: "conformance-report", json: undefined });
    expect(read("server", "ws://x", "--cases", "5.5.2", "--timeout", "250", "--json", "--no-report")).toMatchObject({ all: false, timeout: 250, json: "", report: undefined });
    expect(read("server", "ws://x", "--timeout", "1.5s", "--json=a.json").timeout).toBe(1_500);
    expect(read("client", "--port", "0", "--host", "::1", "--", "node", "--version", "--", "x")).toMatchObject({ url: new URL("ws://[::1]:0/"), command: ["node", "--version", "--", "x"] });
  });

  it("keeps what decides on the run for the command that does it again", () => {
    expect(read("server", "ws://x", "--cases", "5.5.2,5.4", "--seed", "7", "--insecure", "--quiet", "--json").again).toEqual(["--cases", "5.5.2,5.4", "--seed", "7", "--insecure"]);
  });
});

describe("a mistake on the command line", () => {
  it.each([
    [[], "Say what to test: "],
    [["sever", "ws://x"], 'Did you mean "server"?'],
    [["ws://127.0.0.1:1"], "isosocket conformance server ws://127.0.0.1:1"],
    [["server"], "There is no server to test"],
    [["server", "ws://x", "--cases", "5.5.22"], 'No case is meant by "5.5.22". Did you mean "5.5.2"?'],
    [["server", "ws://x", "--cases", "ping-anwsered"], 'Did you mean "ping-answered"?'],
    [["server", "ws://x", "--cases", "99,98.*"], 'No case is meant by "99" and "98.*". See them all with isosocket conformance --list'],
    [["server", "ws://x", "--cases", "5.5.2", "--exclude", "5.*"], "--exclude takes away all that --cases asks for"],
    [["server", "ws://x", "--timeout", "soon"], "write milliseconds such as 500, or seconds such as 5s"],
    [["server", "ws://x", "--port", "1"], "Option --port is for testing clients: leave it out"],
    [["client", "--concurrency", "1"], "a client decides how many cases it runs at once"],
    [["client", "ws://x"], "To test a server: isosocket conformance server ws://x"],
    [["client", "node", "x.js"], "such as -- node x.js"],
    [["client", "--"], 'There is no command behind "--"'],
    [["server", "ws://x", "--", "node"], "Cannot start a server: start it yourself"],
    [["server", "ws://x", "--json", "out.json"], "such as --json=out.json"],
    [["server", "ws://x", "--json", "--junit"], "Cannot print --json and --junit on stdout both"],
    [["server", "ws://x", "--strict", "--expect", "x"], "Cannot be --strict and --expect something"],
    [["server", "ws://x", "--update"], "--expect expected.json --update"],
    [["server", "ws://x", "--full", "--messages", "5"], "leave one of them out"],
    [["server", "ws://x", "--no-report", "--report", "x"], "leave one of them out"],
    [["server", "ws://x", "--concurency", "5"], 'Did you mean "--concurrency"?'],
    [["server", "http://"], "it is no URL"],
  ])("such as %j is one sentence", (args, said) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(said);
  });

  it("ends with 2, and nothing on stdout", async () => {
    expect(await finish(["conformance", "sever"])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: Cannot test a "sever"[^\n]+\n$/) });
  });

  it("in a file is told", () => {
    const file = join(folder(), "expected.json");
    writeFileSync(file, '{"5.2-1":"fine"}');
    expect(() => read("server", "ws://x", "--expect", file)).toThrow('case "5.2-1" has "fine", which is none of');
    expect(() => read("server", "ws://x", "--ca", `${file}.not`)).toThrow("there is no such file");
    expect(() => read("client", "--tls-cert", file)).toThrow("add --tls-key FILE");
  });
});
