/**
 * A share of the attacks on clients, with short deadlines: all of them at full size by `npm run attack -- client --long`.
 * @module
 */
import net, { type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { close, encodeFrame, frame, text } from "../frames.ts";
import { RUNTIMES } from "../targets/start.ts";
import { Target } from "../testing.ts";
import { type Attack, isGood, type Outcome, tabulate } from "./attack.ts";
import { makeCertificates } from "./client-certificates.ts";
import { type ClientGround, End } from "./client-ground.ts";
import { attackClients, CLIENT_ATTACKS } from "./client.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
const certificates = makeCertificates();

/** All that is quick: no flood, and no deadline but a few. */
const QUICK = CLIENT_ATTACKS.filter(({ id, memory, long }) => memory === undefined && !long && !/^(?:W-H[2-8]|C-0[3-9])$/.test(id));
/** Of those that only the core decides about, each second on Node, and each eighth elsewhere. */
const SHARES = RUNTIMES.map((runtime) => ({
  runtime, attacks: QUICK.filter(({ id }, at) => at % (runtime === "node" ? 2 : 8) === 0 || !/^(?:F|K-[ALRSP]|X-[IOPU])/.test(id)),
}));

it.concurrent.each(SHARES)("our client on $runtime withstands what is quick to try", { timeout: LONG }, async ({ runtime, attacks }) => {
  const outcomes = await attackClients({ runtime, attacks, certificates, brief: true });
  expect(outcomes.filter((outcome) => !isGood([outcome])).map(({ id, rule, note }) => `${id} ${rule}: ${note}`)).toEqual([]);
  expect(outcomes.length).toBe(attacks.length);
});

it("the client target goes on to the end, whatever its tester does", { timeout: LONG }, async () => {
  const asked: string[] = [];
  const bytes = (...frames: Parameters<typeof encodeFrame>[0][]): Buffer => Buffer.concat(frames.map((each) => encodeFrame(each, undefined)));
  const scripts: readonly ((end: End) => Promise<unknown>)[] = [
    (end) => end.answer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    (end) => end.answer("SSH-2.0-x\r\n\r\n"),
    async (end) => end.socket.resetAndDestroy(),
    (end) => end.open("", bytes(frame(3, "x"))),
    (end) => end.open("", bytes(close(1000))),
    (end) => end.open("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=1000\r\n"),
  ];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const end = new End(socket, 0);
    void (async () => {
      const target = await end.request();
      asked.push(target);
      const [, number] = /case=([0-9]+)/.exec(target) ?? [];
      if (number !== undefined) await scripts[Number(number) - 1](end);
      else await end.open("", target === "/getCaseCount" ? bytes(text(String(scripts.length)), close(1000)) : bytes(close(1000)));
      await end.left();
      socket.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new Target("client-main.ts", "--url", `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, "--agent", "ours");
  const code = await client.ended;
  server.close();
  expect([code, client.errors.split("\n").at(-2)]).toEqual([0, "the report is made"]);
  expect(asked).toEqual(["/getCaseCount", ...scripts.map((_, at) => `/runCase?case=${at + 1}&agent=ours`), "/updateReports?agent=ours"]);
});

it("an attack that a client does not withstand is told of", { timeout: LONG }, async () => {
  const attack: Attack<ClientGround> = { ...CLIENT_ATTACKS[0], run: () => Promise.reject(new Error("it gave in")) };
  const outcomes: Outcome[] = await attackClients({ runtime: "node", attacks: [attack], certificates, brief: true });
  expect(isGood(outcomes)).toBe(false);
  expect(tabulate("our client", outcomes)).toContain("it gave in");
});

it("a socket that a client keeps is told of", { timeout: LONG }, async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  const kept: net.Socket[] = [];
  const attack: Attack<ClientGround> = {
    ...CLIENT_ATTACKS[0],
    async run({ victim, limits }) {
      const { port } = server.address() as AddressInfo;
      const connected = new Promise<void>((resolve) => server.once("connection", (socket) => (kept.push(socket), resolve())));
      void victim.run({ url: `ws://127.0.0.1:${port}/`, manner: "listener", limits });
      await connected;
      return { verdict: "PASS", note: "" };
    },
  };
  const onOutcome = (): void => kept.forEach((socket) => socket.destroy());
  const outcomes = await attackClients({ runtime: "node", attacks: [attack], certificates, brief: true, onOutcome });
  server.close();
  expect(outcomes.map(({ verdict, note }) => [verdict, note])).toEqual([["FAIL", "it keeps 1 sockets open"]]);
});
