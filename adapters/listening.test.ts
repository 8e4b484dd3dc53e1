import { expect, test } from "vitest";
import { onAddress, OpenCount } from "./listening.ts";

test("without a host name, IPv6's address for all is tried first, and IPv4's where there is no IPv6", () => {
  const listen = (code: string) => (hostname: string): string => {
    if (hostname === "::") throw Object.assign(new Error("no"), { code });
    return hostname;
  };
  expect(onAddress(undefined, (hostname) => hostname)).toBe("::");
  expect(onAddress("localhost", (hostname) => hostname)).toBe("localhost");
  expect(onAddress(undefined, listen("EAFNOSUPPORT"))).toBe("0.0.0.0");
  expect(() => onAddress(undefined, listen("EADDRINUSE"))).toThrow("no"); // else two servers would share one port
});

test("none() settles at once when nothing is open, and otherwise with the last", async () => {
  const count = new OpenCount();
  await count.none();
  count.add();
  count.add();
  let settled = 0;
  const both = [count.none(), count.none()].map((none) => none.then(() => settled++));
  count.remove();
  await Promise.resolve();
  expect(settled).toBe(0);
  count.remove();
  await Promise.all(both);
  expect(settled).toBe(2);
});
