import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, launch } from "../../test/chromium.ts";
import { countVerdicts, type Report } from "../wire/result.ts";
import { renderIndex } from "./matrix.ts";
import { faintTexts, open, type OpenPage, overflow } from "./testing/browser.ts";
import { ATTACKS, hostileReport } from "./testing/hostile.ts";
import { sampleReport } from "./testing/sample.ts";

/** An agent that was not asked what others were. */
function without(report: Report, section: string): Report {
  const results = report.results.filter((result) => result.section !== section);
  return { ...report, results, totals: countVerdicts(results) };
}

const servers = [
  sampleReport({ agent: "ws 8.23.0", cases: 300, seed: 1 }),
  sampleReport({ agent: "Deno 2.9.5", cases: 300, seed: 2, fail: 0.08, unimplemented: 0 }),
  without(sampleReport({ agent: "isosocket on Node 24", cases: 300, seed: 3, fail: 0, nonStrict: 0, unimplemented: 0 }), "5.3"),
  ...[4, 5, 6, 7, 8].map((seed) => sampleReport({ agent: `agent ${seed} with a rather long name`, cases: 300, seed })),
];
const clients = [sampleReport({ agent: "Chromium 156", role: "client", cases: 200, seed: 5 }), sampleReport({ agent: "ws 8.23.0", role: "client", cases: 200, seed: 9 })];
const reports = [servers[0], clients[0], ...servers.slice(1), clients[1]];
const ids = [...new Set(servers.flatMap(({ results }) => results.map(({ id }) => id)))];
const verdictsOf = (id: string): (string | undefined)[] => servers.map(({ results }) => results.find((result) => result.id === id)?.verdict);
const differing = ids.filter((id) => new Set(verdictsOf(id).filter((verdict) => verdict !== undefined)).size > 1);

test("an index of no reports says so", () => {
  expect(renderIndex([])).toContain("No agents, 0 cases");
});

test("cells link to the page of their agent, even of two with one name", () => {
  const html = renderIndex([servers[0], servers[0]]);
  expect(html).toContain(`href="ws-8-23-0-server.html"`);
  expect(html).toContain(`href="ws-8-23-0-server-2.html#rfc6455-5.2"`);
});

