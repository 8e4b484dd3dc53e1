/**
 * TLS that must not be trusted, that stalls, or that is cut short (RFC 6455, sections 4.1 and 10.6).
 * @module
 */
import type { TLSSocket } from "node:tls";
import { close, concat, encodeFrame, text } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, worst } from "./attack.ts";
import type { Job } from "./client-job.ts";
import { type Certificates, type ClientGround, decent, lead, MANNERS, pause, refused } from "./client-ground.ts";

const HELLO = encodeFrame(text("hello"), undefined);

/** Servers that must be refused: which certificate, at which name, and what the client is told to trust. */
const UNTRUSTED: readonly (readonly [what: string, pair: keyof Omit<Certificates, "ca">, host: string, told: boolean])[] = [
  ["that signed its certificate itself", "selfSigned", "localhost", false],
  ["that signed its certificate itself, where another authority is trusted", "selfSigned", "localhost", true],
  ["whose authority nobody named", "otherAuthority", "localhost", false],
  ["whose authority is not the one named", "otherAuthority", "localhost", true],
  ["whose certificate has expired", "expired", "localhost", true],
  ["whose certificate is for another host", "otherHost", "localhost", true],
  ["whose certificate is for another host, reached by address", "otherHost", "127.0.0.1", true],
];

/** In workerd trust is the platform's: this authority is trusted by its configuration. */
function trust(ground: ClientGround, told: boolean): Partial<Job> {
  return told && ground.victim.runtime !== "workerd" ? { tls: { ca: ground.certificates.ca } } : {};
}

export const TLS_ATTACKS: readonly Attack<ClientGround>[] = [
  {
    id: "T-01", rule: "a server with a good certificate is connected to, by name and by address", source: "G29",
    async run(ground) {
      const findings: Finding[] = [];
      for (const host of ["localhost", "127.0.0.1"]) {
        const course = await lead(ground, trust(ground, true), async (end) => {
          const peer = await end.open("", concat([HELLO, encodeFrame(close(1000), undefined)]));
          await peer.until(() => peer.over, 5_000);
          end.socket.end();
        }, { tls: ground.certificates.good, host });
        const { report } = course;
        findings.push(decent(course), expect(report.first.join() === '"hello"' && report.close?.clean === true, `${host}: ${report.error?.message ?? report.close?.code}`));
      }
      return worst(findings);
    },
  },
  ...UNTRUSTED.map(([what, pair, host, told], at): Attack<ClientGround> => ({
    id: `T-${String(at + 2).padStart(2, "0")}`, rule: `a server ${what} is refused, and hears no request`, source: "CVE-2020-11050; CVE-2016-10536",
    async run(ground) {
      let heard = 0;
      const course = await lead(ground, trust(ground, told), ({ socket }) => void socket.on("data", (bytes: Uint8Array) => heard += bytes.length), { tls: ground.certificates[pair], host });
      return worst([refused(course, ground, { stage: "tls" }), expect(heard === 0, `${heard} bytes were sent to it`)]);
    },
  })),
  {
    id: "T-10", rule: "an answer in the clear where TLS is wanted fails the TLS handshake", source: "G29",
    run: async (ground) => refused(await lead(ground, {}, (end) => end.answer("HTTP/1.1 101 OK\r\n\r\n"), { url: (port) => `wss://localhost:${port}/` }), ground, { stage: "tls" }),
  },
  {
    id: "T-11", rule: "messages right before the end of TLS are delivered, all of them, and a close frame before it is a clean end", source: "G29",
    async run(ground) {
      const findings: Finding[] = [];
      const message = encodeFrame(text("x".repeat(10_000)), undefined);
      for (const manner of MANNERS.filter((each) => each !== "bare")) {
        const course = await lead(ground, { ...trust(ground, true), manner }, async (end) => {
          await end.open("", concat([...Array<Uint8Array>(100).fill(message), encodeFrame(close(1000), undefined)]));
          end.socket.end(); // close_notify, then FIN
        }, { tls: ground.certificates.good, host: "localhost" });
        const { messages, close: told } = course.report;
        findings.push(decent(course), expect(messages === 100 && told?.code === 1000 && told.clean, `${manner}: ${messages} of 100 messages, ended with ${told?.code}`));
      }
      return worst(findings);
    },
  },
  ...([true, false] as const).map((notified): Attack<ClientGround> => ({
    id: notified ? "T-12" : "T-13", rule: `an end of ${notified ? "TLS" : "TCP inside TLS, without close_notify,"} without a close frame is 1006, and what came before it is delivered`, source: "G29; RFC 6455, 7.1.5",
    async run(ground) {
      const findings: Finding[] = [];
      for (const manner of MANNERS) {
        const course = await lead(ground, { ...trust(ground, true), manner }, async (end) => {
          await end.open("", HELLO);
          await pause(50);
          if (notified) end.socket.end();
          else rawOf(end.socket as TLSSocket).shutdown();
        }, { tls: ground.certificates.good, host: "localhost" });
        const { messages, close: told } = course.report;
        findings.push(decent(course), expect((manner === "bare" || messages === 1) && told?.code === 1006 && !told.clean, `${manner}: ${messages} messages, ended with ${told?.code}`));
      }
      return worst(findings);
    },
  })),
  {
    id: "T-14", rule: "a proxy that takes a wss connection itself is found out by its certificate", source: "G29",
    async run(ground) {
      const course = await lead(ground, trust(ground, true), async (end) => {
        await end.request();
        await end.answer("HTTP/1.1 200 OK\r\n\r\n");
        await pause(20);
        await end.answer("HTTP/1.1 101 OK\r\n\r\n"); // not even TLS
      }, { proxied: true, url: () => "wss://nowhere.example/" });
      const { error, opened } = course.report;
      return opened || error?.name !== "HandshakeError" ? fail(`${error?.name}: ${error?.message}`) : worst([decent(course), pass()]);
    },
  },
];

/** The TCP connection below: ended by itself, TLS says no goodbye. */
function rawOf(socket: TLSSocket): { shutdown(): void } {
  return {
    shutdown() {
      const { _parent } = socket as unknown as { readonly _parent: { destroySoon?(): void; end(): void } | undefined };
      if (_parent === undefined) throw new Error("Cannot reach the TCP connection below TLS");
      _parent.end();
    },
  };
}
