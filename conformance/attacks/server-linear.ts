/**
 * Input that takes a careless parser quadratic time or worse (X-LIN). A head has a limit, so twice as much of the same must be
 * refused at once where it is past that, and be read in about twice the time where it is not.
 * @module
 */
import { type Attack, fail, type Finding, pass, worst } from "./attack.ts";
import { judgeOpen, judgeRefusal } from "./server-handshake.ts";
import { ask, type ServerGround, upgradeRequest } from "./server-peer.ts";

/** What stands in a field, for a number of repetitions. */
const INPUTS: readonly (readonly [what: string, source: string, field: string, value: (count: number) => string, size: number])[] = [
  ["blanks within a list of subprotocols", "CVE-2021-32640", "Sec-WebSocket-Protocol", (count) => `b${" ".repeat(count)}x`, 1],
  ["commas in a list of subprotocols", "CVE-2021-32640", "Sec-WebSocket-Protocol", (count) => `${",".repeat(count)}x`, 1],
  ["subprotocols", "CVE-2021-32640", "Sec-WebSocket-Protocol", (count) => Array.from({ length: count }, (_, at) => at.toString(36)).join(","), 5],
  ["escapes in an unclosed quote", "CVE-2020-7662; CVE-2020-7663", "Sec-WebSocket-Extensions", (count) => `a; b="${"\\c".repeat(count)}`, 2],
  ["escapes in a quote", "CVE-2020-7662; CVE-2020-7663", "Sec-WebSocket-Extensions", (count) => `a; b="${"\\c".repeat(count)}"`, 2],
  ["semicolons in a list of extensions", "CVE-2020-7662", "Sec-WebSocket-Extensions", (count) => `a${";".repeat(count)}`, 1],
  ["parameters of an extension", "CVE-2020-7662", "Sec-WebSocket-Extensions", (count) => `a${"; b=c".repeat(count)}`, 5],
  ["extensions", "CVE-2020-7662", "Sec-WebSocket-Extensions", (count) => `a${",a".repeat(count)}`, 2],
  ["offers of permessage-deflate", "RFC 7692, 5", "Sec-WebSocket-Extensions", (count) => `a${", permessage-deflate; x".repeat(count)}`, 24],
  ["blanks in Connection", "CVE-2023-26103", "Connection", (count) => `a${" ".repeat(count)}b, Upgrade`, 1],
  ["commas and blanks in Connection", "CVE-2023-26103", "Connection", (count) => `Upgrade${" ,".repeat(count)}`, 2],
  ["blanks in Upgrade", "CVE-2023-26103", "Upgrade", (count) => `websocket${"\t ".repeat(count)}x`, 2],
  ["blanks in a key", "RFC 6455, 10.4", "Sec-WebSocket-Key", (count) => `a${" ".repeat(count)}b`, 1],
  ["dots in Host", "RFC 6455, 10.4", "Host", (count) => `${"a.".repeat(count)}\x80`, 2],
  ["colons in Origin", "RFC 6455, 10.4", "Origin", (count) => `http://${":".repeat(count)}`, 1],
];

export const LINEAR_ATTACKS: readonly Attack<ServerGround>[] = INPUTS.map(([what, source, field, value, size], at) => ({
  id: `X-LIN-${String(at + 1).padStart(2, "0")}`,
  rule: `Thousands of ${what} take no time`,
  source,
  run: async (ground) => worst([
    await plead(ground, field, value(Math.floor(6_000 / size))),
    await plead(ground, field, value(Math.floor(14_000 / size))),
  ]),
}));

async function plead(ground: ServerGround, field: string, value: string): Promise<Finding> {
  const start = performance.now();
  const { peer, answer } = await ask(ground, upgradeRequest(ground, { fields: { [field]: value } }));
  const took = performance.now() - start;
  try {
    if (answer === undefined) return fail("it did not answer");
    if (took > AGES) return fail(`it took ${Math.round(took)} ms for ${value.length} bytes`);
    const finding = answer.status === 101 ? await judgeOpen(peer, answer) : await judgeRefusal(peer, answer);
    return finding.verdict === "PASS" ? pass(`${took.toFixed(1)} ms`) : finding;
  } finally {
    peer.destroy();
  }
}

/** Twenty times what a quiet machine may take; what is quadratic here takes minutes, in milliseconds. */
const AGES = 2_000;
