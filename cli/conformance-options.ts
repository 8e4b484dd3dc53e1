/**
 * What `isosocket conformance` is told, checked. A mistake is one sentence with the fix.
 * @module
 */
import {
  allCases, type Case, casesForClients, casesForServer, type Expectations, type Patience, readExpectations, type Report, select, unmatched,
} from "../conformance/mod.ts";
import { AUTOBAHN_MESSAGES } from "../conformance/wire/cases/deflate.ts";
import type { Arguments } from "./arguments.ts";
import { UsageError } from "./exit.ts";
import { suggest } from "./suggest.ts";
import { toTarget } from "./target.ts";
import { toFile, toInteger } from "./value.ts";

/** A checked command line. */
export interface ConformanceOptions {
  readonly role: "server" | "client";
  /** A server's URL; for clients, where to listen. */
  readonly url: URL;
  /** What was added to the URL as it was typed. */
  readonly note: string | undefined;
  /** A command that starts a client. */
  readonly command: readonly string[] | undefined;
  readonly list: boolean;
  /** Those to run, in the order of their numbers. */
  readonly cases: readonly Case[];
  /** False when some were left out by `--cases` or `--exclude`. */
  readonly all: boolean;
  readonly seed: number;
  readonly concurrency: number;
  readonly trust: { readonly ca?: string; readonly insecure?: boolean };
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly once: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly strict: boolean;
  /** What is expected, and the file it stands in. */
  readonly expect: { readonly file: string; readonly expected: Expectations | Report | undefined; readonly update: boolean } | undefined;
  /** Folder of the report; undefined for none. */
  readonly report: string | undefined;
  readonly agent: string | undefined;
  /** A file; "" for stdout; undefined for none. */
  readonly json: string | undefined;
  readonly junit: string | undefined;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** The options that decide on what is run, as they were typed, for the command that does it again. */
  readonly again: readonly string[];
}

/** Checks a command line. */
export function toConformanceOptions(given: Arguments): ConformanceOptions {
  const role = toRole(given);
  refuseOthers(given, role);
  const { url, note } = role === "server" ? toServer(given) : { url: toListener(given), note: undefined };
  const patterns = toPatterns(given, "cases");
  const excluded = toPatterns(given, "exclude");
  const everyCase = allCases(toMessages(given));
  checkPatterns(everyCase, [...patterns, ...excluded]);
  const asked = role === "server" ? casesForServer(url, everyCase) : casesForClients(url.protocol === "wss:", everyCase);
  const cases = select(asked, patterns, excluded);
  if (cases.length === 0) throw new UsageError(whyNone(select(everyCase, patterns, excluded), role));
  if (given.flag("strict") && given.value("expect") !== undefined) {
    throw new UsageError("Cannot be --strict and --expect something: with --expect, what fails is a change for the worse, of non-strict cases too");
  }
  const [json, junit] = [given.value("json"), given.value("junit")];
  if (json === "" && junit === "") throw new UsageError("Cannot print --json and --junit on stdout both: write one into a file, such as --junit=junit.xml");
  return {
    role, url, note, cases, json, junit,
    command: given.behind,
    list: given.flag("list"),
    all: cases.length === asked.length,
    seed: toInteger("--seed", given.value("seed") ?? "1", 0, 2 ** 32 - 1),
    concurrency: toInteger("--concurrency", given.value("concurrency") ?? "16", 1, 1_000),
    trust: toTrust(given),
    tls: role === "client" ? toTls(given) : undefined,
    once: given.flag("once"),
    timeout: toTime(given.value("timeout") ?? "5s"),
    strict: given.flag("strict"),
    expect: toExpect(given),
    report: given.flag("no-report") ? undefined : given.value("report") ?? "conformance-report",
    agent: given.value("agent"),
    verbose: given.flag("verbose"),
    quiet: given.flag("quiet"),
    again: ["cases", "exclude", "messages", "full", "seed", "timeout", "ca", "insecure", "tls-cert", "tls-key"].flatMap((name) => given.values(name).flatMap((value) => value === "" ? [`--${name}`] : [`--${name}`, value])),
  };
}

/** What both roles are tested with. */
export function toTestOptions({ cases, timeout, seed }: ConformanceOptions): { readonly cases: readonly Case[]; readonly patience: Patience; readonly seed: number } {
  return { cases, seed, patience: { answer: timeout, drop: timeout, failFast: Math.min(timeout, 1_000) } };
}

