// A shipped recipe of clicks, run as a user would, into a fresh folder: what quality cases of networks measure.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgress } from "../src/cli/progress.ts";
import { readDraft } from "../src/cli/read-recipe.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { parseClickRecipe } from "../src/pipeline/clicks/recipe.ts";
import { runClicks } from "../src/pipeline/clicks/run.ts";
import type { ClickResults } from "../src/report/clicks/results.ts";

/** Runs recipes/<name>.yaml over the data below `base`, by another seed where one is given. */
export async function runClickRecipe(name: string, base: string, seed?: number): Promise<ClickResults> {
  const folder = await mkdtemp(join(tmpdir(), `distilrec-${name}-`));
  const { raw, source } = await readDraft(`recipes/${name}.yaml`);
  const recipe = parseClickRecipe({ ...raw, ...(seed !== undefined && { seed }) }, source);
  const command = `distilrec run recipes/${name}.yaml`;
  const around = await openSurroundings({ base, folder, command, progress: createProgress() });
  try {
    return await runClicks(recipe, around);
  } finally {
    await around.close();
    await rm(folder, { recursive: true, force: true });
  }
}
