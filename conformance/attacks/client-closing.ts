/**
 * Ends of connections that a server does not play along with (RFC 6455, section 7).
 * @module
 */
import { close, concat, encodeFrame, type Frame, frame, ping, text } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, soft, worst } from "./attack.ts";
import type { Job } from "./client-job.ts";
import { type ClientGround, type Course, decent, type End, lead, MANNERS, pause, timely } from "./client-ground.ts";
import type { Peer } from "../wire/peer.ts";

const bytesOf = (...frames: readonly Frame[]): Uint8Array => concat(frames.map((each) => encodeFrame(each, undefined)));

/** Close frames that are right: what is sent, and what the client is told and answers. */
const CODES: readonly (readonly [what: string, sent: Frame, code: number, answer: number | undefined])[] = [
  ["without a code", close(), 1005, undefined],
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code) => (
    [`with ${code}`, close(code), code, code] as const
  )),
  ["with a reason of 123 bytes", close(1000, "r".repeat(123)), 1000, 1000],
];

export const CLOSING_ATTACKS: readonly Attack<ClientGround>[] = [
  {
    id: "C-01", rule: `each of ${CODES.length} close frames that a server may send is answered with its own code`, source: "RFC 6455, 5.5.1 and 7.4",
    async run(ground) {
      const findings: Finding[] = [];
      for (const [what, sent, code, answer] of CODES) {
        let peer: Peer | undefined;
        const course = await lead(ground, {}, (end) => politely(end, bytesOf(sent), (opened) => peer = opened));
        const { close: told } = course.report;
        findings.push(decent(course), expect(told?.code === code && told.clean, `${what}: it ended with ${told?.code}, clean ${told?.clean}`));
        findings.push(expect(peer?.closed !== undefined && peer.closed.code === answer && peer.broken.length === 0, `${what}: it answered ${JSON.stringify(peer?.closed)}; ${peer?.broken.join()}`));
      }
      return worst(findings);
    },
  },
  {
    id: "C-02", rule: "a server that never answers a close frame is left by the deadline", source: "G14",
    run: (ground) => leaving(ground, () => undefined, 1006),
  },
  {
    id: "C-03", rule: "so is one that neither answers nor reads", source: "G14",
    run: (ground) => leaving(ground, (_, end) => void end.socket.pause(), 1006),
  },
  {
    id: "C-04", rule: "one that answers with its own close frame and never ends TCP is left by the deadline", source: "CVE-2024-23672; G14",
    run: (ground) => leaving(ground, async (peer, end) => {
      await peer.until(() => peer.closed !== undefined, 5_000);
      await end.write(bytesOf(close(1000)));
    }, 1000),
  },
  {
    id: "C-05", rule: "one that closes first and never ends TCP is left by the deadline", source: "CVE-2024-23672; G14",
    run: (ground) => leaving(ground, (_, end) => end.write(bytesOf(close(1000))), 1000, []),
  },
  {
    id: "C-06", rule: "one that goes on sending messages instead of an answer is left by the deadline", source: "G14; CVE-2017-2670",
    run: (ground) => leaving(ground, (_, end) => onAndOn(end, bytesOf(text("more")), 5), 1006),
  },
  {
    id: "C-07", rule: "one that goes on pinging instead of an answer is left by the deadline, and hears no pong", source: "G14; RFC 6455, 5.5.1",
    run: (ground) => leaving(ground, (_, end) => onAndOn(end, bytesOf(ping("x")), 5), 1006),
  },
  {
    id: "C-08", rule: "one that sends on behind both close frames is left by the deadline, and nothing of it is read", source: "RFC 6455, 5.5.1; CVE-2017-2670",
    run: (ground) => leaving(ground, async (_, end) => {
      await end.write(bytesOf(close(1000)));
      await onAndOn(end, bytesOf(text("late")), 5);
    }, 1000, []),
  },
  {
    id: "C-09", rule: "one that breaks a rule and never ends TCP is left by the deadline", source: "G14; RFC 6455, 7.1.7",
    run: (ground) => leaving(ground, (_, end) => end.write(bytesOf(frame(3, "x"))), 1006, []),
  },
  {
    id: "C-10", rule: "one that breaks a rule and sends on as fast as it can is left by the deadline", source: "G14; CVE-2017-2670",
    run: (ground) => leaving(ground, async (_, end) => {
      await end.write(bytesOf(frame(3, "x")));
      await onAndOn(end, new Uint8Array(65_536), 0);
    }, 1006, []),
  },
  {
    id: "C-11", rule: "bytes behind a close frame are not read: neither messages nor another close frame", source: "RFC 6455, 5.5.1",
    async run(ground) {
      const findings: Finding[] = [];
      for (const manner of MANNERS) {
        for (const behind of [bytesOf(text("late"), ping("late")), bytesOf(close(4_001)), bytesOf(frame(3)), Uint8Array.of(255, 255, 255)]) {
          const course = await lead(ground, { manner }, (end) => politely(end, concat([bytesOf(text("a"), close(4_000)), behind])));
          const { messages, close: told } = course.report;
          findings.push(decent(course), expect(told?.code === 4_000 && told.clean && (manner === "bare" || messages === 1), `${manner}: ${messages} messages, ended with ${told?.code}`));
        }
      }
      return worst(findings);
    },
  },
  {
    id: "C-12", rule: "a close frame and the end of TCP in one packet is a clean end", source: "RFC 6455, 7.1.5",
    async run(ground) {
      const findings: Finding[] = [];
      for (const manner of MANNERS) {
        const course = await lead(ground, { manner }, async (end) => {
          await end.open("", bytesOf(text("a"), close(1001)));
          end.socket.end();
        });
        findings.push(decent(course), ends(course, 1001, true));
      }
      return worst(findings);
    },
  },
  {
    id: "C-13", rule: "close frames of both sides that cross are a clean end", source: "RFC 6455, 7.1.3",
    run: (ground) => leaving(ground, async (peer, end) => {
      await end.write(bytesOf(close(4_001)));
      await peer.until(() => peer.closed !== undefined, 5_000);
      end.socket.end();
    }, 4_001, [{ do: "close", code: 4_002 }], 0),
  },
];

