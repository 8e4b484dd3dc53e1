/**
 * Servers and clients that speak TLS, right or with one rule broken (RFC 6455, section 10.6). They cannot run in process: TLS is Node's.
 * @module
 */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { carry } from "./carry.ts";
import { EchoPeer } from "./peer/echo.ts";
import { RIGHT, type Rules } from "./peer/rules.ts";

/** What an end does with TLS. */
export interface TlsRules {
  /** The oldest version it speaks, and the newest. */
  readonly versions: readonly [least: "TLSv1" | "TLSv1.2" | "TLSv1.3", most: "TLSv1.2" | "TLSv1.3"];
  /** Whether it serves what comes without TLS. */
  readonly plain: "refused" | "served" | "ignored";
  /** Whether it serves a connection; else it says nothing. */
  serves(socket: tls.TLSSocket): boolean;
  /** How few bytes it can read at once. */
  readonly leastRead: number;
  /** It answers what came before the other side ended TLS. */
  readonly answersEnd: boolean;
  /** What is inside. */
  readonly inside: Rules;
}

/** One broken rule, the ends that have it, and the titles of the cases that must catch it. */
export interface TlsMutant {
  readonly name: string;
  readonly roles: readonly ("server" | "client")[];
  readonly change: Partial<TlsRules>;
  readonly caughtBy: RegExp;
}

const BOTH = ["server", "client"] as const;
const SERVER = ["server"] as const;

/** As they should be. */
const RIGHT_TLS: TlsRules = { versions: ["TLSv1.2", "TLSv1.3"], plain: "refused", serves: () => true, leastRead: 1, answersEnd: true, inside: RIGHT };

/** All of them. */
export const TLS_MUTANTS: readonly TlsMutant[] = [
  {
    name: "echoes-large-ones", roles: BOTH, change: { inside: { ...RIGHT, echo: (message) => message.payload.length < 16_384 ? [] : RIGHT.echo(message) } },
    caughtBy: /^(?!.*several).*(?:echoed|acted on|works|served|accepted|is taken)/,
  },
  { name: "needs-two-bytes", roles: BOTH, change: { leastRead: 2 }, caughtBy: /record for each byte/ },
  { name: "holds-one-record", roles: BOTH, change: { inside: { ...RIGHT, maxMessage: 16_384 } }, caughtBy: /several TLS records/ },
  { name: "loses-early-bytes", roles: BOTH, change: { inside: { ...RIGHT, readEarly: () => new Uint8Array(0), readsBehindAnswer: false } }, caughtBy: /^A frame behind/ },
  { name: "drops-at-the-end", roles: BOTH, change: { answersEnd: false }, caughtBy: /behind which TLS ends/ },
  { name: "speaks-old-versions", roles: SERVER, change: { versions: ["TLSv1", "TLSv1.3"] }, caughtBy: /TLS 1\.[01] is refused/ },
  { name: "speaks-1.3-alone", roles: SERVER, change: { versions: ["TLSv1.3", "TLSv1.3"] }, caughtBy: /TLS 1\.2 alone/ },
  { name: "speaks-1.2-alone", roles: SERVER, change: { versions: ["TLSv1.2", "TLSv1.2"] }, caughtBy: /TLS 1\.3 alone/ },
  { name: "needs-alpn", roles: SERVER, change: { serves: ({ alpnProtocol }) => alpnProtocol === "http/1.1" }, caughtBy: /no application protocols/ },
  { name: "ignores-nameless", roles: SERVER, change: { serves: ({ servername }) => typeof servername === "string" }, caughtBy: /no server name/ },
  { name: "ignores-resumed", roles: SERVER, change: { serves: (socket) => !socket.isSessionReused() }, caughtBy: /earlier TLS session/ },
  { name: "serves-without-tls", roles: SERVER, change: { plain: "served" }, caughtBy: /without TLS/ },
  { name: "ignores-without-tls", roles: SERVER, change: { plain: "ignored" }, caughtBy: /without TLS/ },
];

/** Listens at a free port of "localhost". */
export async function serveTls(certificate: { readonly cert: string; readonly key: string }, change: Partial<TlsRules> = {}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const rules = { ...RIGHT_TLS, ...change };
  const [minVersion, maxVersion] = rules.versions;
  const sockets = new Set<Socket>();
  const old = minVersion === "TLSv1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {};
  const inner = tls.createServer({ ...certificate, minVersion, maxVersion, ...old, ALPNProtocols: ["http/1.1"], allowHalfOpen: true }, (socket) => {
    if (rules.serves(socket)) run(socket, new EchoPeer("server", rules.inside), rules);
  }).on("tlsClientError", () => {});
  await listen(inner);
  const outer = rules.plain === "refused" ? inner : net.createServer({ allowHalfOpen: true }, (socket) => void look(socket, portOf(inner), rules));
  if (outer !== inner) await listen(outer);
  for (const server of [inner, outer]) server.on("connection", (socket: Socket) => void sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {})));
  return {
    url: `wss://localhost:${portOf(outer)}/`,
    close: async () => {
      for (const server of new Set([inner, outer])) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** TLS goes on to where it is spoken; what is none is served, or not. */
async function look(socket: Socket, port: number, rules: TlsRules): Promise<void> {
  const [first] = await once(socket, "data") as [Uint8Array];
  socket.pause().unshift(first);
  if (first[0] === HANDSHAKE) {
    const onward = net.connect({ host: "localhost", port, allowHalfOpen: true }).on("error", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  } else if (rules.plain === "served") {
    run(socket, new EchoPeer("server", rules.inside), rules);
    socket.resume();
  }
}

function listen(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "localhost", resolve));
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

/** Goes through so many cases of a tester for clients, one after the other. */
export async function goThrough(url: string, agent: string, count: number, change: Partial<TlsRules> = {}): Promise<void> {
  const rules = { ...RIGHT_TLS, ...change };
  const { hostname, port, host } = new URL(url);
  for (let number = 1; number <= count; number++) {
    const options: tls.ConnectionOptions & { allowHalfOpen: true } = { host: hostname, port: Number(port), allowHalfOpen: true, rejectUnauthorized: false };
    const socket = tls.connect(options);
    await once(socket, "secureConnect");
    const closed = once(socket, "close");
    run(socket, new EchoPeer("client", rules.inside, { host, target: `/runCase?case=${number}&agent=${agent}` }), rules);
    await closed;
  }
}

function run(socket: Socket, peer: EchoPeer, { leastRead, answersEnd }: TlsRules): void {
  if (leastRead > 1) socket.prependListener("data", ({ length }: Uint8Array) => {
    if (length < leastRead) socket.destroy();
  });
  carry(socket, peer, answersEnd ? 0 : 20);
}

/** The first byte of a TLS handshake (RFC 8446, section 5.1). */
const HANDSHAKE = 0x16;
