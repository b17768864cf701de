// A recipe run by a case, in a folder.

import { createProgress } from "../src/cli/progress.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import type { Recipe } from "../src/pipeline/recipe.ts";
import { run } from "../src/pipeline/run.ts";
import type { Results } from "../src/report/results.ts";
import { inScratch } from "./scratch.ts";

/** How the case `name` is run; `group` is the case's, where it is in one. */
export const caseCommand = (name: string, group?: string): string =>
  `npm run quality -- ${group === undefined ? name : `${group} --case ${name}`}`;

/** The results of `recipe`, whose data lie below `base`. */
export const scratchRun = (recipe: Recipe, base: string, command: string): Promise<Results> =>
  inScratch(recipe.name, (folder) => runIn(folder, recipe, base, command));

/** As scratchRun, in a folder that stays. */
export async function runIn(folder: string, recipe: Recipe, base: string, command: string): Promise<Results> {
  const around = await openSurroundings({ base, folder, command, progress: createProgress() });
  try {
    return await run(recipe, around);
  } finally {
    await around.close();
  }
}
