/**
 * Pages in headless Chromium, for tests.
 * @module
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A page that is open. */
export interface OpenPage {
  readonly page: Page;
  /** Whatever it should not have done: errors, what it said on the console, requests for anything but itself. */
  readonly problems: string[];
  close(): Promise<void>;
}

const URL_OF_PAGE = "http://report.test/page.html";

/** Opens a document as if a server had it, and nothing else. */
export async function open(browser: Browser, html: string, hash = "", options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => void problems.push(message.text()));
  page.on("pageerror", (error) => void problems.push(error.message));
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url.split("#")[0] === URL_OF_PAGE) return route.fulfill({ contentType: "text/html", body: html });
    problems.push(`request for ${url}`);
    return route.abort();
  });
  await page.goto(`${URL_OF_PAGE}${hash}`);
  return { page, problems, close: () => context.close() };
}

/** How wide the page is beyond its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Texts that can be seen, of which each has less contrast than 4.5 to what it stands on: which, and how much. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parse = (color: string): number[] => {
      const numbers = color.match(/[\d.]+/g)?.map(Number) ?? [];
      return numbers.length === 3 ? [...numbers, 1] : numbers;
    };
    const over = (top: number[], below: number[]): number[] => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
    const backOf = (element: Element | null): number[] => {
      if (element === null) return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
      const own = parse(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, backOf(element.parentElement));
    };
    const light = ([r, g, b]: number[]): number => {
      const [x, y, z] = [r, g, b].map((part) => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const faint = new Set<string>();
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      if (element.closest("svg, script, style, noscript, .unseen") !== null || !element.checkVisibility()) continue;
      const text = [...element.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== "")?.textContent;
      if (text === undefined || text === null) continue;
      const style = getComputedStyle(element);
      const back = backOf(element);
      const [a, b] = [light(over(parse(style.color), back)), light(back)].sort((one, other) => other - one);
      const contrast = (a + 0.05) / (b + 0.05) * Number(style.opacity);
      if (contrast < 4.5) faint.add(`${element.tagName.toLowerCase()}.${element.className} "${text.trim().slice(0, 20)}": ${contrast.toFixed(2)}`);
    }
    return [...faint];
  });
}
