// distilrec report RUN

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { writeWhole } from "../node/disk.ts";
import { renderClickReport } from "../report/clicks/report.ts";
import type { ClickResults } from "../report/clicks/results.ts";
import { todaysClickResults, todaysResults } from "../report/older.ts";
import { renderReport } from "../report/report.ts";
import type { Results } from "../report/results.ts";
import { answer, finish } from "./answer.ts";

export function define(command: Command): void {
  command.argument("<run>", "folder of a finished run").action(async (run: string, options: { json?: boolean }) => {
    const results = await readResults(run);
    const page = "networks" in results ? renderClickReport(results) : renderReport(results);
    const path = join(run, "report.html");
    await writeWhole(path, new TextEncoder().encode(page));
    answer(options, { report: path }, `Report: ${path}`);
  });
  finish(command, "distilrec report runs/demo");
}

async function readResults(run: string): Promise<Results | ClickResults> {
  const path = join(run, "results.json");
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(`${path}: cannot be read; give the folder of a run that finished.`);
  });
  try {
    const results = JSON.parse(text) as Results & ClickResults;
    if (results.kind === "clicks" && Array.isArray(results.networks) && results.clicklog)
      return todaysClickResults(results);
    if (Array.isArray(results.variants) && results.dataset && results.split) return todaysResults(results);
  } catch {}
  throw new UserError(`${path}: is not a run's results; run the recipe again.`);
}
