import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Server } from "../index.node.ts";
import { echo, finish, makeCertificate, using } from "./testing.ts";

const certificate = makeCertificate();
describe.skipIf(certificate === undefined)("isosocket connect over TLS (skipped without openssl)", () => {
  const { cert, key } = certificate ?? { cert: "", key: "" };
  const secure = async (body: (server: Server) => Promise<void>, files = { cert, key }): Promise<void> => {
    return using({ ...echo, tls: { cert: readFileSync(files.cert), key: readFileSync(files.key) } }, body);
  };

  it("refuses a certificate it does not know, and says how to trust it", () => secure(async ({ url }) => {
    expect(await finish(["connect", url])).toEqual({
      code: 1, stdout: "",
      stderr: `error: Cannot connect to ${url}: the certificate is self-signed; trust it with --ca FILE, or take any certificate with --insecure (DEPTH_ZERO_SELF_SIGNED_CERT)\n`,
    });
  }));

  it("takes it with --ca, and any with --insecure", () => secure(async ({ url }) => {
    expect(await finish(["connect", url, "-q", "--ca", cert], "hi\n")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
    expect(await finish(["connect", url, "-q", "--insecure"], "hi\n")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
  }));

  it("refuses a certificate for another host", () => {
    const other = makeCertificate("DNS:other.example") as { cert: string; key: string };
    return secure(async ({ url }) => {
      const { code, stderr } = await finish(["connect", url, "--ca", other.cert]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("the certificate is for another host")]);
    }, other);
  });

  it("says when TLS is spoken at one end only", async () => {
    await using(echo, async ({ url }) => {
      const { code, stderr } = await finish(["connect", url.replace("ws:", "wss:")]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: [^\n]+\n$/)]);
      expect(stderr).toContain("use ws:// instead of wss://");
    });
    await secure(async ({ url }) => {
      const { code, stderr } = await finish(["connect", url.replace("wss:", "ws:")]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: [^\n]+\n$/)]);
      expect(stderr).toContain("wss://");
    });
  });
});
