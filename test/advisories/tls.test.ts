import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, serve, type Server } from "../../index.node.ts";
import { type Certificates, makeCertificates } from "../certificate.ts";

let certificates: Certificates;
let server: Server;
beforeAll(async () => {
  certificates = makeCertificates();
  server = await serve({ hostname: "127.0.0.1", tls: { cert: certificates.cert, key: certificates.key } });
});
afterAll(() => server.close());

describe("certificates", () => {
  test("CVE-2016-10536: one that nobody trusts is refused unless the program says otherwise, before the request leaves", async () => {
    const url = `wss://localhost:${server.port}/?token=secret`;
    await expect(connect(url)).rejects.toMatchObject({ name: "HandshakeError", stage: "tls", code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    for (const rejectUnauthorized of [undefined, true, null, 0, ""] as never[]) {
      await expect(connect(url, { tls: { rejectUnauthorized } })).rejects.toMatchObject({ name: "HandshakeError", stage: "tls" });
    }
    expect(server.sockets.size).toBe(0);
    for (const tls of [{ ca: certificates.ca }, { rejectUnauthorized: false }]) expect((await (await connect(url, { tls })).close()).clean).toBe(true);
  });

  test("CVE-2020-11050: one for another host is refused, by name and by address, even from a trusted authority", async () => {
    const { ca } = certificates;
    const other = await serve({ hostname: "127.0.0.2", tls: { cert: certificates.cert, key: certificates.key } });
    const { port } = other;
    await expect(connect(`wss://127.0.0.2:${port}/`, { tls: { ca } })).rejects.toMatchObject({ stage: "tls", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    await expect(connect(`wss://localhost:${server.port}/`, { tls: { ca, servername: "example.com" } })).rejects.toMatchObject({ stage: "tls", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect((await (await connect(`wss://127.0.0.2:${port}/`, { tls: { ca, servername: "localhost" } })).close()).clean).toBe(true);
    expect((await (await connect(`wss://127.0.0.1:${server.port}/`, { tls: { ca } })).close()).clean).toBe(true);
    await other.close();
  });
});