/** Sends, waits for the client's close frame, ends TCP. */
async function politely(end: End, bytes: Uint8Array, onPeer: (peer: Peer) => void = () => {}): Promise<void> {
  const peer = await end.open("", bytes);
  onPeer(peer);
  await peer.until(() => peer.over, 5_000);
  end.socket.end();
}

/** The client closes, unless it has other acts; the server does what it likes, and never ends TCP on its own. */
async function leaving(
  ground: ClientGround,
  script: (peer: Peer, end: End) => unknown,
  code: number,
  acts: NonNullable<Job["acts"]> = [{ do: "close" }],
  deadline: number = ground.limits.closeTimeout,
): Promise<Finding> {
  let peer: Peer | undefined;
  let opened = 0;
  const course = await lead(ground, { acts }, async (end) => {
    peer = await end.open();
    opened = performance.now();
    await script(peer, end);
  });
  const broken = peer?.broken ?? [];
  return worst([
    decent(course),
    expect(course.report.close?.code === code, `it ended with ${course.report.close?.code}`),
    expect(broken.length === 0, broken.join("; ")),
    opened === 0 ? fail("it did not open") : deadline === 0 ? quick(course, ground) : timely(course.duration, deadline, ground),
  ]);
}

function quick({ duration }: Course, ground: ClientGround): Finding {
  return duration < ground.limits.closeTimeout ? pass() : soft(`it took ${Math.round(duration)} ms`);
}

function ends({ report }: Course, code: number, clean: boolean): Finding {
  return expect(report.close?.code === code && report.close.clean === clean, `it ended with ${report.close?.code}, clean ${report.close?.clean}`);
}

async function onAndOn(end: End, bytes: Uint8Array, every: number): Promise<void> {
  while (await end.write(bytes)) await pause(every);
}
