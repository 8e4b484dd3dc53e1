/**
 * A report of a peer that means harm: every text that it can choose, and every other too, tries to leave its place.
 * @module
 */
import { countVerdicts, type CaseResult, type Report, type Verdict, VERDICTS } from "../../wire/result.ts";

/** What each text is made of: ends of scripts, comments, elements, attributes, CDATA, tables and code, and characters that cannot be seen. */
export const ATTACKS: readonly string[] = [
  `</script><script>window.pwned = 1</script>`,
  `<!--<script>`,
  `--><img src=x onerror="window.pwned = 2">`,
  `"><svg onload="window.pwned = 3">`,
  `' onmouseover='window.pwned = 4' autofocus onfocus='window.pwned = 5`,
  `</style></title></textarea></noscript></template><iframe srcdoc="<script>parent.pwned = 6</script>">`,
  `]]><failure message="pwned"/>&lt;script&gt;&#60;`,
  "$& $' $` ${window.pwned = 7} \\u003cimg src=x onerror=pwned=8>",
  "| a | b |\n\n# heading\n\n```\ncode\n``` [link](javascript:pwned=9) ![i](x) @everyone <b>",
  "\0 \u0007 \u001b[31m \u202e\u2066 \u2028\u2029 \ufeff \ud800 \udfff \ufffe \r\n",
];

/** One case for each attack. */
export function hostileReport(): Report {
  const results = ATTACKS.map((attack, at): CaseResult => {
    const verdict: Verdict = VERDICTS[at % VERDICTS.length];
    return {
      id: `5.2-${at + 1}`, title: attack, rule: attack, rfc: 6455, section: "5.2", autobahn: attack, sends: [attack, attack],
      accepts: { pass: attack, nonStrict: attack, fail: attack }, verdict, reasons: [attack, attack, attack], duration: 1,
      log: [
        { at: 0, by: "tester", kind: "head", text: attack },
        { at: 1, by: "peer", kind: "frame", fin: true, rsv: 0, opcode: 1, masked: false, length: 5, header: "8105", payload: attack, says: attack },
        { at: 2, by: "peer", kind: "bytes", length: 5, hex: attack },
        { at: 3, by: "tester", kind: "note", text: attack },
      ],
    };
  });
  const all = ATTACKS.join(" ");
  return {
    schema: 1, suite: all, agent: all, role: "server", url: all, started: all, duration: 1, seed: 1, complete: false, command: all,
    totals: countVerdicts(results), results: [...results, { ...results[0], id: ATTACKS[3], section: ATTACKS[3] }],
  };
}