function toRole(given: Arguments): "server" | "client" {
  const [role, ...others] = given.positionals;
  const both = '"isosocket conformance server URL" tests a server, "isosocket conformance client" tests clients';
  if (role === undefined) {
    if (given.flag("list")) return "server";
    throw new UsageError(`Say what to test: ${both}`);
  }
  if (/^\w+:\/\/|^localhost\b|^[\d.]+:\d+/.test(role)) throw new UsageError(`Say what to test before the URL: isosocket conformance server ${role}`);
  if (role !== "server" && role !== "client") throw new UsageError(`Cannot test a "${role}": ${both}.${suggest(role, ["server", "client"])}`);
  const most = role === "server" ? 1 : 0;
  if (others.length > most) {
    const extra = others[most];
    if (/\.(?:json|xml)$/.test(extra)) throw new UsageError(`"${extra}" is one argument too many: a file for --json or --junit is written with "=", such as --json=${extra}`);
    if (/^(?:wss?|https?):\/\//.test(extra)) throw new UsageError(`"${extra}" is one argument too many: clients come here, to the port that --port says. To test a server: isosocket conformance server ${extra}`);
    throw new UsageError(`"${extra}" is one argument too many${role === "client" ? `: a command that starts a client stands behind "--", such as -- ${others.join(" ")}` : ': see "isosocket help conformance"'}`);
  }
  return role;
}

/** Options of the other role would do nothing. */
function refuseOthers(given: Arguments, role: "server" | "client"): void {
  const others = role === "server" ? ["port", "host", "tls-cert", "tls-key", "once"] : ["concurrency", "ca", "insecure"];
  const wrong = others.find((name) => given.values(name).length > 0);
  if (wrong !== undefined) throw new UsageError(`Option --${wrong} is for testing ${role === "server" ? "clients" : "a server"}: leave it out${wrong === "concurrency" ? "; a client decides how many cases it runs at once" : ""}`);
  if (role === "server" && given.behind !== undefined) throw new UsageError('Cannot start a server: start it yourself. What stands behind "--" is a command for "conformance client"');
  if (given.behind?.length === 0) throw new UsageError('There is no command behind "--": write one, such as -- python3 client.py {url}, or leave "--" out');
  if (given.flag("update") && given.value("expect") === undefined) throw new UsageError("Option --update needs a file to write: --expect expected.json --update");
  if (given.flag("no-report") && given.value("report") !== undefined) throw new UsageError("Cannot write a --report with --no-report: leave one of them out");
  if (given.flag("full") && given.value("messages") !== undefined) throw new UsageError("Option --full stands for --messages 1000: leave one of them out");
}

function toServer(given: Arguments): { readonly url: URL; readonly note: string | undefined } {
  const [, typed] = given.positionals;
  if (typed === undefined && given.flag("list")) return { url: new URL("ws://127.0.0.1/"), note: undefined };
  if (typed === undefined) throw new UsageError('There is no server to test: write its URL, such as "isosocket conformance server ws://127.0.0.1:9001"');
  const { url, note } = toTarget(typed);
  return { url: new URL(url), note };
}

function toListener(given: Arguments): URL {
  const port = toInteger("--port", given.value("port") ?? "9002", 0, 65_535);
  const host = given.value("host") ?? "127.0.0.1";
  const scheme = given.value("tls-cert") === undefined ? "ws" : "wss";
  const url = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  if (!URL.canParse(url)) throw new UsageError(`Cannot listen on --host "${host}": it is no address, such as 127.0.0.1`);
  return new URL(url);
}

function toPatterns(given: Arguments, name: string): string[] {
  return given.values(name).flatMap((text) => text.split(",")).map((text) => text.trim()).filter((text) => text !== "");
}

function toMessages(given: Arguments): number | undefined {
  if (given.flag("full")) return AUTOBAHN_MESSAGES;
  const messages = given.value("messages");
  return messages === undefined ? undefined : toInteger("--messages", messages, 1, 1_000_000);
}

function checkPatterns(cases: readonly Case[], patterns: readonly string[]): void {
  const wrong = unmatched(cases, patterns);
  if (wrong.length === 0) return;
  const names = new Set(cases.flatMap(({ id, rule }) => [id.replace(/-\d+$/, ""), rule.name]));
  const near = wrong.length === 1 ? suggest(wrong[0], [...names]) : "";
  const said = wrong.map((pattern) => `"${pattern}"`).join(" and ");
  throw new UsageError(`No case is meant by ${said}.${near || " See them all with isosocket conformance --list"}`);
}

function whyNone(others: readonly Case[], role: "server" | "client"): string {
  const [first] = others;
  if (first === undefined) return "No case is left to run: --exclude takes away all that --cases asks for";
  if (first.over === "tls") return `Case ${first.id} needs TLS: ${role === "server" ? "test a wss:// URL" : "give a certificate with --tls-cert and --tls-key"}`;
  if (first.only !== undefined && first.only !== role) return `Case ${first.id} is for ${first.only}s alone: no case is left to run`;
  return `Case ${first.id} cannot be run over ${role === "server" ? "this URL" : "this port"}: no case is left to run`;
}

function toTime(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  const milliseconds = match === null ? 0 : Number(match[1]) * (match[2] === "s" ? 1_000 : 1);
  if (milliseconds >= 1 && milliseconds <= 3_600_000) return milliseconds;
  throw new UsageError(`Cannot read --timeout "${text}": write milliseconds such as 500, or seconds such as 5s`);
}

function toTrust(given: Arguments): ConformanceOptions["trust"] {
  const ca = given.value("ca");
  return { ...(ca === undefined ? {} : { ca: toText("--ca", ca) }), ...(given.flag("insecure") ? { insecure: true } : {}) };
}

function toTls(given: Arguments): ConformanceOptions["tls"] {
  const [cert, key] = [given.value("tls-cert"), given.value("tls-key")];
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new UsageError("TLS needs a certificate beside the key: add --tls-cert FILE");
  if (key === undefined) throw new UsageError("TLS needs a key beside the certificate: add --tls-key FILE");
  return { cert: toText("--tls-cert", cert), key: toText("--tls-key", key) };
}

function toExpect(given: Arguments): ConformanceOptions["expect"] {
  const file = given.value("expect");
  if (file === undefined) return undefined;
  const update = given.flag("update");
  let json: string;
  try {
    json = toText("--expect", file);
  } catch (error) {
    if (!(error instanceof UsageError) || !error.message.endsWith("there is no such file")) throw error;
    if (update) return { file, expected: undefined, update };
    throw new UsageError(`${error.message}; add --update to write it from this run`);
  }
  try {
    return { file, expected: readExpectations(json, file), update };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function toText(option: string, path: string): string {
  return new TextDecoder().decode(toFile(option, path));
}
