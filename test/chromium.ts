/**
 * Headless Chromium for tests. A machine without one skips them and says so; in CI it must be there.
 * @module
 */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** True where tests in Chromium are to be skipped. */
export const isMissing: boolean = executablePath === undefined && process.env["CI"] !== "true";
if (isMissing) console.warn("Tests in Chromium are skipped: there is none. Install it, or set CHROMIUM to its path.");

/** Starts one. */
export async function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("No Chromium: install it, or set CHROMIUM to its path");
  return chromium.launch({
    executablePath,
    args: [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}
