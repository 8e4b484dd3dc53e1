/**
 * Certificates of servers that should be trusted, and of some that must not be, made anew for each run with openssl.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificates, Pair } from "./client-ground.ts";

/** Makes them; openssl must be there. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "isosocket-attack-"));
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe", cwd: folder });
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const authority = (name: string): void => (
    openssl("req", "-x509", "-days", "2", ...FRESH, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", `/CN=isosocket ${name}`)
  );
  const leaf = (name: string, issuer: string, hosts: string, days: string): Pair => {
    openssl("req", ...FRESH, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", "/CN=localhost");
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${hosts}\nbasicConstraints=CA:false\n`);
    openssl("x509", "-req", "-in", `${name}.csr`, "-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial", "-days", days,
      "-extfile", `${name}.ext`, "-out", `${name}.pem`);
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  try {
    authority("authority");
    authority("stranger");
    openssl("req", "-x509", "-days", "2", ...FRESH, "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=localhost", "-addext", `subjectAltName=${HERE}`);
    return {
      ca: read("authority.pem"),
      good: leaf("good", "authority", HERE, "2"),
      selfSigned: { cert: read("self.pem"), key: read("self.key") },
      expired: leaf("expired", "authority", HERE, "-1"),
      otherHost: leaf("other", "authority", "DNS:other.example", "2"),
      otherAuthority: leaf("unknown", "stranger", HERE, "2"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FRESH = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const HERE = "DNS:localhost,IP:127.0.0.1";
