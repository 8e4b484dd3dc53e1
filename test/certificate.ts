/**
 * A certificate authority and a leaf for "localhost", made anew for each test run.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts. */
export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  /** The leaf's certificate, for "localhost" and 127.0.0.1. */
  readonly cert: string;
  /** The leaf's key. */
  readonly key: string;
}

/** Makes them with openssl, which must be there. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "isosocket-"));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe", cwd: folder });
  try {
    const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl("req", "-x509", "-days", "2", ...fresh, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=isosocket test authority");
    openssl("req", ...fresh, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost");
    writeFileSync(at("leaf.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:false\n");
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
      "-extfile", "leaf.ext", "-out", "leaf.pem");
    const read = (name: string): string => readFileSync(at(name), "utf8");
    return { ca: read("ca.pem"), cert: read("leaf.pem"), key: read("leaf.key") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
