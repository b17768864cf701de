// A page in a real browser opens the artifact that the server answers from, and both say the same.

import { existsSync } from "node:fs";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Scored } from "../../src/artifact/answers.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { startServer } from "../../src/node/serve.ts";
import { openKernels } from "../../src/node/threads.ts";
import { openScorer } from "../../src/recommender/scorer.ts";
import { createApp } from "../../src/serve/app.ts";
import { encodings, itemId, openSample, sampleFiles, userId } from "./sample-artifact.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const missing = !existsSync(executablePath);
const reason = missing ? ` (skipped: no Chromium at ${executablePath}; set CHROMIUM_PATH)` : "";
const histories = [[7], [0, 1, 2, 3], [399, 20, 111, 64, 250], Array.from({ length: 60 }, (_, i) => i * 6)];

describe.skipIf(missing)(`page and server give the same top 10${reason}`, () => {
  let browser: Browser;
  let kernels: Kernels;
  let bundle: Uint8Array;

  beforeAll(async () => {
    const built = await build({
      ...{ entryPoints: ["src/edge/index.ts"], bundle: true, minify: true, write: false },
      ...{ format: "esm", platform: "browser", target: "es2022" },
    });
    bundle = built.outputFiles[0]!.contents;
    kernels = await openKernels(1);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await kernels?.close();
  });

  async function serve(files: Map<string, Uint8Array>) {
    const artifact = await openSample(files);
    const app = createApp({
      artifact,
      scorer: openScorer(kernels, artifact.recommender),
      files: {
        artifact: async (path) => files.get(path)!,
        edge: async (path) => (path === "index.js" ? bundle : undefined),
      },
    });
    return startServer({ app, host: "127.0.0.1", port: 0 });
  }

  async function fromServer(url: string, body: unknown): Promise<Scored[]> {
    const response = await fetch(`${url}/v1/recommend`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { items: Scored[] }).items;
  }

  /** Opens a page on `origin` that loads the runtime and the artifact from `url` and answers each question. */
  async function fromPage(origin: string, url: string, questions: readonly unknown[]): Promise<Scored[][]> {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    try {
      await page.goto(`${origin}/healthz`);
      const script = `(async () => {
        const { openEdge } = await import(${JSON.stringify(`${url}/edge/index.js`)});
        const edge = await openEdge(${JSON.stringify(`${url}/artifact/`)});
        const answers = ${JSON.stringify(questions)}.map((who) => edge.recommend(who));
        await edge.close();
        return answers;
      })()`;
      const answers = (await page.evaluate(script)) as Scored[][];
      expect(failures).toEqual([]);
      return answers;
    } finally {
      await page.close();
    }
  }

  function expectSame(page: readonly Scored[], server: readonly Scored[]) {
    expect(page.length).toBe(10);
    expect(page.map((item) => item.id)).toEqual(server.map((item) => item.id));
    for (const [rank, { score }] of page.entries()) expect(Math.abs(score - server[rank]!.score)).toBeLessThan(1e-5);
  }

  test.each(encodings)("from histories, tables in %s", async (encoding) => {
    const { url, close } = await serve(sampleFiles(kernels, "history", encoding));
    try {
      const asked = histories.map((history) => history.map(itemId));
      const pages = await fromPage(url, url, asked);
      for (const [i, history] of asked.entries()) expectSame(pages[i]!, await fromServer(url, { history }));
    } finally {
      await close();
    }
  });

  test("by user, from a page of another origin", async () => {
    // Without histories neither side knows what a user has, so both rank the whole catalogue.
    const { url, close } = await serve(sampleFiles(kernels, "user", "int8-row", ["histories"]));
    const other = await serve(sampleFiles(kernels, "none", "f32"));
    try {
      const asked = [userId(0), userId(29)].map((user) => ({ user }));
      const pages = await fromPage(other.url, url, asked);
      for (const [i, body] of asked.entries()) expectSame(pages[i]!, await fromServer(url, body));
    } finally {
      await close();
      await other.close();
    }
  });
});
