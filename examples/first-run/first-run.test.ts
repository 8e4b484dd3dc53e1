/** The first run as a newcomer meets it: over HTTP, over WebSockets, from the command line, and in a browser. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect, type Socket } from "../../index.node.ts";
import { type FirstRun, startFirstRun } from "./server.ts";

let run: FirstRun;

beforeEach(async () => {
  run = await startFirstRun();
});

afterEach(() => run.close());

describe("over HTTP", () => {
  const files = [
    ["/", "text/html; charset=utf-8", "<!doctype html>"],
    ["/style.css", "text/css; charset=utf-8", "--paper"],
    ["/page.js", "text/javascript; charset=utf-8", "import { connect,"],
    ["/link.js", "text/javascript; charset=utf-8", "new WebSocket"],
  ] as const;

  it.each(files)("serves %s", async (path, type, part) => {
    const answer = await fetch(new URL(path, run.url));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await answer.text()).toContain(part);
  });

  it("allows nothing from elsewhere", async () => {
    const policy = (await fetch(run.url)).headers.get("content-security-policy");
    const { host } = new URL(run.url);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`);
    expect(policy).not.toContain("unsafe");
  });

  it("answers HEAD without a body", async () => {
    const answer = await fetch(run.url, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toBe("");
  });

  it.each(["/nothing", "/server.ts", "/../package.json", "/%2e%2e/package.json", "//style.css"])("has no %s", async (path) => {
    const answer = await fetch(`${run.url.slice(0, -1)}${path}`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("can only be read", async () => {
    const answer = await fetch(run.url, { method: "POST" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("over WebSockets", () => {
  const open = (path: string): Promise<Socket<undefined>> => connect(new URL(path, run.url.replace("http", "ws")));
  const next = async (socket: Socket<undefined>): Promise<Record<string, unknown>> => {
    const { value } = await socket[Symbol.asyncIterator]().next();
    return JSON.parse(value as string) as Record<string, unknown>;
  };
  const nextOf = async (socket: Socket<undefined>, type: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const record = await next(socket);
      if (record["type"] === type) return record;
    }
  };

  it.each([
    ["/watch", 400], ["/watch?id=1", 400], ["/watch?id=11111111-1111-1111-1111-111111111111", 400],
    ["/chat?id=x", 400], ["/elsewhere", 404],
  ])("refuses %s with %i", async (path, status) => {
    await expect(open(path)).rejects.toMatchObject({ stage: "response", status });
  });

  it("lets one watch an id, and nobody else", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    expect(await next(watch)).toMatchObject({ type: "ready" });
    await expect(open(`/watch?id=${id}`)).rejects.toMatchObject({ status: 403 });
    await watch.close();
    const again = await open(`/watch?id=${id}`);
    expect(await next(again)).toMatchObject({ type: "ready" });
  });

  it("shows a watch its own chat only, and not the watch itself", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}&name=Ada`);
    const other = await open("/chat?name=Grace");
    expect(await next(watch)).toMatchObject({ type: "ready" });
    expect(await next(watch)).toMatchObject({ type: "handshake", response: { line: "HTTP/1.1 101 Switching Protocols" } });
    expect(await next(watch)).toMatchObject({ type: "frame", number: 1, to: "page", name: "text", masked: false });
    expect(await next(watch)).toMatchObject({ type: "frame", number: 2, to: "page", name: "text" }); // Grace joined
    chat.send("Hello");
    expect(await next(watch)).toMatchObject({
      type: "frame", number: 3, to: "server", fin: true, rsv: 0, opcode: 1, masked: true, length: 5, payload: btoa("Hello"),
    });
    await other.close();
  });

  it("keeps the first 1024 bytes of a payload", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}`);
    await nextOf(watch, "frame");
    chat.send(new Uint8Array(70_000));
    const frame = await nextOf(watch, "frame");
    expect(frame).toMatchObject({ length: 70_000, name: "binary" });
    expect(atob(frame["payload"] as string)).toHaveLength(1024);
  });

  it("sends text to everybody and bytes to their sender", async () => {
    const ada = await open("/chat?name=Ada");
    const grace = await open("/chat?name=%20Grace%0a%20Hopper%20");
    expect(await next(ada)).toEqual({ note: "Ada joined", here: 1 });
    expect(await next(ada)).toEqual({ note: "Grace Hopper joined", here: 2 });
    expect(await next(grace)).toEqual({ note: "Grace Hopper joined", here: 2 });
    ada.send(Uint8Array.of(1, 2, 3));
    ada.send("<b>hello</b>");
    expect((await ada[Symbol.asyncIterator]().next()).value).toEqual(Uint8Array.of(1, 2, 3));
    expect(await next(ada)).toEqual({ from: "Ada", text: "<b>hello</b>", own: true });
    expect(await next(grace)).toEqual({ from: "Ada", text: "<b>hello</b>" });
    await ada.close();
    expect(await next(grace)).toEqual({ note: "Ada left", here: 1 });
  });

  it("closes who says too much, with the code for it", async () => {
    const chat = await open("/chat");
    chat.send("x".repeat(2001));
    expect(await chat.closed).toMatchObject({ code: 1009 });
  });

  it.each(["no JSON", "[]", "null", `{"do":"fly"}`, `{"do":"close","code":1005,"reason":""}`, `{"do":"close","code":1000}`])(
    "takes no order such as %s", async (order) => {
      const watch = await open(`/watch?id=${randomUUID()}`);
      watch.send(order);
      expect(await watch.closed).toMatchObject({ code: 1008 });
    },
  );

  it("tells how a chat was closed, by its server", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}`);
    await nextOf(watch, "frame");
    watch.send(JSON.stringify({ do: "close", code: 1013, reason: "later" }));
    expect(await chat.closed).toMatchObject({ code: 1013, reason: "later", clean: true });
    expect(await nextOf(watch, "close")).toMatchObject({
      clean: true,
      server: { code: 1013, reason: "later", meaning: "try again later" },
      page: { code: 1013, reason: "later" },
    });
  });

  it("tells the watches how the chats ended when it stops, then closes them", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}`);
    await run.close();
    expect(await chat.closed).toMatchObject({ code: 1001, clean: true });
    expect(await nextOf(watch, "close")).toMatchObject({ server: { code: 1001 } });
    expect(await watch.closed).toMatchObject({ code: 1001, clean: true });
  });
});

describe("from the command line", () => {
  /** Runs until it prints what matches, or ends. */
  function command(args: string[], until: RegExp, env: NodeJS.ProcessEnv = {}): Promise<{ output: string; stop(): Promise<number | null> }> {
    const { PORT: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [fileURLToPath(new URL("server.ts", import.meta.url)), ...args], { env: { ...inherited, ...env } });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const stop = (): Promise<number | null> => {
      child.kill("SIGINT");
      return ended;
    };
    return new Promise((resolve) => {
      let output = "";
      const hear = (chunk: Buffer): void => {
        output += chunk.toString();
        if (until.test(output)) resolve({ output, stop });
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      void ended.then(() => resolve({ output, stop }));
    });
  }

  async function occupy(port: number): Promise<net.Server> {
    const server = net.createServer();
    await new Promise<void>((resolve) => {
      server.once("error", () => resolve()); // taken already, which does as well
      server.listen(port, "127.0.0.1", resolve);
    });
    return server;
  }

  it("prints a URL, and ends at Ctrl-C with its chats closed", async () => {
    const { output, stop } = await command(["--port", "0"], /Ctrl-C/);
    const url = /http:\/\/127\.0\.0\.1:[0-9]+\//.exec(output)?.[0] as string;
    expect(output).toContain("two tabs");
    expect((await fetch(url)).status).toBe(200);
    const chat = await connect(`${url.replace("http", "ws")}chat`);
    const started = performance.now();
    expect(await stop()).toBe(0);
    expect(await chat.closed).toMatchObject({ code: 1001, clean: true });
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it("says in one sentence that the chosen port is taken", async () => {
    const server = await occupy(0);
    const { port } = server.address() as net.AddressInfo;
    for (const [args, env] of [[["--port", String(port)], {}], [[], { PORT: String(port) }]] as const) {
      const { output, stop } = await command([...args], /^never$/, env);
      expect(await stop()).toBe(1);
      expect(output).toBe(`Cannot listen on port ${port}: it is taken. Choose another one: npm start -- --port ${port + 1}\n`);
    }
    server.close();
  });

  it("takes the next free port when nobody chose one", async () => {
    const server = await occupy(8080);
    const { output, stop } = await command([], /Ctrl-C/);
    expect(output).toMatch(/http:\/\/127\.0\.0\.1:80(?:[89][0-9]|100)\//);
    expect(output).toMatch(/Port 8080 is taken, so it is 8(?:0[89][1-9]|090|100)\b/);
    await stop();
    server.close();
  });

  it("refuses a port that is none", async () => {
    const { output, stop } = await command(["--port", "http"], /^never$/);
    expect(await stop()).toBe(1);
    expect(output).toBe(`Cannot listen on port "http": it is not a number of 0 to 65535\n`);
  });
});

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const missing = !existsSync(executablePath) && process.env["CI"] !== "true";
if (missing) console.warn(`The page is not tested: there is no Chromium at ${executablePath}. Set CHROMIUM_PATH to test it.`);

describe.skipIf(missing)(`in Chromium${missing ? ` (skipped: none at ${executablePath})` : ""}`, () => {
  let browser: Browser;
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"],
    });
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
    expect(text).toMatch(/GET \/chat\?id=[0-9a-f-]{36}&name=\w+ HTTP\/1\.1/);
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
