/**
 * Which web pages may connect (RFC 6455, section 10.2): the table X-ORIGIN.
 * @module
 */
import { type Attack, fail, type Finding } from "./attack.ts";
import { judgeOpen, judgeRefusal } from "./server-handshake.ts";
import { ask, type ServerGround, upgradeRequest } from "./server-peer.ts";

const GOOD = "https://good.example";

/** What a browser, or somebody who pretends to be one, sends as Origin; "" stands for none. */
const TABLE: readonly (readonly [what: string, origins: readonly string[], allowed: boolean])[] = [
  ["the one that is listed", [GOOD], true],
  ["the listed one in other letters", ["HTTPS://Good.Example"], true],
  ["none, as from a program", [], true],
  ["a foreign one", ["https://evil.example"], false],
  ["null", ["null"], false],
  ["two, the first listed", [GOOD, "https://evil.example"], false],
  ["two, the second listed", ["https://evil.example", GOOD], false],
  ["the listed one twice", [GOOD, GOOD], false],
  ["a list of two in one line", [`${GOOD}, https://evil.example`], false],
  ["another port", [`${GOOD}:8443`], false],
  ["another scheme", ["http://good.example"], false],
  ["a longer name that ends like it", ["https://evil-good.example"], false],
  ["a longer name that begins like it", [`${GOOD}.evil.example`], false],
  ["a name below it", ["https://sub.good.example"], false],
  ["the listed one as a user's name", [`${GOOD}@evil.example`], false],
  ["a path behind it", [`${GOOD}/`], false],
  ["an empty one", [""], false],
  ["the name of an inherited property", ["__proto__"], false],
];

export const ORIGIN_ATTACKS: readonly Attack<ServerGround>[] = TABLE.map(([what, origins, allowed], at) => ({
  id: `X-ORIGIN-${String(at + 1).padStart(2, "0")}`,
  rule: `A page's origin that is ${what} is ${allowed ? "let in" : "kept out"}`,
  source: "RFC 6455, 10.2; CVE-2025-24010; CVE-2026-27148; CVE-2026-27977; CVE-2026-112085",
  skip: ({ other }) => other === undefined ? "it needs a server with a list of origins" : undefined,
  async run(ground): Promise<Finding> {
    const strict = await (ground.other as NonNullable<typeof ground.other>)("--origin", GOOD);
    return plead(strict, origins, allowed);
  },
}));

async function plead(ground: ServerGround, origins: readonly string[], allowed: boolean): Promise<Finding> {
  const { peer, answer } = await ask(ground, upgradeRequest(ground, { lines: origins.map((origin) => `Origin: ${origin}`) }));
  try {
    if (answer === undefined) return fail("it did not answer");
    if (answer.status === 101) return allowed ? await judgeOpen(peer, answer) : fail("it let it in");
    if (allowed) return fail(`it answered ${answer.status}`);
    return answer.status === 403 ? await judgeRefusal(peer, answer) : fail(`it answered ${answer.status}, not 403`);
  } finally {
    peer.destroy();
  }
}
