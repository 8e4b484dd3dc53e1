import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { describe, expect, test } from "vitest";
import { attach, type ServeHandler, serve } from "../../index.node.ts";
import { request, tcp, victim } from "./peer.ts";

/** The status for a page of that origin, at a server on `localhost`; several for several headers, undefined for none. */
async function statusFor(origin: string | readonly string[] | undefined, handler: ServeHandler<unknown> = {}, host = "localhost"): Promise<number | undefined> {
  const { clock, dial } = victim(handler);
  const peer = dial();
  const origins = origin === undefined ? [] : typeof origin === "string" ? [origin] : origin;
  peer.write(request({ without: ["Host"], lines: [`Host: ${host}`, ...origins.map((each) => `Origin: ${each}`)] }));
  await clock.advance(0);
  return peer.status;
}

const FOREIGN = [
  "http://evil.example", "https://evil.example", "http://localhost.evil.example", "http://evil-localhost", "http://localhostx", "http://xlocalhost",
  "http://localhost:81", "http://127.0.0.1", "http://[::1]", "http://localhost@evil.example", "http://evil.example#localhost", "http://evil.example/localhost",
  "http://localhost/", "http://localhost.", "http://", "localhost", "//localhost", "file://", "", "NULL", "undefined", "chrome-extension://localhost", "http://localhost evil.example",
  "http://localhost, http://localhost",
];

describe("pages that may not connect", () => {
  test("CVE-2025-24010: a server that nobody configured refuses foreign pages with 403, and serves its own and what is no browser", async () => {
    for (const origin of FOREIGN) expect([origin, await statusFor(origin)]).toEqual([origin, 403]);
    for (const origin of ["http://localhost", "https://localhost", "HTTP://LocalHost", "http://localhost:80", undefined]) expect([origin, await statusFor(origin)]).toEqual([origin, 101]);
    expect(await statusFor("http://localhost:8080", {}, "localhost:8080")).toBe(101);
    expect(await statusFor("http://localhost", {}, "localhost:8080")).toBe(403);
  });

  test("CVE-2026-27148: the same holds on every way to serve: a port of ours, and an HTTP server that is somebody else's", async () => {
    const server = await serve({ hostname: "127.0.0.1" });
    const other = http.createServer();
    attach(other, {});
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    for (const port of [server.port, (other.address() as net.AddressInfo).port]) {
      for (const [origin, status] of [["http://evil.example", 403], ["null", 403], [`http://localhost:${port}`, 101], ["http://localhost", 403]] as const) {
        const { heard, socket } = await tcp(port, request({ without: ["Host"], lines: [`Host: localhost:${port}`, `Origin: ${origin}`] }));
        await expect.poll(() => heard.status).toBe(status);
        socket.destroy();
      }
    }
    other.close();
    await server.close();
  });

  test("CVE-2026-27977: a page of origin null is foreign, by default and to every list", async () => {
    expect(await statusFor("null")).toBe(403);
    expect(await statusFor("null", {}, "null")).toBe(403); // not even where the host is called so
    expect(await statusFor("null", { origins: ["http://localhost", "https://example.com"] })).toBe(403);
    expect(await statusFor("null", { origins: (origin) => origin === undefined })).toBe(403);
    expect(await statusFor("null", { origins: ["null"] })).toBe(101); // who lists it means it
  });

  test("CVE-2026-112085: a list is compared whole: neither a part, a port, a scheme nor a second header passes", async () => {
    const origins = ["https://good.com", "http://localhost:3000"];
    for (const origin of ["https://evil-good.com", "https://good.com.evil.com", "http://good.com", "https://good.com:444", "https://good.co", "https://good.commm", "https://sub.good.com", "http://localhost", "http://localhost:30000"]) {
      expect([origin, await statusFor(origin, { origins })]).toEqual([origin, 403]);
    }
    for (const origin of ["https://good.com", "HTTPS://GOOD.com", "http://localhost:3000"]) expect([origin, await statusFor(origin, { origins })]).toEqual([origin, 101]);
    for (const two of [["https://good.com", "https://evil.com"], ["https://evil.com", "https://good.com"], ["https://good.com", "https://good.com"]]) {
      expect([two, await statusFor(two, { origins })]).toEqual([two, 403]);
    }
    expect(await statusFor("https://evil.com", { origins: [] })).toBe(403);
  });

  test("npm-725: a check that answers with a promise, or anything but true, lets nobody in", async () => {
    for (const verdict of [Promise.resolve(false), Promise.resolve(true), 1, "yes", {}, undefined, null]) {
      expect(await statusFor("http://evil.example", { origins: (() => verdict) as never })).toBe(403);
    }
    expect(await statusFor("http://evil.example", { origins: () => true })).toBe(101);
  });

  test("CVE-2026-133111: Origin reaches the program's own check as it came", async () => {
    const seen: (string | undefined)[] = [];
    const inCheck: (string | undefined)[] = [];
    for (const origin of ["http://evil.example", "null", undefined, "HTTP://Localhost:80"]) {
      await statusFor(origin, {
        origins: (heard) => inCheck.push(heard) > 0,
        upgrade: (asked) => void seen.push(asked.header("Origin")),
      });
    }
    expect(seen).toEqual(["http://evil.example", "null", undefined, "HTTP://Localhost:80"]);
    expect(inCheck).toEqual(seen);
  });

  test("CVE-2020-28481: no answer allows another origin to read, unless the program says so", async () => {
    for (const lines of [[], ["Origin: http://evil.example"], ["Origin: http://evil.example", "Access-Control-Request-Method: GET"]]) {
      for (const method of ["GET", "OPTIONS", "POST"]) {
        for (const text of [request({ lines }), request({ without: ["Upgrade"], lines })]) {
          const { clock, dial } = victim({ request: () => ({ body: "a page" }) });
          const peer = dial();
          peer.write(text.replace("GET", method));
          await clock.advance(0);
          expect(peer.status).toBeDefined();
          expect(peer.text).not.toMatch(/access-control/i);
        }
      }
    }
    const { clock, dial } = victim({ request: () => ({ headers: { "Access-Control-Allow-Origin": "http://a.example" } }) });
    const peer = dial();
    peer.write(request({ without: ["Upgrade"] }));
    await clock.advance(0);
    expect(peer.text).toContain("Access-Control-Allow-Origin: http://a.example\r\n");
  });
});
