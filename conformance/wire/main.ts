/**
 * `npm run wire -- ws://127.0.0.1:9001 [number …]`: the wire cases against an echo server, all or those whose number begins
 * so. It fails when a case does; what is not strict it only tells.
 * @module
 */
import { summarise } from "./case.ts";
import { CASES } from "./cases.ts";
import { testServer } from "./server-tester.ts";

const [url, ...numbers] = process.argv.slice(2);
if (url === undefined) {
  console.error("Cannot test without a server: npm run wire -- ws://127.0.0.1:9001");
  process.exit(2);
}
const cases = CASES.filter(({ id }) => numbers.length === 0 || numbers.some((number) => `${id}.`.startsWith(`${number}.`)));
const results = await testServer(url, { cases });
console.log(summarise(results));
process.exitCode = results.length > 0 && results.every(({ verdict }) => verdict !== "failed") ? 0 : 1;
