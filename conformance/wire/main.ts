/**
 * `npm run wire -- ws://127.0.0.1:9001 [number …]`: the wire cases against an echo server, all or those whose number begins so.
 * `npm run wire -- --listen 9001 [number …]` is the other way round: a tester for echo clients, until one of them is through.
 *
 * `--messages N` is how many compressed messages the cases of groups 12 and 13 send, `--full` as many as Autobahn's: that takes
 * minutes, and tells of each case on stderr. It fails when a case does; what is not strict or not implemented it only tells.
 * @module
 */
import { parseArgs } from "node:util";
import { allCases } from "./cases/all.ts";
import { AUTOBAHN_MESSAGES } from "./cases/deflate.ts";
import { testClients } from "./client-tester.ts";
import type { CaseResult } from "./result.ts";
import { select } from "./select.ts";
import { testServer, type TestOptions } from "./server-tester.ts";
import { summarise } from "./summary.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { listen: { type: "string" }, messages: { type: "string" }, full: { type: "boolean", default: false } },
});
const { listen, messages, full } = values;
const url = listen === undefined ? positionals[0] : undefined;
const numbers = positionals.slice(url === undefined ? 0 : 1);
const count = full ? AUTOBAHN_MESSAGES : messages === undefined ? undefined : Number(messages);
if (url === undefined && listen === undefined || count !== undefined && !(Number.isInteger(count) && count > 0)) {
  console.error("Cannot test: npm run wire -- ws://127.0.0.1:9001 or --listen 9001 [--messages N | --full] [number …]");
  process.exit(2);
}
const cases = select(allCases(count), numbers);
let done = 0;
const onResult = ({ id, verdict, duration }: CaseResult): void => {
  done++;
  if (full || messages !== undefined) console.error(`${done} of up to ${cases.length}: ${id} ${verdict} (${Math.round(duration)} ms)`);
};
const results = url === undefined ? await listenOnce(Number(listen), { cases, onResult }) : await testServer(url, { cases, onResult });
console.log(summarise(results));
process.exitCode = results.length > 0 && results.every(({ verdict }) => verdict !== "fail") ? 0 : 1;

async function listenOnce(port: number, options: TestOptions): Promise<CaseResult[]> {
  const tester = await testClients(port, options);
  console.log(`ready ${tester.url}`);
  const agent = await tester.finished();
  await tester.close();
  return tester.results(agent);
}
