/**
 * Servers that let a client wait, or leave it, at each stage of a connection: deadlines, resets and ends (RFC 6455, 7.1.7 and 10.4).
 * @module
 */
import { encodeFrame, ping, text } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, soft, worst } from "./attack.ts";
import type { Job } from "./client-job.ts";
import { ACCEPT, type ClientGround, type Course, decent, type End, lead, type LeadOptions, pause, refused, type Script, timely } from "./client-ground.ts";

const HELLO = encodeFrame(text("hello"), undefined);

/** Servers that never come to the end of the handshake, and in which stages it may be given up. */
const ENDLESS: readonly (readonly [what: string, stage: string, script: Script, job?: Partial<Job>, options?: LeadOptions])[] = [
  ["never answers", "response", (end) => end.request()],
  ["does not even read", "response", ({ socket }) => void socket.pause()],
  ["answers byte by byte, slowly", "response", (end) => drip(end, `${ACCEPT}X: ${"x".repeat(8_000)}\r\n\r\n`)],
  ["sends one header line after the other, slowly", "response", (end) => drip(end, `${ACCEPT}${"X: y\r\n".repeat(90)}`)],
  ["sends 102 Processing again and again, slowly", "response", (end) => drip(end, "HTTP/1.1 102 Processing\r\n\r\n".repeat(200))],
  ["never ends its TLS handshake", "tls", ({ socket }) => void socket.resume(), {}, { url: (port) => `wss://127.0.0.1:${port}/` }],
  ["is a proxy and never answers", "proxy", (end) => end.request(), {}, { proxied: true }],
  ["is a proxy that sends its answer slowly", "proxy", (end) => drip(end, `HTTP/1.1 200 OK\r\nX: ${"x".repeat(8_000)}\r\n\r\n`), {}, { proxied: true }],
  ["redirects on and on, a little later each time", "connect or response", async (end) => {
    await end.request();
    await pause(200);
    await end.answer(`HTTP/1.1 302 On\r\nLocation: /${end.index}\r\nContent-Length: 0\r\n\r\n`);
  }, { redirects: 1_000_000 }],
];

/** Where a server may leave: what it has done by then. The last two are open by then. */
const STAGES: readonly (readonly [stage: string, script: (end: End) => Promise<unknown> | undefined, opened: boolean])[] = [
  ["at once", () => undefined, false],
  ["behind the request", (end) => end.request(), false],
  ["inside the first line", (end) => end.request().then(() => end.answer("HTTP/1.1 10")), false],
  ["inside the head", (end) => end.request().then(() => end.answer(ACCEPT)), false],
  ["inside a refusal's body", (end) => end.request().then(() => end.answer("HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhello")), false],
  ["behind the answer", (end) => end.open(), true],
  ["inside a frame's header", (end) => end.open("", Uint8Array.of(0x82, 0x7f, 0)), true],
  ["inside a message", (end) => end.open("", Uint8Array.of(0x81, 5, 0x68)), true],
  ["behind a message", (end) => end.open("", HELLO), true],
];

