/**
 * The conformance suite: what anybody's WebSocket must do, as cases that are run over the network or in the same process.
 *
 * ```ts
 * import { testServer } from "isosocket/conformance";
 *
 * for (const { id, verdict, reasons } of await testServer("ws://127.0.0.1:9001")) console.log(id, verdict, reasons.join("; "));
 * ```
 *
 * It runs on Node, Deno and Bun: it needs `node:net`, `node:tls` and `node:zlib`. Nothing of it is shared with the sockets of this package, so what it says of them
 * it says as a stranger.
 * @module
 */
export { CASES as cases, allCases } from "./wire/cases/all.ts";
export type {
  Answer, Ask, Case, Deflate, Dialling, Draft, Finding, Head, Opening, Patience, ReadHead, Rule, Send, StreamAsk, Visit,
} from "./wire/case.ts";
export type { Extension } from "./wire/extension.ts";
export type { Frame, ReadFrame } from "./frames.ts";
export { matches, select, unmatched } from "./wire/select.ts";
export { check } from "./wire/protocol-tester.ts";
export type { ByteProtocol } from "./wire/protocol-link.ts";
export { casesForServer, testServer, type TestOptions } from "./wire/server-tester.ts";
export { casesForClients, type ClientTester, type ClientTestOptions, testClients } from "./wire/client-tester.ts";
export { type Trust, Unreachable } from "./wire/dial.ts";
export { describeCase } from "./wire/describe.ts";
export {
  type CaseInfo, type CaseResult, countVerdicts, type FrameEntry, type LogEntry, type Report, type Side, type Verdict, VERDICTS,
} from "./wire/result.ts";
export { renderBadge } from "./report/badge.ts";
export { createReport, type RunFacts } from "./report/create.ts";
export { type Change, compare, type Comparison, type Expectations, expectationsOf, readExpectations } from "./report/expect.ts";
export { renderJUnit } from "./report/junit.ts";
export { renderMarkdown } from "./report/markdown.ts";
export { renderIndex } from "./report/matrix.ts";
export { renderPage } from "./report/page.ts";
export { writeReport } from "./report/write.ts";