describe.skipIf(isMissing)(`in Chromium${isMissing ? " (skipped: there is none)" : ""}`, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launch()), 60_000);
  afterAll(() => browser?.close());

  async function visit(run: (opened: OpenPage) => Promise<void>, { of = reports, hash = "", ...options }: { of?: readonly Report[]; hash?: string } & Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
    const opened = await open(browser, renderIndex(of), hash, options);
    try {
      await run(opened);
      expect(opened.problems).toEqual([]);
    } finally {
      await opened.close();
    }
  }
  const shown = ({ page }: OpenPage): Promise<string[]> => page.locator(".case:visible .id").allInnerTexts();
  const openAll = ({ page }: OpenPage): Promise<void> => page.evaluate(() => {
    for (const toggle of document.querySelectorAll<HTMLElement>(".role:not([hidden]) .toggle[aria-expanded=false]")) toggle.click();
  });

  test("begins with agents and sections, and how many cases each failed", () => visit(async (opened) => {
    const { page } = opened;
    expect(await shown(opened)).toEqual([]);
    const rows = await page.locator(".agents:visible tbody tr").allInnerTexts();
    expect(rows.map((row) => row.split(/\s{2,}|\t/)[0])).toEqual(servers.map(({ agent }) => agent));
    for (const [at, { totals }] of servers.entries()) for (const total of Object.values(totals)) expect(rows[at]).toContain(String(total));
    const group = page.locator(".group:visible", { hasText: "The frame: bits" });
    const failures = servers.map(({ results }) => results.filter(({ section, verdict }) => section === "5.2" && verdict === "fail").length);
    const cells = await group.locator("td").allInnerTexts();
    expect(failures.some((count) => count > 0)).toBe(true);
    for (const [at, count] of failures.entries()) expect(cells[at].includes("✗")).toBe(count > 0), count > 0 && expect(cells[at]).toMatch(new RegExp(`^✗${count}\\b`));
  }));

  test("each cell says what its agent did, and links to it; one that was not asked is empty", () => visit(async (opened) => {
    await openAll(opened);
    expect((await shown(opened)).sort()).toEqual([...ids].sort());
    const rows = await opened.page.locator(".case:visible").evaluateAll((all) => all.map((row) => ({
      id: row.querySelector(".id")!.textContent, cells: [...row.querySelectorAll("td")].map((cell) => [cell.textContent, cell.querySelector("a")?.className, cell.querySelector("a")?.getAttribute("href")]),
    })));
    const marks: Readonly<Record<string, string>> = { pass: "✓", "non-strict": "~", unimplemented: "–", fail: "✗" };
    for (const { id, cells } of rows) {
      const verdicts = verdictsOf(id);
      expect(cells.map(([mark, verdict]) => [mark, verdict])).toEqual(verdicts.map((verdict) => verdict === undefined ? ["", undefined] : [marks[verdict], verdict]));
      if (verdicts[0] !== undefined) expect(cells[0][2]).toBe(`ws-8-23-0-server.html#${id}`);
    }
    expect(rows.filter(({ id }) => id.startsWith("5.3-")).every(({ cells }) => cells[2][0] === "")).toBe(true);
  }));

  test("filters by verdict, where they differ, and searches", () => visit(async (opened) => {
    const { page } = opened;
    await page.click("[data-verdict=fail].choice");
    expect((await shown(opened)).sort()).toEqual(ids.filter((id) => verdictsOf(id).includes("fail")).sort());
    await page.click("[data-verdict=''].choice");
    expect(await shown(opened)).toEqual([]);
    await page.click("#differ");
    expect((await shown(opened)).sort()).toEqual([...differing].sort());
    expect(await page.textContent("#count")).toBe(`${differing.length} of ${ids.length} cases`);
    await page.fill("#search", "5.4- fragments");
    expect((await shown(opened)).sort()).toEqual(differing.filter((id) => id.startsWith("5.4-")).sort());
    await page.click("#differ");
    expect((await shown(opened)).sort()).toEqual(ids.filter((id) => id.startsWith("5.4-")).sort());
    await page.fill("#search", "came back in another order");
    const reason = ids.filter((id) => servers.some(({ results }) => results.some((result) => result.id === id && result.reasons.join().includes("another order"))));
    expect(reason.length).toBeGreaterThan(0);
    expect((await shown(opened)).sort()).toEqual(reason.sort());
    await page.fill("#search", "there is no such text");
    expect(await page.isVisible("#empty")).toBe(true);
  }));

  test("switches between servers and clients, and links lead into either", async () => {
    await visit(async ({ page }) => {
      await page.click("text=Clients 2");
      expect(await page.locator(".agents:visible tbody tr").count()).toBe(clients.length);
      expect(await page.locator(".matrix:visible thead .agent").allInnerTexts()).toEqual(clients.map(({ agent }) => agent));
      expect(page.url()).toMatch(/#clients$/);
      await page.locator("[role=tab][aria-selected=true]").press("ArrowLeft");
      expect(await page.locator(".agents:visible tbody tr").count()).toBe(servers.length);
    });
    await visit(async ({ page }) => {
      const row = page.locator(".case.here");
      expect(await row.locator(".id").innerText()).toBe("8.1-30");
      expect(await row.locator("td").count()).toBe(servers.length);
      const [at, inside] = [await row.boundingBox(), await page.locator(".matrix:visible").boundingBox()];
      expect(at!.y).toBeGreaterThan(inside!.y);
      expect(at!.y + at!.height).toBeLessThan(800);
      await page.evaluate(() => void (location.hash = "clients/5.4-3"));
      await expect.poll(() => page.locator(".case.here td").count()).toBe(clients.length);
    }, { hash: "#8.1-30" });
    await visit(async ({ page }) => {
      expect(await page.locator(".case.here .id").innerText()).toBe("4.1-1");
      expect(await page.locator(".case.here td").count()).toBe(clients.length);
    }, { hash: "#4.1-1" });
  });

  const failing = ids.find((id) => verdictsOf(id)[1] === "fail")!;
  const why = servers[1].results.find(({ id }) => id === failing)!;

  test("a cell says why under the mouse and by keys", () => visit(async ({ page }) => {
    const cell = page.locator(".case.here td a").nth(1);
    await cell.hover();
    for (const part of [servers[1].agent, failing, why.title, why.reasons[0]]) expect(await page.innerText("#card")).toContain(part);
    await page.mouse.move(5, 5);
    expect(await page.isVisible("#card")).toBe(false);
    await page.locator(".case.here td a").nth(0).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.innerText("#card")).toContain(why.reasons[0]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("href"))).toBe(`deno-2-9-5-server.html#${failing}`);
    await page.keyboard.press("Escape");
    expect(await page.isVisible("#card")).toBe(false);
    await page.keyboard.press("ArrowUp");
    expect(await page.isVisible("#card")).toBe(true);
  }, { hash: `#${failing}` }));

  test("a tap says why, and keeps within the window; another goes there", () => visit(async (opened) => {
    const { page, problems } = opened;
    const cell = page.locator(".case.here td a").nth(1);
    await cell.tap();
    expect(await page.innerText("#card")).toContain(why.reasons[0]);
    const box = await page.locator("#card").boundingBox();
    expect(box!.x).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width).toBeLessThanOrEqual(360);
    expect(page.url()).toContain("page.html");
    expect(await page.getAttribute("#card a", "href")).toBe(await cell.evaluate((link) => (link as HTMLAnchorElement).href));
    await page.touchscreen.tap(180, 20);
    expect(await page.isVisible("#card")).toBe(false);
    await cell.tap();
    await cell.tap();
    await expect.poll(() => problems.filter((problem) => problem.includes("deno-2-9-5-server.html")).length).toBeGreaterThan(0);
    problems.length = 0;
  }, { hash: `#${failing}`, hasTouch: true, viewport: { width: 360, height: 740 } }));

  test("a click of the mouse goes there at once", () => visit(async ({ page, problems }) => {
    await page.locator(".case.here td a").nth(1).click();
    await expect.poll(() => problems.filter((problem) => problem === `request for http://report.test/deno-2-9-5-server.html`).length).toBe(1);
    problems.length = 0;
  }, { hash: `#${failing}` }));

  test("heads of rows and columns stay in sight", () => visit(async (opened) => {
    await openAll(opened);
    const { page } = opened;
    const matrix = page.locator(".matrix:visible");
    await matrix.evaluate((element) => element.scrollTo(150, 1500));
    const [outer, head, row] = await Promise.all([matrix, matrix.locator("thead .agent").nth(5), matrix.locator(".case th").nth(60)].map((part) => part.boundingBox()));
    expect(Math.abs(head!.y - outer!.y)).toBeLessThan(3);
    expect(Math.abs(row!.x - outer!.x)).toBeLessThan(3);
    expect(await matrix.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
    expect(await overflow(page)).toBe(0);
  }, { viewport: { width: 360, height: 740 } }));

  test("never scrolls sideways at 360 pixels", () => visit(async ({ page }) => {
    expect(await overflow(page)).toBe(0);
    await page.click("#differ");
    expect(await overflow(page)).toBe(0);
    await page.click("text=Clients 2");
    expect(await overflow(page)).toBe(0);
    const long = "x".repeat(500);
    const [result] = servers[1].results.filter(({ verdict }) => verdict === "fail");
    const agents = Array.from({ length: 3 }, () => ({ ...servers[0], agent: long, suite: long, results: [{ ...result, title: long, reasons: [long] }] }));
    await visit(async (opened) => {
      await openAll(opened);
      await opened.page.locator(".case td a").first().focus();
      expect(await overflow(opened.page)).toBe(0);
    }, { of: agents, viewport: { width: 360, height: 740 } });
  }, { viewport: { width: 360, height: 740 } }));

  test.each(["light", "dark"] as const)("can be read in %s: every text has a contrast of 4.5", (colorScheme) => visit(async (opened) => {
    await openAll(opened);
    await opened.page.locator(".case:visible td a.fail").first().hover();
    expect(await opened.page.isVisible("#card")).toBe(true);
    expect(await faintTexts(opened.page)).toEqual([]);
    await opened.page.click("[data-verdict=non-strict].choice");
    expect(await faintTexts(opened.page)).toEqual([]);
  }, { colorScheme }));

  test("agents and sections can be read without a script, of both roles", () => visit(async ({ page }) => {
    expect(await page.locator(".agents:visible tbody tr").count()).toBe(servers.length + clients.length);
    expect(await page.locator(".group:visible").count()).toBeGreaterThan(20);
    expect(await page.locator(".tools").isVisible()).toBe(false);
  }, { javaScriptEnabled: false }));

  test("both matrices are printed", () => visit(async ({ page }) => {
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".matrix:visible").count()).toBe(2);
    expect(await page.locator(".tools").isVisible()).toBe(false);
  }));

  test("what a peer sends stays text, even where no policy helps", () => visit(async (opened) => {
    const { page } = opened;
    await openAll(opened);
    expect((await shown(opened)).length).toBe(ATTACKS.length + 1);
    const cards = await page.locator(".case td a").evaluateAll((cells) => cells.map((cell) => {
      cell.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
      return document.getElementById("card")!.innerText;
    }));
    for (const [at, card] of cards.slice(0, 16).entries()) expect(card).toContain(ATTACKS[Math.floor(at / 2)].slice(1));
    for (const attack of ATTACKS.slice(0, 8)) expect(await page.locator(".matrix").textContent()).toContain(attack);
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
    expect(await page.evaluate(() => document.querySelectorAll("img, iframe, svg:not(.bar), [onload], [onerror], [onfocus], [onmouseover], h4").length)).toBe(0);
  }, { of: [hostileReport(), hostileReport()], bypassCSP: true }));
});
