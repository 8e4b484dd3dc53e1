/**
 * `isosocket conformance`: tests anybody's WebSocket against the RFCs.
 * @module
 */
import type { Command } from "./command.ts";
import { runClient } from "./conformance-client.ts";
import { listCases } from "./conformance-list.ts";
import { type ConformanceOptions, toConformanceOptions } from "./conformance-options.ts";
import { runServer } from "./conformance-server.ts";

/** Tests, reports, and ends with the verdict. */
export const conformanceCommand: Command = {
  name: "conformance",
  usage: "server URL [options]\n       isosocket conformance client [options] [-- COMMAND ...]",
  maxPositionals: Number.POSITIVE_INFINITY,
  startsAnother: true,
  about: "Tests a WebSocket, in any language, against RFC 6455 and RFC 7692. \"server\" connects to a server that echoes every message. \"client\" is a server "
    + "for clients that echo; it speaks the control protocol of the Autobahn testsuite, so client harnesses made for that work unchanged.",
  groups: [
    ["Which cases", [
      { name: "cases", value: "PATTERNS", repeated: true, text: "only these: 5.5.2-3, a section 7.1.*, a rule's name, autobahn:6.4.*; several with commas" },
      { name: "exclude", value: "PATTERNS", repeated: true, text: "not these" },
      { name: "list", text: "print the cases and their rules, and run none" },
      { name: "messages", value: "N", text: "send N messages in each case of compression that takes many (default 3 to 20)" },
      { name: "full", text: "1000 of them, as Autobahn does; takes minutes" },
      { name: "seed", value: "N", text: "decides on masking keys (default 1)" },
    ]],
    ["A server", [
      { name: "concurrency", value: "N", text: "connections at once (default 16)" },
      { name: "ca", value: "FILE", text: "trust these authorities (PEM) instead of the system's" },
      { name: "insecure", text: "take any certificate; for tests only" },
    ]],
    ["Clients", [
      { name: "port", short: "p", value: "PORT", text: "TCP port to listen on (default 9002); 0 for a free one" },
      { name: "host", value: "HOST", text: "address to listen on (default 127.0.0.1, this machine only); 0.0.0.0 for all" },
      { name: "tls-cert", value: "FILE", text: "listen for wss:// with this certificate (PEM)" },
      { name: "tls-key", value: "FILE", text: "and its key (PEM)" },
      { name: "once", text: "end when the first client is through" },
    ]],
    ["Verdict", [
      { name: "timeout", value: "TIME", text: "how long a peer may take to answer: milliseconds, or such as 5s (default 5s)" },
      { name: "strict", text: "fail for non-strict cases too" },
      { name: "expect", value: "FILE", text: "fail only for what is worse than this file says: one that --update wrote, or a report's JSON" },
      { name: "update", text: "write this run's verdicts into the file of --expect" },
    ]],
    ["Output", [
      { name: "report", value: "DIR", text: "folder for the report: pages, JSON, JUnit, Markdown, badge (default conformance-report)" },
      { name: "no-report", text: "write none" },
      { name: "agent", value: "NAME", text: "what the peer is called in the report (default: what it calls itself)" },
      { name: "json", value: "FILE", optional: true, text: "print the report as JSON on stdout, or write it into FILE" },
      { name: "junit", value: "FILE", optional: true, text: "the same as JUnit XML" },
      { name: "verbose", short: "v", text: "print the wire log of every case that did not pass, and what a started command prints" },
      { name: "quiet", short: "q", text: "print no progress" },
    ]],
  ],
  notes: [
    ["Examples", [
      "isosocket conformance server ws://127.0.0.1:9001",
      "isosocket conformance server ws://127.0.0.1:9001 --cases 5.*,7.1.* -v",
      "isosocket conformance server ws://127.0.0.1:9001 --expect expected.json",
      "isosocket conformance client -- python3 client.py {url}",
    ]],
    ["An echo server", [
      "It sends every message back: text as text, binary as binary, and nothing else.",
      "Let it take messages of 16 MiB, and compress if it can.",
    ]],
    ["A client", [
      "It asks for /getCaseCount, then for /runCase?case=N&agent=NAME with N from 1,",
      "echoing every message until the connection ends, then for",
      "/updateReports?agent=NAME. A command behind -- finds the URL in ISOSOCKET_URL,",
      "and where its arguments say {url}.",
    ]],
    ["Ending it", [
      "Ctrl-C begins no more cases, and still writes the report. A second one ends it",
      "at once.",
    ]],
  ],
  exits: [
    ["0", "no case failed (non-strict and unimplemented are no failures); with --strict, none was non-strict either; with --expect, none got worse"],
    ["1", "some did, the peer went away in the middle, or cases were not reached"],
    ["2", "the peer could not be tested, or the command line is wrong"],
    ["130", "ended by Ctrl-C (129 by a hangup, 143 by SIGTERM) before all cases were run"],
  ],
  run: (given) => run(toConformanceOptions(given)),
};

function run(options: ConformanceOptions): Promise<number> {
  if (options.list) return listCases(options);
  return options.role === "client" ? runClient(options) : runServer(options);
}
