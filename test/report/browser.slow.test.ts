// The reports in a real browser: nothing loads, nothing runs over the edge, axe finds no fault, the keyboard reaches
// everything, paper shows what is folded, and the charts look as they did when somebody last looked at them.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderClickReport } from "../../src/report/clicks/report.ts";
import { renderReport } from "../../src/report/report.ts";
import { sampleClickResults } from "./sample-click-results.ts";
import { manyResults, sampleResults } from "./sample-results.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const missing = !existsSync(executablePath);
const reason = missing ? ` (skipped: no Chromium at ${executablePath}; set CHROMIUM_PATH)` : "";

const sample = sampleResults();
const three = ["teacher-ease", "student-int4", "student-codebook"];
const reports = {
  "a short run": renderReport({ ...sample, variants: sample.variants.filter(({ name }) => three.includes(name)) }),
  recommenders: renderReport(sample),
  "a long run": renderReport(manyResults(50, 30)),
  networks: renderClickReport(sampleClickResults()),
};
type Name = keyof typeof reports;

describe.skipIf(missing)(`reports in Chromium${reason}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  /** The report in a page of that width; asked for anything or complaining, it fails. */
  async function withReport<T>(
    name: Name,
    { width, scheme }: { width: number; scheme: "light" | "dark" },
    look: (page: Page) => Promise<T>,
  ): Promise<T> {
    // A page's policy does not bind what a test runs in it.
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme, bypassCSP: true });
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("request", (request) => said.push(request.url()));
    try {
      await page.setContent(reports[name], { waitUntil: "load" });
      const found = await look(page);
      expect(said.filter((what) => !what.startsWith("data:"))).toEqual([]);
      return found;
    } finally {
      await page.close();
    }
  }
  const unfold = (page: Page) =>
    page.evaluate(`for (const fold of document.querySelectorAll("details")) fold.open = true`);

  test.each(["a short run", "networks"] as const)(
    "%s: axe finds no fault, light with folds open, dark and narrow",
    async (name) => {
      for (const look of [{ width: 1200, scheme: "light" } as const, { width: 390, scheme: "dark" } as const]) {
        const faults = await withReport(name, look, async (page) => {
          if (look.scheme === "light") await unfold(page);
          await page.evaluate(axe.source);
          return page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
          violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => id + ": " + html.slice(0, 200))))`);
        });
        expect(faults).toEqual([]);
      }
    },
  );

  test.each(["recommenders", "a long run", "networks"] as const)(
    "%s: no width makes the page scroll sideways; sections follow each other and are not empty",
    async (name) => {
      for (const width of [320, 1400]) {
        await withReport(name, { width, scheme: "light" }, async (page) => {
          if (name !== "a long run") await unfold(page);
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
          const boxes = (await page.evaluate(`[...document.querySelectorAll("main > section")].map((section) => {
          const { top, bottom, left, right } = section.getBoundingClientRect();
          return { top, bottom, left, right };
        })`)) as { top: number; bottom: number; left: number; right: number }[];
          for (const [at, box] of boxes.entries()) {
            expect(box.bottom - box.top).toBeGreaterThan(60);
            expect(box.left >= 0 && box.right <= width).toBe(true);
            if (at > 0) expect(box.top).toBeGreaterThanOrEqual(boxes[at - 1]!.bottom);
          }
        });
      }
    },
  );

  test("the keyboard skips to the findings, follows the contents and opens folds", async () => {
    await withReport("recommenders", { width: 1200, scheme: "light" }, async (page) => {
      const focused = () => page.evaluate("document.activeElement.textContent.trim()");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("Skip to the findings");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("What the gates say");
      await page.locator("nav a", { hasText: "All the numbers" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await focused()).toMatch(/^Ranking quality, first 20/);
      const open = () => page.evaluate("document.activeElement.parentElement.open");
      expect(await open()).toBe(true);
      await page.keyboard.press("Enter");
      expect(await open()).toBe(false);
      await page.keyboard.press("Tab");
      expect(await focused()).toMatch(/^What is shown, first 20/);
    });
  });

  test("paper is light, shows what is folded, and no table runs over its edge", async () => {
    await withReport("recommenders", { width: 720, scheme: "dark" }, async (page) => {
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      const tables =
        (await page.evaluate(`[...document.querySelectorAll("table")].filter((table) => !table.closest(".rest")).map((table) => {
        const { width, height } = table.getBoundingClientRect();
        return { height, over: width - table.parentElement.getBoundingClientRect().width, what: table.caption.textContent };
      })`)) as { height: number; over: number; what: string }[];
      expect(tables.filter(({ height }) => height === 0)).toEqual([]);
      expect(tables.filter(({ over }) => over > 1)).toEqual([]);
      expect(await page.locator("details.rest table:visible").count()).toBe(0);
    });
  });

  // Text is hidden and each chart laid at the corner in its own size, for fonts differ between machines; grey levels are means over 10 × 10 pixels, 0 to z.
  const looks = (["light", "dark"] as const).flatMap((scheme) =>
    (["recommenders", "networks"] as const).map((name) => ({ name, scheme })),
  );
  test.each(looks)("the charts of $name look as before, $scheme", async ({ name, scheme }) => {
    const levels = await withReport(name, { width: 1200, scheme }, async (page) => {
      await page.addStyleTag({ content: "text { visibility: hidden }" });
      const charts = await page.locator("figure svg[role=img]:visible").all();
      const grids: string[] = [];
      for (const chart of charts) {
        await chart.evaluate(`(svg) => {
          svg.style = "position: fixed; top: 0; left: 0; z-index: 1; background: var(--paper); width: " + svg.getAttribute("width") + "px";
        }`);
        const png = (await chart.screenshot()).toString("base64");
        grids.push((await page.evaluate(`(${greys.toString()})("data:image/png;base64,${png}")`)) as string);
      }
      return grids.join("\n\n");
    });
    const file = new URL(`golden/${name}-${scheme}.txt`, import.meta.url);
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(file, `${levels}\n`);
    const before = readFileSync(file, "utf8").trimEnd();
    expect(shapeOf(levels), "UPDATE_GOLDEN=1 writes the looks anew; look at the page first").toEqual(shapeOf(before));
    const far = [...levels].filter((level, i) => Math.abs(parseInt(level, 36) - parseInt(before[i]!, 36)) > 2).length;
    expect(far).toBeLessThanOrEqual(5);
    expect(new Set(levels).size).toBeGreaterThan(6);
  });
});

const shapeOf = (grids: string): number[] => grids.split("\n").map((line) => line.length);

/** Runs in the page: the picture's grey levels, a line of digits of base 36 for every 10 pixels of height. */
async function greys(url: string): Promise<string> {
  const side = 10;
  // biome-ignore lint/suspicious/noExplicitAny: the test is compiled without the browser's types
  const { Image, OffscreenCanvas } = globalThis as any;
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  const lines: string[] = [];
  for (let y = 0; y + side <= image.height; y += side) {
    let line = "";
    for (let x = 0; x + side <= image.width; x += side) {
      let sum = 0;
      for (let v = y; v < y + side; v++)
        for (let u = x; u < x + side; u++) for (let c = 0; c < 3; c++) sum += data[4 * (v * image.width + u) + c];
      line += Math.floor((36 * sum) / (3 * 255.1 * side * side)).toString(36);
    }
    lines.push(line);
  }
  return lines.join("\n");
}
