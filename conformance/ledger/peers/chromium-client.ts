/**
 * The WebSocket of pages in Chromium, headless. Not as by default: nothing.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { bundle } from "../../runtimes/bundle.ts";
import { tester } from "./program.ts";

// named at run time: tests' tools are no part of the suite
const { launch } = await import(join(import.meta.dirname, "../../../test/chromium.ts")) as { launch(): Promise<Browser> };
const folder = mkdtempSync(join(tmpdir(), "isosocket-ledger-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
bundle("../ledger/peers/chromium-page.ts", join(folder, "page.js"));
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.addScriptTag({ path: join(folder, "page.js"), type: "module" });
  await page.evaluate(([base, agent]) => (globalThis as unknown as { runCases(base: string, agent: string): Promise<void> }).runCases(base, agent), tester());
} finally {
  await browser.close();
}
