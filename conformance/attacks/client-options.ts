/**
 * What an application may be made to hand to a client: URLs, headers, subprotocols. None of it may forge a line of a request;
 * what is refused is refused before a byte is sent. And where redirects and proxies may lead.
 * @module
 */
import { FrameReader } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, worst } from "./attack.ts";
import type { Job } from "./client-job.ts";
import { type ClientGround, decent, lead, type LeadOptions, refused } from "./client-ground.ts";

/** What a line end may look like. */
const BREAKS: readonly string[] = ["\r\n", "\n", "\r", "\u0000", "\u0085", "\u2028", "\u010a", "\u010d\u010a", "%0d%0a", "\u000b", "\u000c", "\u001c"];

/** Each puts "X: y" behind a line end somewhere; `safe` are the breaks that may stand there. */
const PLACES: readonly (readonly [what: string, make: (text: string) => readonly [Partial<Job>, LeadOptions?]])[] = [
  ["a header's value", (text) => [{ headers: [["X-A", text]] }]],
  ["a header's name", (text) => [{ headers: [[text, "a"]] }]],
  ["Origin", (text) => [{ headers: [["Origin", `http://a${text}`]] }]],
  ["Cookie", (text) => [{ headers: [["Cookie", `a=b${text}`]] }]],
  ["Host", (text) => [{ headers: [["Host", `a${text}`]] }]],
  ["Authorization", (text) => [{ headers: [["Authorization", `Bearer ${text}`]] }]],
  ["a subprotocol", (text) => [{ protocols: [`a${text}`] }]],
  ["the path", (text) => [{}, { path: `/a${text}` }]],
  ["the query", (text) => [{}, { path: `/?a=${text}` }]],
  ["the user", (text) => [{}, { url: (port) => `ws://a${text}:b@127.0.0.1:${port}/` }]],
  ["the password", (text) => [{}, { url: (port) => `ws://a:b${text}@127.0.0.1:${port}/` }]],
  ["the host", (text) => [{}, { url: (port) => `ws://127.0.0.1${text}:${port}/` }]],
  ["the proxy's user", (text) => [{ proxy: `http://a${text}:b@127.0.0.1:9/` }]],
];

/** Headers that the handshake has for itself, or that would give the request a body or two meanings. */
const OWN: readonly (readonly (readonly [string, string])[])[] = [
  ...["Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Sec-WebSocket-Accept",
    "Content-Length", "content-length", "Transfer-Encoding", "TRANSFER-ENCODING"].map((name) => [[name, "1"]] as const),
  [["Content-Length", "0"], ["content-length", "5"]],
];

