import { once } from "node:events";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Case } from "../case.ts";
import { casesForClients, type ClientTester, testClients } from "../client-tester.ts";
import { KEY } from "../head.ts";
import type { CaseResult } from "../result.ts";
import { CASES } from "./all.ts";

const OTHER_KEY = "AQIDBAUGBwgJCgsMDQ4PEA==";

/** What needs a socket, or several connections: the rest is shown by the mutants. */
describe("the opening handshake of a client, over sockets", () => {
  const titles = [
    "Host is a host, and the port of the URL when it is not the scheme's own", "The key is none that an earlier connection had",
    "The method is GET", "Redirects without end", "A redirect to a place that opens",
  ];
  const cases = titles.map((title) => CASES.find((item) => item.title === title) as Case);
  let tester: ClientTester;
  beforeEach(async () => {
    tester = await testClients(0, { cases });
  });
  afterEach(() => tester.close());

  const target = (title: string): string => `/runCase?case=${casesForClients(false, cases).findIndex((item) => item.title === title) + 1}&agent=a`;
  /** Sends a head, gives the answer's, and ends. */
  async function ask(path: string, { method = "GET", host = `127.0.0.1:${new URL(tester.url).port}`, key = OTHER_KEY } = {}): Promise<string> {
    const socket = net.connect(Number(new URL(tester.url).port), "127.0.0.1");
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`);
    socket.write(`Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`);
    const [answer] = await once(socket, "data") as [Buffer];
    socket.end();
    await once(socket.resume(), "close");
    return answer.toString("latin1");
  }

  async function resultOf(title: string): Promise<CaseResult> {
    await expect.poll(() => tester.results("a").some((result) => result.title === title)).toBe(true);
    return tester.results("a").find((result) => result.title === title) as CaseResult;
  }

  it("wants the port in Host", async () => {
    await ask(target(titles[0]), { host: "127.0.0.1" });
    expect((await resultOf(titles[0])).reasons[0]).toBe(`the Host is 127.0.0.1, without the port ${new URL(tester.url).port}`);
    await ask(target(titles[0]));
    await expect.poll(() => tester.results("a")[0].reasons.join()).not.toContain("Host");
  });

  it("remembers keys", async () => {
    await ask(target(titles[0]));
    await ask(target(titles[1]));
    expect((await resultOf(titles[1])).reasons[0]).toBe("the key is AQIDBAUGBwgJCgsMDQ4PEA== once more");
    await ask(target(titles[1]), { key: "AQEBAQEBAQEBAQEBAQEBAQ==" });
    await expect.poll(() => tester.results("a")[1].reasons.join()).not.toContain("the key");
    await ask(target(titles[1]), { key: KEY });
    await expect.poll(() => tester.results("a")[1].reasons[0]).toBe(`the key is ${KEY}, the example of RFC 6455`);
  });

  it("judges a case that is asked for with another method, and refuses what asks for none", async () => {
    await ask(target(titles[2]), { method: "POST" });
    expect((await resultOf(titles[2])).reasons[0]).toBe("the method is POST");
    expect(await ask("/getCaseCount", { method: "POST" })).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("sees a client that follows redirects without end", async () => {
    let path = target(titles[3]);
    let hops = 0;
    for (;;) {
      const next = /^Location: (.*)\r$/m.exec(await ask(path))?.[1];
      if (next === undefined) break;
      path = next;
      hops++;
      if (hops === 20) expect((await resultOf(titles[3])).verdict).toBe("pass");
    }
    expect(hops).toBe(21);
    await expect.poll(async () => (await resultOf(titles[3])).verdict).toBe("non-strict");
    expect((await resultOf(titles[3])).reasons).toEqual(["it followed 20 redirects"]);
  });

  it("opens where a redirect leads", async () => {
    const next = /^Location: (.*)\r$/m.exec(await ask(target(titles[4])))?.[1];
    expect(next).toBe(`${target(titles[4])}&hops=1`);
    expect(await ask(next as string)).toMatch(/^HTTP\/1\.1 101 /);
  });
});
