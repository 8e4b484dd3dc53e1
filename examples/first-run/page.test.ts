/** The page of the first run, worked in a browser. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isMissing, launch } from "../../test/chromium.ts";
import { type FirstRun, type FirstRunOptions, startFirstRun } from "./server.ts";

const NAMES = ["node", "deno", "bun", "workerd"] as const;
let run: FirstRun;

beforeEach(async () => {
  run = await startFirstRun({ others: {} });
});

afterEach(() => run.close());

describe.skipIf(isMissing)(`in Chromium${isMissing ? " (skipped: there is none)" : ""}`, () => {
  let browser: Browser;
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await launch();
  }, 60_000);

  afterAll(() => browser?.close());

  beforeEach(() => {
    complaints = [];
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints).toEqual([]);
  });

  async function openTab(name: string, width = 1440): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(run.url);
    await page.locator("#status[data-state=open]").waitFor();
    await page.fill("#name", name);
    await page.press("#name", "Tab");
    return page;
  }

  async function say(page: Page, text: string): Promise<void> {
    await page.fill("#text", text);
    await page.press("#text", "Enter");
  }

  /** Waits for the frame whose payload has the text; gives its cells by class. */
  async function frame(page: Page, opcode: string, to: string, payload: string): Promise<Record<string, string>> {
    const row = page.locator(`#rows tr[data-opcode=${opcode}][data-to=${to}]`).filter({ hasText: payload }).first();
    await row.waitFor();
    return Object.fromEntries(await row.locator("td").evaluateAll((cells) => cells.map((cell) => [cell.className, cell.textContent ?? ""])));
  }

  it("chats between two tabs and shows the frames of its own", async () => {
    const [ada, grace] = await Promise.all([openTab("Ada"), openTab("Grace")]);
    await say(ada, "Hello <i>there</i>");
    await grace.locator(".message", { hasText: "Ada" }).filter({ hasText: "Hello <i>there</i>" }).waitFor();
    await ada.locator(".message.own", { hasText: "Hello <i>there</i>" }).waitFor();
    await say(grace, "Hi!");
    await ada.locator(".message:not(.own)", { hasText: "Hi!" }).waitFor();

    expect(await frame(ada, "text", "server", "Hello")).toMatchObject({
      opcode: "text", to: "→server", fin: "1", rsv: "000", mask: "1", length: "18", payload: "Hello <i>there</i>",
    });
    expect(await frame(ada, "text", "page", "Hello")).toMatchObject({ to: "←page", mask: "0" });
    expect(await frame(grace, "text", "server", "Hi!")).toMatchObject({ length: "3" });
    expect(await grace.locator("#rows tr[data-to=server]", { hasText: "Hello" }).count()).toBe(0);
  });

  it("shows the handshake's heads, and checks the accept value", async () => {
    const page = await openTab("Ada");
    const heads = page.locator("#anatomy");
    await heads.getByText("it matches").waitFor();
    const text = await heads.innerText();
    expect(text).toMatch(/GET \/chat\?id=[0-9a-f-]{36}&person=[0-9a-f-]{36}&name=\w+ HTTP\/1\.1/);
    expect(text).toContain("HTTP/1.1 101 Switching Protocols");
    for (const name of ["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin", "Sec-WebSocket-Accept"]) expect(text).toContain(`${name}:`);
  });

  it("sends bytes in each length form and draws the header", async () => {
    const page = await openTab("Ada");
    const forms = [["0", "0", []], ["125", "125", []], ["126", "126", ["0000000001111110"]], ["65536", "127", ["0".repeat(16), "0".repeat(16), `${"0".repeat(15)}1`, "0".repeat(16)]]] as const;
    for (const [size, short, extended] of forms) {
      await page.selectOption("#size", size);
      await page.click("#bytes button");
      const row = page.locator("#rows tr[data-opcode=binary][data-to=server]").filter({ has: page.locator(`td.length:text-is("${Number(size).toLocaleString("en")}")`) });
      await row.click();
      const bits = (field: string): Promise<string[]> => page.locator(`.diagram [data-field=${field}] .bits`).allTextContents();
      expect(await bits("fin")).toEqual(["1"]);
      expect(await bits("rsv")).toEqual(["0", "0", "0"]);
      expect(await bits("opcode")).toEqual(["0010"]);
      expect(await bits("mask")).toEqual(["1"]);
      expect(await bits("length")).toEqual([Number(short).toString(2).padStart(7, "0")]);
      expect(await bits("extended")).toEqual([...extended]);
      expect(await page.locator(".fields [data-field=length] .value").textContent()).toBe(short);
    }
    await page.locator(".remark", { hasText: "65,536 bytes came back" }).waitFor();
    expect(await page.locator(".dump").textContent()).toMatch(/^0000 {2}[0-9a-f]{2} /);
  });

  it("sends a file", async () => {
    const page = await openTab("Ada");
    await page.setInputFiles("#file", { name: "tiny.bin", mimeType: "application/octet-stream", buffer: Buffer.from([0xde, 0xad, 0xbe, 0xef]) });
    expect(await frame(page, "binary", "server", "de ad be ef")).toMatchObject({ length: "4", mask: "1" });
    expect(await frame(page, "binary", "page", "de ad be ef")).toMatchObject({ length: "4", mask: "0" });
  });

  it("shows a ping's round trip", async () => {
    const page = await openTab("Ada");
    await page.click("#ping");
    expect(await frame(page, "ping", "page", "ping 1")).toMatchObject({ fin: "1", mask: "0", length: "6" });
    await page.locator("#rows tr[data-opcode=pong] .trip").waitFor();
    expect((await frame(page, "pong", "server", "ping 1"))["payload"]).toMatch(/^ping 1 [0-9.]+ ms$/);
    await page.locator(".remark", { hasText: /Pinged by the server: [0-9.]+ ms/ }).waitFor();
  });

  it("shows a message in fragments, with a ping between them", async () => {
    const page = await openTab("Ada");
    await page.click("#fragments");
    await page.locator(".message", { hasText: "This came in three fragments, with a ping between them." }).waitFor();
    const rows = page.locator("#rows tr[data-to=page]");
    const all = await rows.evaluateAll((list) => list.map((row) => `${row.querySelector(".opcode")?.textContent} ${row.querySelector(".fin")?.textContent}`));
    expect(all.slice(-4)).toEqual(["text 0", "continuation 0", "ping 1", "continuation 1"]);
  });

  it("closes with 4001, shows both codes, and reconnects", async () => {
    const page = await openTab("Ada");
    await page.fill("#code", "4001");
    await page.fill("#reason", "enough");
    await page.getByText("4001: private to the application.").waitFor();
    await page.click("#close button");
    await page.locator("#status[data-state=closed]").waitFor();
    expect(await page.textContent("#status")).toBe("Closed: 4001");
    expect(await frame(page, "close", "server", "4001 “enough”")).toMatchObject({ mask: "1", length: "8" });
    expect(await frame(page, "close", "page", "4001 “enough”")).toMatchObject({ mask: "0", length: "8" });
    await page.locator("#rows tr.close", { hasText: "page 4001 “enough”, server 4001 “enough”" }).waitFor();
    expect(await page.locator(".card .code").allTextContents()).toEqual(["4001", "4001"]);
    await page.getByText(`code 4001, reason "enough", wasClean true`).waitFor();
    expect(await page.isDisabled("#say button")).toBe(true);

    await page.click("#reconnect");
    await page.locator("#status[data-state=open]").waitFor();
    await say(page, "Back again");
    await frame(page, "text", "server", "Back again");
    expect(await page.locator("#rows tr.handshake").count()).toBe(2);
  });

  it("lets the server close with a code that pages may not send", async () => {
    const page = await openTab("Ada");
    await page.fill("#code", "1011");
    expect(await page.locator("#meaning").textContent()).toContain("Browsers let pages send 1000 and 3000 to 4999 only");
    await page.click("#close button");
    expect(await page.getAttribute("#status", "data-state")).toBe("open");
    await page.check("#close [value=server]");
    await page.click("#close button");
    await page.locator("#rows tr.close", { hasText: "page 1011 “bye”, server 1011 “bye”" }).waitFor();
    await page.locator("#status[data-state=closed]").waitFor();
  });

  it("pauses, clears and filters", async () => {
    const page = await openTab("Ada");
    await page.click("#pause");
    await say(page, "held back");
    await page.getByText("paused, 2 waiting").waitFor();
    expect(await page.locator("#rows tr", { hasText: "held back" }).count()).toBe(0);
    await page.click("#pause");
    await frame(page, "text", "server", "held back");
    await page.locator("#filter label", { hasText: "text" }).click();
    expect(await page.locator("#rows tr[data-opcode=text]:visible").count()).toBe(0);
    await page.click("#clear");
    expect(await page.locator("#rows tr").count()).toBe(0);
    expect(await page.isVisible("#no-rows")).toBe(true);
  });

  it("is worked with the keyboard", async () => {
    const page = await openTab("Ada");
    await say(page, "one");
    await frame(page, "text", "page", "one");
    await page.locator("#rows .pick[tabindex='0']").focus();
    await page.keyboard.press("End");
    await page.locator("#anatomy h3", { hasText: "text" }).waitFor();
    await page.keyboard.press("Home");
    await page.locator("#anatomy h3", { hasText: "Opening handshake" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.locator("#anatomy", { hasText: "frame 1" }).waitFor();
    expect(await page.locator(".pick[tabindex='0']").count()).toBe(1);
  });

  it("keeps 500 rows", async () => {
    const page = await openTab("Ada");
    await page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>("#bytes");
      for (let count = 0; count < 300; count++) form?.requestSubmit();
    });
    await page.locator("#count", { hasText: "500, the latest" }).waitFor();
    await page.locator("#seen-binary", { hasText: "600" }).waitFor();
    expect(await page.locator("#rows tr").count()).toBe(500);
  });

  it("says so when the server stops", async () => {
    const page = await openTab("Ada");
    await run.close();
    await page.locator("#status", { hasText: "The server has stopped" }).waitFor();
    await page.locator("#rows tr.close", { hasText: "server 1001" }).waitFor();
  });

  describe("with a server on each runtime", () => {
    async function restart(options: FirstRunOptions): Promise<void> {
      await run.close();
      run = await startFirstRun(options);
    }

    const card = (page: Page, name: string): Locator => page.locator(`#server-${name}`);

    async function allOpen(page: Page): Promise<void> {
      for (const name of NAMES) await page.locator(`#server-${name}[data-state=open]`).waitFor();
    }

    it("has four cards with versions, round trips and counts", async () => {
      await restart({});
      const page = await openTab("Ada");
      await allOpen(page);
      await say(page, "Hello, all of you");
      for (const [name, title, version] of [["node", "Node", process.versions.node], ["deno", "Deno", "."], ["bun", "Bun", "."], ["workerd", "workerd", "-"]] as const) {
        expect(await card(page, name).locator("b").textContent()).toBe(title);
        expect(await card(page, name).locator(".version").textContent()).toContain(version);
        await card(page, name).locator(".trip", { hasText: /^(?:< 1|[0-9.]+) ms$/ }).waitFor();
        await card(page, name).locator("[data-to=page] .bytes-passed", { hasText: /^[1-9][0-9.]* k?B$/ }).waitFor();
      }
      expect(await page.locator("#servers input:checked").getAttribute("value")).toBe("node");
    });

    it("chats between two tabs through different runtimes, each message once", async () => {
      await restart({});
      const [ada, grace] = await Promise.all([openTab("Ada"), openTab("Grace")]);
      await Promise.all([allOpen(ada), allOpen(grace)]);
      await ada.locator("#here", { hasText: "2 are here" }).waitFor();
      await card(ada, "deno").click();
      await card(grace, "workerd").click();
      await say(ada, "Hello from Deno");
      await grace.locator(".message:not(.own)", { hasText: "Ada through Deno" }).filter({ hasText: "Hello from Deno" }).waitFor();
      await say(grace, "And from workerd");
      for (const page of [ada, grace]) {
        for (const text of ["Hello from Deno", "And from workerd"]) {
          const line = page.locator(".message", { hasText: text });
          await expect.poll(() => line.locator(".heard .lit").count(), { timeout: 10_000 }).toBe(4);
          expect(await line.count()).toBe(1);
          expect(await line.locator(".heard").getAttribute("title")).toBe("Heard through Node, Deno, Bun, and workerd");
        }
      }
      await ada.locator(".message.own", { hasText: "Hello from Deno" }).waitFor();
      expect(await ada.locator(".message.own").count()).toBe(1);
    });

    it("shows the frames of the runtime that is chosen", async () => {
      await restart({});
      const page = await openTab("Ada");
      await allOpen(page);
      await page.check("#server-bun input", { force: true });
      await say(page, "Over Bun");
      expect(await frame(page, "text", "server", "Over Bun")).toMatchObject({ mask: "1", length: "8", payload: "Over Bun" });
      await card(page, "bun").locator("[data-to=server]", { hasText: "1 frame" }).waitFor();
      expect(await page.locator("#anatomy").innerText()).toContain(new URL(await page.locator("#url").innerText()).host);

      await page.locator("#servers input:checked").press("ArrowRight");
      expect(await page.locator("#servers input:checked").getAttribute("value")).toBe("workerd");
      expect(await page.locator("#rows tr[data-to=server]").count()).toBe(0);
      await frame(page, "text", "page", "Over Bun");
      await page.click("#close button");
      await page.locator("#server-workerd[data-state=closed]", { hasText: "Closed: 4001" }).waitFor();
      await page.locator("#rows tr.close", { hasText: "page 4001 “bye”, server 4001 “bye”" }).waitFor();
      expect(await page.isDisabled("#say button")).toBe(true);

      await card(page, "node").click();
      expect(await page.isDisabled("#say button")).toBe(false);
      expect(await page.locator("#rows tr.close").count()).toBe(0);
      await say(page, "Node goes on");
      await frame(page, "text", "page", "Node goes on");
      await card(page, "workerd").click();
      await page.locator(".card .code", { hasText: "4001" }).first().waitFor();
      await page.click("#reconnect");
      await allOpen(page);
    });

    it("says why a runtime is not there, and goes on without it", async () => {
      await restart({ others: { deno: undefined, bun: "/nonexistent/bun" } });
      const page = await openTab("Ada");
      await page.locator("#server-deno[data-state=open]").waitFor();
      await card(page, "bun").locator(".reason", { hasText: "It is not installed here: npm ci installs it." }).waitFor();
      expect(await page.isDisabled("#server-bun input")).toBe(true);
      await say(page, "Without Bun");
      await expect.poll(() => page.locator(".message", { hasText: "Without Bun" }).locator(".heard .lit").count(), { timeout: 10_000 }).toBe(2);
    });

    it.each([360, 768, 1280])("fits %i pixels, also with a long reason", async (width) => {
      await restart({ others: { deno: undefined, bun: "/nonexistent/bun", workerd: undefined } });
      const page = await openTab("Ada", width);
      await page.locator("#server-workerd[data-state=open]").waitFor();
      await card(page, "bun").locator(".reason", { hasText: "." }).waitFor();
      for (const name of ["node", "workerd"]) {
        await card(page, name).click();
        await say(page, "W".repeat(300));
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
        expect(await page.locator(".server").evaluateAll((cards) => cards.every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth))).toBe(true);
      }
    });
  });

  it.each([360, 600, 900, 1280, 1920])("fits %i pixels", async (width) => {
    const page = await openTab("A name of 24 characters.", width);
    if (!(await page.isVisible("#ping"))) await page.click("#actions > summary");
    await say(page, "W".repeat(300));
    await page.selectOption("#size", "65536");
    await page.click("#bytes button");
    await page.click("#fragments");
    await frame(page, "continuation", "page", "with a ping");
    const fits = (): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth &&
      ["log", "chat", "anatomy"].every((id) => (document.getElementById(id)?.scrollWidth ?? 0) <= (document.getElementById(id)?.clientWidth ?? 0)));
    expect(await fits()).toBe(true); // with the handshake chosen
    for (const opcode of ["text", "binary"]) {
      await page.locator(`#rows tr[data-opcode=${opcode}][data-to=server]`).click();
      expect(await fits()).toBe(true);
    }
    await page.click("#close button");
    await page.locator("#anatomy .cards").waitFor();
    expect(await fits()).toBe(true);
  });
});