export const WAIT_ATTACKS: readonly Attack<ClientGround>[] = [
  ...ENDLESS.map(([what, stage, script, job = {}, options], at): Attack<ClientGround> => ({
    id: `W-H${at + 1}`,
    rule: `a server that ${what}: the handshake is given up by its deadline`,
    source: "G13",
    async run(ground) {
      const course = await lead(ground, job, script, options);
      return worst([given(course, stage, ground), timely(course.duration, ground.limits.handshakeTimeout, ground)]);
    },
  })),
  {
    id: "W-B1",
    rule: "a refusal whose body comes slowly is told of, with its status, by the deadline",
    source: "G13",
    async run(ground) {
      const course = await lead(ground, {}, async (end) => {
        await end.request();
        await end.answer("HTTP/1.1 403 No\r\nContent-Length: 100000\r\n\r\n");
        await drip(end, "x".repeat(8_000), false);
      });
      return worst([refused(course, ground, { status: 403 }), timely(course.duration, ground.limits.handshakeTimeout, ground)]);
    },
  },
  ...STAGES.flatMap(([stage, script, opened], at): Attack<ClientGround>[] => (["reset", "end"] as const).map((how) => ({
    id: `W-${how === "reset" ? "R" : "E"}${at + 1}`,
    rule: `a server that ${how === "reset" ? "resets" : "ends"} TCP ${stage} is told of as what it is`,
    source: how === "reset" ? "CVE-2022-41940" : "RFC 6455, 7.1.5",
    run: (ground) => leaves(ground, how, script, opened),
  }))),
  {
    id: "W-P1",
    rule: "a server that goes silent is given up: a ping behind the silence, and an end with 1006 when no pong comes",
    source: "G15",
    long: true,
    run: (ground) => silent(ground, { manner: "listener" }),
  },
  {
    id: "W-P2",
    rule: "the same where nobody listens",
    source: "G15, G27",
    long: true,
    run: (ground) => silent(ground, { manner: "bare" }),
  },
  {
    id: "W-P3",
    rule: "a message that comes no further ends the connection, though pings are answered",
    source: "G15",
    long: true,
    async run(ground) {
      let code: number | undefined;
      const course = await lead(ground, { limits: { pingInterval: ground.limits.messageTimeout / 4 } }, async (end) => {
        const peer = await end.open("", Uint8Array.of(0x01, 2, 0x68, 0x65));
        const timer = setInterval(() => void end.write(encodeFrame(ping(), undefined)), ground.limits.messageTimeout / 5);
        await peer.until(() => peer.ended, ground.limits.messageTimeout * 4);
        clearInterval(timer);
        code = peer.closed?.code;
        end.socket.end();
      });
      return worst([decent(course), expect(code === 1008, `it said ${code}`), timely(course.duration, ground.limits.messageTimeout, ground)]);
    },
  },
];

/** The attempt must fail for want of time, at that stage. */
function given({ report, released }: Course, stage: string, ground: ClientGround): Finding {
  if (report.opened) return fail("it opened");
  const { error } = report;
  if (error?.name !== "HandshakeError" || error.code !== "ETIMEDOUT" || !stage.split(" or ").includes(error.stage ?? "")) {
    return fail(`it rejected with ${error?.name} ${error?.code} at "${error?.stage}": ${error?.message}`);
  }
  if (released) return pass();
  // Deno closes a connection inside its TLS handshake only once the other side says something (adapters/deno-tls.ts, rule 3)
  return stage === "tls" && ground.victim.runtime === "deno" ? pass("Deno keeps the TCP connection until its server moves") : fail("it keeps the TCP connection");
}

async function leaves(ground: ClientGround, how: "reset" | "end", script: (end: End) => Promise<unknown> | undefined, opened: boolean): Promise<Finding> {
  const findings: Finding[] = [];
  for (const manner of opened ? ["listener", "bare", "loop", "class"] as const : ["listener", "class"] as const) {
    const course = await lead(ground, { manner }, async (end) => {
      await script(end);
      if (opened) await pause(how === "reset" ? 20 : 0); // a reset overtakes what was sent
      if (how === "reset") end.socket.resetAndDestroy();
      else end.socket.end();
    });
    const { report, duration } = course;
    if (opened) findings.push(expect(report.opened && report.close?.code === 1006 && !report.close.clean, `${manner}: opened ${report.opened}, ended with ${report.close?.code}`));
    else findings.push(expect(!report.opened && (manner === "class" || report.error?.name === "HandshakeError"), `${manner}: ${report.error?.name}: ${report.error?.message}`));
    findings.push(decent(course));
    if (duration > ground.limits.closeTimeout) findings.push(soft(`it took ${Math.round(duration)} ms`));
  }
  return worst(findings);
}

/** The server answers, then neither reads nor writes. */
async function silent(ground: ClientGround, job: Partial<Job>): Promise<Finding> {
  const course = await lead(ground, job, async (end) => {
    await end.open();
    end.socket.pause();
  }, { patience: 120_000 });
  const { report, duration } = course;
  const { pingInterval, pongTimeout } = ground.limits;
  return worst([
    decent(course),
    expect(report.close?.code === 1006 && !report.close.clean && report.close.fault === "pongTimeout", `it ended with ${report.close?.code}, ${report.close?.fault}`),
    timely(duration, pingInterval + pongTimeout, ground),
  ]);
}

/** A byte each 50 ms, for as long as there are some. */
async function drip(end: End, answer: string, read = true): Promise<void> {
  if (read) await end.request();
  for (const byte of Buffer.from(end.filled(answer), "latin1")) {
    if (!(await end.write(Uint8Array.of(byte)))) return;
    await pause(50);
  }
}