export const OPTION_ATTACKS: readonly Attack<ClientGround>[] = [
  ...PLACES.map(([what, make], at): Attack<ClientGround> => ({
    id: `X-I${at + 1}`, rule: `no kind of line end in ${what} forges a line of the request`, source: "CVE-2026-1527; CVE-2026-47072",
    async run(ground) {
      const findings: Finding[] = [];
      for (const end of BREAKS) findings.push(await injected(ground, `${end}X-Forged: y${end}${end}z`, ...make(`${end}X-Forged: y${end}${end}z`)));
      return worst(findings);
    },
  })),
  ...OWN.map((headers, at): Attack<ClientGround> => ({
    id: `X-O${at + 1}`, rule: `the header ${headers.map(([name]) => name).join(" with ")} is refused before anything is sent`, source: "CVE-2026-1525",
    run: (ground) => unsent(ground, { headers }),
  })),
  ...([["a", "a"], ["a", "A", "a"], [""], ["a b"], ["a,b"], ["ä"], ["a/b"], ["a;b=c"]] as const).map((protocols, at): Attack<ClientGround> => ({
    id: `X-P${at + 1}`, rule: `the subprotocols ${JSON.stringify(protocols)} are refused before anything is sent`, source: "RFC 6455, 4.1",
    run: (ground) => unsent(ground, { protocols }),
  })),
  ...["http", "ftp", "file", "javascript", "data", "wss2"].filter((scheme) => scheme !== "http").map((scheme, at): Attack<ClientGround> => ({
    id: `X-U${at + 1}`, rule: `a URL of scheme ${scheme}: is refused`, source: "RFC 6455, 3",
    run: (ground) => unsent(ground, {}, { url: (port) => `${scheme}://127.0.0.1:${port}/` }),
  })),
  { id: "X-U6", rule: "a URL with a fragment is refused", source: "RFC 6455, 3; CVE-2026-129502", run: (ground) => unsent(ground, {}, { path: "/a#b" }) },
  {
    id: "X-M1", rule: "20,000 masking keys: all differ, every bit is set half the time, none is the last one and a step", source: "WS-2017-0107; CVE-2025-10148; GHSA-w67g-5rqw-f597",
    run: masks,
  },
  {
    id: "X-M2", rule: "200 keys of handshakes are 16 bytes each, and all differ", source: "RFC 6455, 4.1; G21",
    async run(ground) {
      const keys = new Set<string>();
      for (let at = 0; at < 200; at++) {
        await lead(ground, {}, async (end) => {
          await end.request();
          keys.add(end.field("Sec-WebSocket-Key"));
          end.socket.destroy();
        });
      }
      return expect(keys.size === 200 && [...keys].every((key) => Buffer.from(key, "base64").length === 16 && key.length === 24), `${keys.size} of 200 differ`);
    },
  },
  ...([
    ["to itself, for ever", (port: number) => `ws://127.0.0.1:${port}/`, "redirect"],
    ["to a file", () => "file:///etc/passwd", "redirect"],
    ["to a script", () => "javascript:alert(1)", "redirect"],
    ["to no URL", () => "http://[", "redirect"],
    ["to nowhere", () => "", "redirect"],
    ["to a URL with a line end", (port: number) => `/a%0d%0aX-Forged:%20y?${port}`, "redirect"],
  ] as const).map(([what, where, stage], at): Attack<ClientGround> => ({
    id: `X-D${at + 1}`, rule: `a redirect ${what} is followed five times at most`, source: "RFC 6455, 4.1; CVE-2020-35678",
    async run(ground) {
      const course = await lead(ground, { redirects: 5 }, async (end) => {
        await end.request();
        await end.answer(`HTTP/1.1 302 Found\r\nLocation: ${where(end.socket.localPort ?? 0)}\r\nContent-Length: 0\r\n\r\n`);
      });
      const forged = course.ends.some(({ lines }) => lines.some((line) => /^x-forged/i.test(line)));
      return worst([refused(course, ground, { stage, status: 302 }), expect(course.ends.length <= 6 && !forged, `${course.ends.length} connections`)]);
    },
  })),
  {
    id: "X-D7", rule: "credentials and cookies do not follow a redirect to another origin, nor does the redirect bring its own", source: "RFC 6455, 4.1",
    async run(ground) {
      const headers = [["Authorization", "Bearer secret"], ["Cookie", "a=secret"], ["Proxy-Authorization", "secret"], ["X-Other", "kept"]] as const;
      const course = await lead(ground, { redirects: 2, headers }, async (end) => {
        await end.request();
        if (end.index > 0) return end.answer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        return end.answer(`HTTP/1.1 307 Go\r\nLocation: ws://user:pass@localhost:${end.socket.localPort}/there\r\nContent-Length: 0\r\n\r\n`);
      });
      const [, second] = course.ends;
      if (second === undefined) return fail("it did not follow");
      const leaked = second.lines.filter((line) => line.includes("secret"));
      return worst([refused(course, ground, { status: 403 }), expect(leaked.length === 0, `it sent ${leaked.join()}`), expect(second.field("X-Other") === "kept", "it lost a header")]);
    },
  },
  ...([
    ["refuses", "HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 407],
    ["answers 101", "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 101],
    ["redirects", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", 302],
    ["sends bytes behind its answer", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 OK\r\n\r\n", 200],
    ["sends no HTTP", "\u0005\u0000\u0000\u0001", undefined],
    ["sends a head of 32 KiB", `HTTP/1.1 200 OK\r\n${`X: ${"x".repeat(1_000)}\r\n`.repeat(32)}\r\n`, undefined],
  ] as const).map(([what, answer, status], at): Attack<ClientGround> => ({
    id: `X-Y${at + 1}`, rule: `a proxy that ${what} is told of, and is not taken for the server`, source: "RFC 9110, 9.3.6",
    run: async (ground) => refused(await lead(ground, {}, (end) => end.request().then(() => end.answer(answer)), { proxied: true }), ground, {
      stage: "proxy", ...(status === undefined ? {} : { status }),
    }),
  })),
  ...([[true, 0], [false, 16_777_216]] as const).map(([heed, least], at): Attack<ClientGround> => ({
    id: `X-B${at + 1}`, rule: `${heed ? "a send past maxQueued" : "a message of 17 MiB"} throws, and what was taken before arrives`, source: "CVE-2026-102560",
    async run(ground) {
      const size = heed ? 65_536 : 17 * 1024 * 1024;
      const course = await lead(ground, { acts: [{ do: "send", size, count: 2, heed: false }, { do: "close" }], limits: { maxQueued: heed ? 65_535 : 16_777_216 } }, async (end) => {
        const peer = await end.open();
        await peer.until(() => peer.over, 5_000);
        await end.write(Uint8Array.of(0x88, 2, 3, 232));
        end.socket.end();
      });
      return worst([decent(course), expect(course.report.acts[0] === "0 taken, then RangeError", `${course.report.acts[0]} of ${size} bytes past ${least}`)]);
    },
  })),
];

/** The request must be one request, and none of its lines forged; or nothing may be sent. */
async function injected(ground: ClientGround, text: string, job: Partial<Job>, options: LeadOptions = {}): Promise<Finding> {
  const course = await lead(ground, job, async (end) => {
    await end.request();
    await end.answer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  }, options);
  const note = (sentence: string): Finding => fail(`${JSON.stringify(text)}: ${sentence}`);
  if (course.report.opened) return note("it opened");
  const { name, message } = course.report.error ?? { name: "none", message: "" };
  if (course.ends.length === 0) return name === "TypeError" || name === "HandshakeError" ? pass() : note(`it threw ${name}: ${message}`);
  for (const { lines, heard } of course.ends) {
    if (heard > 0) return note(`${heard} bytes stand behind the request`);
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    const odd = lines.find((line) => /^x-forged/i.test(line) || /[\x00-\x08\x0a-\x1f\x7f]/.test(line));
    if (odd !== undefined) return note(`it sent ${JSON.stringify(odd)}`);
  }
  return pass();
}

/** A TypeError, and no connection. */
async function unsent(ground: ClientGround, job: Partial<Job>, options: LeadOptions = {}): Promise<Finding> {
  const { report, ends } = await lead(ground, job, () => {}, options);
  if (ends.length > 0) return fail("it connected");
  return expect(report.error?.name === "TypeError", `${report.error?.name ?? "nothing was thrown"}: ${report.error?.message}`);
}

async function masks(ground: ClientGround): Promise<Finding> {
  const count = 20_000;
  const keys: number[] = [];
  const course = await lead(ground, { acts: [{ do: "send", size: 8, count, heed: true }, { do: "close" }] }, async (end) => {
    await end.open();
    end.socket.removeAllListeners("data");
    const reader = new FrameReader(({ opcode, key }) => {
      if (opcode === 2) keys.push(key ?? 0);
      else void end.write(Uint8Array.of(0x88, 2, 3, 232)).then(() => end.socket.end());
    });
    end.socket.on("data", (bytes: Uint8Array) => reader.push(bytes));
  });
  const distinct = new Set(keys).size;
  const steps = new Set(keys.slice(1).map((key, at) => (key - keys[at]) >>> 0)).size;
  const turns = new Set(keys.slice(1).map((key, at) => (key ^ keys[at]) >>> 0)).size;
  const bits = Array.from({ length: 32 }, (_, bit) => keys.filter((key) => (key >>> bit) & 1).length);
  const room = 6 * Math.sqrt(count / 4); // six standard deviations, for each of 32 bits
  return worst([
    decent(course),
    expect(keys.length === count, `${keys.length} frames came`),
    expect(distinct > count - 5, `${distinct} keys differ`), // two of 20,000 are equal once in 21 runs; five more never
    expect(steps > count - 10 && turns > count - 10, `${steps} steps, ${turns} differences`),
    expect(bits.every((ones) => Math.abs(ones - count / 2) < room), `bits set: ${bits.join(" ")}`),
  ]);
}
