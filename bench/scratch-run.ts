// A recipe run into a folder that nobody keeps.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgress } from "../src/cli/progress.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import type { Recipe } from "../src/pipeline/recipe.ts";
import { run } from "../src/pipeline/run.ts";
import type { Results } from "../src/report/results.ts";

/** How the case `name` is run; `group` is the case's, where it is in one. */
export const caseCommand = (name: string, group?: string): string =>
  `npm run quality -- ${group === undefined ? name : `${group} --case ${name}`}`;

/** The results of `recipe`, whose data lie below `base`. */
export async function scratchRun(recipe: Recipe, base: string, command: string): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), `distilrec-${recipe.name}-`));
  const around = await openSurroundings({ base, folder, command, progress: createProgress() });
  try {
    return await run(recipe, around);
  } finally {
    await around.close();
    await rm(folder, { recursive: true, force: true });
  }
}
