import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, launch } from "../../test/chromium.ts";
import type { LogEntry, Report } from "../wire/result.ts";
import { renderPage } from "./page.ts";
import { faintTexts, open, type OpenPage, overflow } from "./testing/browser.ts";
import { ATTACKS, hostileReport } from "./testing/hostile.ts";
import { sampleReport } from "./testing/sample.ts";

const report = sampleReport({ cases: 400, seed: 7 });
const failed = report.results.filter(({ verdict }) => verdict === "fail");
const passed = report.results.filter(({ verdict }) => verdict === "pass");

describe("the page of a run", () => {
  const html = renderPage(report);

  test("says who was tested, when, how, and what came of it", () => {
    for (const part of [report.agent, report.url, "2026-11-21 05:00 UTC", `seed ${report.seed}`, report.command!]) expect(html).toContain(part);
    expect(html).toContain(`Of ${report.results.length} cases, ${report.totals.pass} passed`);
    expect(renderPage({ ...report, complete: false })).toContain("stopped before its end");
    expect(renderPage({ ...report, results: [], totals: { pass: 0, "non-strict": 0, unimplemented: 0, fail: 0 } })).toContain("No case was run");
  });

  test("refers to nothing but sections of RFCs and itself", () => {
    const links = [...html.matchAll(/ (?:src|href|action|srcset|poster)="([^"]*)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(report.results.length);
    expect(links.filter((link) => !/^https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+#section-[\d.]+$|^data:image\/svg/.test(link))).toEqual([]);
    expect(html).not.toMatch(/@import|url\(|<script[^>]+src|<(img|iframe|object|embed|base|meta http-equiv="refresh")/);
  });

  test("lists sections and cases by their numbers", () => {
    const ids = [...html.matchAll(/class="case [^"]*" id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(report.results.length);
    expect(ids.indexOf("5.2-10")).toBe(ids.indexOf("5.2-9") + 1);
    expect(ids.findIndex((id) => id.startsWith("7692:"))).toBeGreaterThan(ids.findLastIndex((id) => id.startsWith("8.1-")));
  });
});

describe.skipIf(isMissing)(`in Chromium${isMissing ? " (skipped: there is none)" : ""}`, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launch()), 60_000);
  afterAll(() => browser?.close());

  /** Opens a page, waits until it is ready, and sees to it that nothing is wrong at the end. */
  async function visit(run: (opened: OpenPage) => Promise<void>, { of = report, hash = "", ...options }: { of?: Report; hash?: string } & Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
    const opened = await open(browser, renderPage(of), hash, options);
    try {
      if (options.javaScriptEnabled !== false) await opened.page.waitForSelector("html[data-ready]");
      await run(opened);
      expect(opened.problems).toEqual([]);
    } finally {
      await opened.close();
    }
  }
  const shown = (opened: OpenPage): Promise<string[]> => opened.page.locator(".case:visible").evaluateAll((rows) => rows.map((row) => row.id));

  test("shows what did not pass at once, and the rest of a section when it is opened", () => visit(async (opened) => {
    expect((await shown(opened)).length).toBe(report.totals.fail + report.totals["non-strict"]);
    const group = opened.page.locator("[id='rfc6455-5.2']");
    await group.locator(".toggle").click();
    expect(await group.locator(".case:visible").count()).toBe(report.results.filter(({ rfc, section }) => rfc === 6455 && section === "5.2").length);
    await opened.page.click("#all");
    expect((await shown(opened)).length).toBe(report.results.length);
    await opened.page.click("#all");
    expect((await shown(opened)).length).toBe(report.totals.fail + report.totals["non-strict"]);
  }));

  test("filters by verdict, searches, and both", () => visit(async (opened) => {
    const { page } = opened;
    await page.click("[data-verdict=unimplemented].choice");
    expect((await shown(opened)).length).toBe(report.totals.unimplemented);
    expect(await page.textContent("#count")).toBe(`${report.totals.unimplemented} of ${report.results.length} cases`);
    await page.click("[data-verdict=unimplemented].choice");
    expect(await page.textContent("#count")).toBe("");
    for (const [words, ids] of [
      ["5.4-3", report.results.filter(({ id }) => id.startsWith("5.4-3")).map(({ id }) => id)],
      ["SURROGATE 8.1-1", report.results.filter(({ id, title, rule, reasons }) => id.includes("8.1-1") && [title, rule, ...reasons].join().toLowerCase().includes("surrogate")).map(({ id }) => id)],
      [failed[0].reasons[0], report.results.filter(({ reasons }) => reasons.includes(failed[0].reasons[0])).map(({ id }) => id)],
      ["autobahn 7.3", report.results.filter(({ autobahn }) => autobahn?.startsWith("7.3")).map(({ id }) => id)],
      ["there is no such text", []],
    ] as const) {
      await page.fill("#search", words);
      expect(ids.length > 0 || words.startsWith("there is")).toBe(true);
      expect((await shown(opened)).sort()).toEqual([...ids].sort());
      expect(await page.isVisible("#empty")).toBe(ids.length === 0);
    }
    await page.fill("#search", "reserved bit");
    await page.click("[data-verdict=fail].choice");
    expect((await shown(opened)).sort()).toEqual(failed.filter(({ rule }) => rule.includes("reserved bit")).map(({ id }) => id).sort());
    await page.fill("#search", "");
    expect((await shown(opened)).length).toBe(report.totals.fail);
  }));

  test("a link into it opens a case, and shows all of that", () => {
    const one = passed.find(({ id }) => id.startsWith("5.4-") && Number(id.slice(4)) % 2 === 0)!;
    return visit(async ({ page }) => {
      const row = page.locator(`[id='${one.id}']`);
      await expect.poll(() => row.locator(".log").isVisible()).toBe(true);
      expect(await row.evaluate((element) => Math.round(element.getBoundingClientRect().top))).toBeLessThan(300);
      const text = (await row.innerText()).replace(/\s+/g, " ");
      const told = [one.rule, "RFC 6455, section 5.4", ...one.sends, one.accepts.pass, one.accepts.nonStrict!, one.accepts.fail, "GET / HTTP/1.1", "101 Switching Protocols", "\"fragment \"", "\"between\"", "ends TCP", `--cases ${one.id}`];
      for (const part of told) expect(text).toContain(part);
      expect(await row.locator("a[href='https://www.rfc-editor.org/rfc/rfc6455#section-5.4']").count()).toBe(1);
      const chips = await row.locator(".log tr.frame").first().locator(".chip").allInnerTexts();
      expect(chips).toEqual(["text", "no FIN", "masked", "9 bytes"]);
      expect((await row.locator(".log tr.frame .bits").first().innerText())).toBe("01");
      expect((await row.locator(".log tr.frame .key").first().innerText())).toMatch(/^([0-9a-f]{2} ){3}[0-9a-f]{2}$/);
      // another link, to a case that a filter hides
      await page.click("[data-verdict=fail].choice");
      await page.evaluate((id) => void (location.hash = id), encodeURIComponent(passed[passed.length - 1].id));
      const other = page.locator(`[id='${passed[passed.length - 1].id}']`);
      await expect.poll(() => other.locator(".log").isVisible()).toBe(true);
      const top = await other.evaluate((element) => element.getBoundingClientRect().top);
      expect(top).toBeGreaterThan(0);
      expect(top).toBeLessThan(300);
      expect(await page.getAttribute(".choice[data-verdict='']", "aria-pressed")).toBe("true");
    }, { hash: `#${one.id}` });
  });

  test.each([360, 700, 1280])("what a link opens is not under the tools, in %i pixels", (width) => {
    const { id } = passed[passed.length - 1];
    return visit(async ({ page }) => {
      const gap = (): Promise<number> => page.evaluate((id) => document.getElementById(id)!.getBoundingClientRect().top - document.querySelector(".tools")!.getBoundingClientRect().bottom, id);
      expect(await page.locator(`[id='${id}'] .log`).isVisible()).toBe(true);
      expect(await gap()).toBeGreaterThanOrEqual(0);
      await page.keyboard.press("j");
      await page.keyboard.press("k");
      expect(await gap()).toBeGreaterThanOrEqual(0);
    }, { hash: `#${id}`, viewport: { width, height: 700 } });
  });

  test("a link into it opens a section, and one to nothing does nothing", async () => {
    await visit(async ({ page }) => {
      expect(await page.getAttribute("[id='rfc7692-7.2.3.4'] .toggle", "aria-expanded")).toBe("true");
    }, { hash: "#rfc7692-7.2.3.4" });
    await visit(async (opened) => expect((await shown(opened)).length).toBe(report.totals.fail + report.totals["non-strict"]), { hash: "#%E0%A4%A" });
  });

  test("shows frames of every shape", () => {
    const rows = [["5.6-2", "65,536 bytes", "and 65,472 bytes more"], ["5.2-1", "RSV3", "masked"], ["5.2-3", "opcode 11", "RSV2"]];
    return visit(async ({ page }) => {
      await page.click("#all");
      for (const [id, ...parts] of rows) {
        await page.locator(`[id='${id}'] > summary`).click();
        const text = await page.locator(`[id='${id}'] .log`).innerText();
        for (const part of parts) expect(text).toContain(part);
      }
      const digits = await page.locator("[id='5.6-2'] .length").first().innerText();
      expect(digits).toBe("ff 00 00 00 00 00 01 00 00");
      expect(page.url()).toMatch(/#5\.2-3$/);
    });
  });

  test("goes by keys", () => visit(async ({ page }) => {
    const here = (): Promise<string | undefined> => page.evaluate(() => document.activeElement?.closest(".case")?.id);
    const order = await page.locator(".case:visible").evaluateAll((rows) => rows.map((row) => [row.id, (row as HTMLElement).dataset["verdict"]]));
    const failures = order.filter(([, verdict]) => verdict === "fail").map(([id]) => id);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    expect(await here()).toBe(order[1][0]);
    await page.keyboard.press("k");
    expect(await here()).toBe(order[0][0]);
    for (const id of failures.slice(0, 3).filter((id) => id !== order[0][0])) {
      await page.keyboard.press("n");
      expect(await here()).toBe(id);
    }
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".case[open] .log").count()).toBe(1);
    await page.keyboard.press("/");
    await page.keyboard.type("j/n");
    expect(await page.inputValue("#search")).toBe("j/n");
    await page.keyboard.press("Escape");
    expect(await page.inputValue("#search")).toBe("");
  }));

  test("is printed with all that failed opened, and as before afterwards", () => visit(async ({ page }) => {
    await page.emulateMedia({ media: "print" });
    await expect.poll(() => page.locator(".case.fail[open] .log:visible").count()).toBe(report.totals.fail);
    expect(await page.locator(".case.pass:visible").count()).toBe(0);
    expect(await page.locator(".tools").isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
    await expect.poll(() => page.locator(".case[open]").count()).toBe(0);
  }));

  test("is ready for paper at once", () => visit(async ({ page }) => {
    // a browser prints right behind this event: nothing may come later
    const logs = await page.evaluate(() => dispatchEvent(new Event("beforeprint")) && document.querySelectorAll(".case[open] .log").length);
    expect(logs).toBe(report.totals.fail + report.totals["non-strict"]);
  }));

  test("never scrolls sideways at 360 pixels, whatever is long", () => {
    const long = "x".repeat(500);
    const [one] = failed;
    const log = [...one.log, ...(["head", "note"] as const).map((kind) => ({ at: 123_456.78, by: "tester" as const, kind, text: long })), { ...one.log.find(({ kind }) => kind === "frame")!, says: long, payload: "ab".repeat(64) } as LogEntry];
    const result = { ...one, title: long, rule: long, autobahn: long, sends: [long], accepts: { pass: long, fail: long }, reasons: [long], log };
    return visit(async ({ page }) => {
      expect(await overflow(page)).toBe(0);
      await page.locator(".case > summary").click();
      await expect.poll(() => page.locator(".log").isVisible()).toBe(true);
      expect(await overflow(page)).toBe(0);
      await page.setViewportSize({ width: 1100, height: 700 });
      expect(await overflow(page)).toBe(0);
    }, { of: { ...report, agent: long, url: long, suite: long, command: long, results: [result] }, viewport: { width: 360, height: 740 } });
  });

  test("never scrolls sideways at 360 pixels, with everything opened", () => visit(async ({ page }) => {
    await page.click("[data-verdict=fail].choice");
    await page.locator(".case:visible").evaluateAll((rows) => rows.forEach((row) => void ((row as HTMLDetailsElement).open = true)));
    await page.locator("[id='5.6-2'], [id='5.4-2'], [id='7692:7.1.1.1-1']").evaluateAll((rows) => rows.forEach((row) => void ((row as HTMLDetailsElement).open = true)));
    await page.click("[data-verdict=''].choice");
    await page.evaluate(() => document.querySelectorAll<HTMLElement>(".toggle").forEach((toggle) => toggle.click()));
    await expect.poll(() => page.locator(".log:visible").count()).toBeGreaterThan(5);
    expect(await overflow(page)).toBe(0);
  }, { viewport: { width: 360, height: 740 } }));

  test.each(["light", "dark"] as const)("can be read in %s: every text has a contrast of 4.5", (colorScheme) => visit(async ({ page }) => {
    await page.click("#all");
    await page.locator("[id='5.2-1'], [id='5.2-3'], [id='5.4-2'], .case.fail, .case.non-strict").evaluateAll((rows) => rows.slice(0, 20).forEach((row) => void ((row as HTMLDetailsElement).open = true)));
    await expect.poll(() => page.locator(".chip:visible").count()).toBeGreaterThan(20);
    expect(await faintTexts(page)).toEqual([]);
    await page.click("[data-verdict=fail].choice");
    expect(await faintTexts(page)).toEqual([]);
  }, { colorScheme }));

  test("can be read without a script: cases, rules and what was wrong", () => visit(async ({ page }) => {
    expect(await page.locator(".case:visible").count()).toBe(report.results.length);
    await page.locator(`[id='${failed[0].id}'] > summary`).click();
    const text = await page.locator(`[id='${failed[0].id}']`).innerText();
    expect(text).toContain(failed[0].rule);
    expect(text).toContain(failed[0].reasons[0]);
    expect(await page.locator(".tools").isVisible()).toBe(false);
  }, { javaScriptEnabled: false }));

  test("what a peer sends stays text, even where no policy helps", () => visit(async ({ page }) => {
    const count = (): Promise<number> => page.evaluate(() => document.querySelectorAll("img, iframe, svg:not(.bar), [onload], [onerror], [onfocus], [onmouseover], script:not([id='data'], [id='archive'], :last-of-type), b, h4").length);
    await page.click("#all");
    await page.locator(".case").evaluateAll((rows) => rows.forEach((row) => void ((row as HTMLDetailsElement).open = true)));
    await expect.poll(() => page.locator(".log").count()).toBe(ATTACKS.length + 1);
    expect(await count()).toBe(0);
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
    for (const [at, attack] of ATTACKS.slice(0, 8).entries()) {
      const row = page.locator(`[id='5.2-${at + 1}']`);
      for (const part of [".rule", ".reasons li >> nth=0", ".plan li >> nth=0", ".says", ".log pre", ".log tr.note .what"]) {
        expect(await row.locator(part).textContent()).toContain(attack.slice(0, 20).replace(/^./, (first) => first.toUpperCase()));
      }
    }
    for (const part of [".says", ".log tr.note .what", ".plan li >> nth=0", ".plan dd.is", ".reasons li >> nth=0", ".rule"]) {
      expect(await page.locator(`[id='5.2-10'] ${part}`).textContent()).toContain("\\u{0} \\u{7} \\u{1b}[31m \\u{202e}\\u{2066} \\u{2028}\\u{2029} \\u{feff} \\u{d800} \\u{dfff}");
    }
    expect(await page.locator("[id='5.2-10'] .log pre").textContent()).toContain("\\u{0} \\u{7} \\u{1b}[31m \\u{202e}");
  }, { of: hostileReport(), bypassCSP: true }));

  test("its policy lets no foreign script run", async () => {
    const { page, problems, close } = await open(browser, renderPage(report));
    await page.waitForSelector("html[data-ready]");
    await page.evaluate(() => {
      const image = document.createElement("p");
      image.innerHTML = `<img src="data:," onerror="window.pwned = 1">`;
      const script = document.createElement("script");
      script.textContent = "window.pwned = 2";
      document.body.append(image, script);
    });
    await expect.poll(() => problems.filter((problem) => problem.includes("Content Security Policy")).length).toBeGreaterThan(1);
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
    await close();
  });
});
