// The results.json of a finished run.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import type { ClickResults } from "../report/clicks/results.ts";
import { todaysClickResults, todaysResults } from "../report/older.ts";
import type { Results } from "../report/results.ts";

/** Reads and checks them; those of an earlier release are brought to today's shape. */
export async function readResults(run: string): Promise<Results | ClickResults> {
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
