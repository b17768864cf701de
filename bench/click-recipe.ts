// A shipped recipe of clicks, run as a user would, into a fresh folder: what quality cases of networks measure.

import { must } from "../src/base/errors.ts";
import { createProgress } from "../src/cli/progress.ts";
import { readDraft } from "../src/cli/read-recipe.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { type ClickRecipe, parseClickRecipe } from "../src/pipeline/clicks/recipe.ts";
import { runClicks } from "../src/pipeline/clicks/run.ts";
import type { Surroundings } from "../src/pipeline/surroundings.ts";
import type { ClickResults, NetworkResult } from "../src/report/clicks/results.ts";
import { inScratch } from "./scratch.ts";

type Raw = Readonly<Record<string, unknown>>;

/**
 * Runs recipes/<name>.yaml over the data below `base`; `change` makes another recipe of what the file holds, `look` sees
 * what the run made and the recipe before the folder goes.
 */
export async function runClickRecipe(
  name: string,
  base: string,
  change: (raw: Raw) => Raw = (raw) => raw,
  look: (folder: string, recipe: ClickRecipe, around: Surroundings) => Promise<void> = async () => {},
): Promise<ClickResults> {
  const { raw, source } = await readDraft(`recipes/${name}.yaml`);
  const recipe = parseClickRecipe(change(raw), source);
  const command = `distilrec run recipes/${name}.yaml`;
  return inScratch(name, async (folder) => {
    const around = await openSurroundings({ base, folder, command, progress: createProgress() });
    try {
      const results = await runClicks(recipe, around);
      await look(folder, recipe, around);
      return results;
    } finally {
      await around.close();
    }
  });
}

/** The network of that name. */
export const networkOf = ({ networks }: ClickResults, name: string): NetworkResult =>
  must(
    networks.find((network) => network.name === name),
    name,
  );
