import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { makeCertificates } from "../test/certificate.ts";

test.runIf(process.platform === "linux")("Bun sets TCP_NODELAY itself, at both ends, plain and TLS", { timeout: 60_000 }, () => {
  const { cert, key } = makeCertificates();
  const file = `${import.meta.dirname}/testing/bun-nodelay.ts`;
  expect(execFileSync("node_modules/.bin/bun", [file, JSON.stringify({ cert, key })], { encoding: "utf8", timeout: 50_000 }).trim()).toBe("1 1 1 1");
});
