// dataset: reads the source and cleans it. Always read anew, never kept: what comes after is keyed by the fingerprint
// of what was read, so a changed file can never be mistaken for the old one.

import { createRng } from "../base/rng.ts";
import { clean } from "../data/clean.ts";
import type { CleanOptions } from "../data/clean-options.ts";
import { fingerprint } from "../data/fingerprint.ts";
import type { Dataset } from "../kinds/dataset.ts";
import type { Drop } from "../report/results.ts";
import type { Recipe } from "./recipe.ts";
import { registry } from "./registry.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Data extends Dataset {
  readonly name: string;
  readonly fingerprint: string;
  readonly dropped: readonly Drop[];
}

/** The recipe's interactions after cleaning, with the account of what was dropped. */
export async function readData(
  recipe: Pick<Recipe, "dataset" | "clean" | "seed">,
  { read, progress }: Surroundings,
): Promise<Data> {
  const { use, ...options } = recipe.dataset;
  const task = progress.start(`dataset ${use}`);
  const rng = createRng(recipe.seed).fork("dataset");
  const loaded = await registry.find("dataset", use, "dataset").load(options, { read, rng });
  const { dataset, dropped } = clean(loaded, recipe.clean as CleanOptions);
  const data = { ...dataset, name: use, fingerprint: fingerprint(dataset.events), dropped };
  task.end();
  return data;
}
