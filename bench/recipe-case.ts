// A quality case that is a shipped recipe: it runs recipes/<name>.yaml as a user would, into a fresh folder, and picks
// figures from its results.

import { readDraft, settle } from "../src/cli/read-recipe.ts";
import type { Results, Variant } from "../src/report/results.ts";
import { defineCase, type Figures, type QualityCase } from "./case.ts";
import { caseCommand, scratchRun } from "./scratch-run.ts";
import { round } from "./spread.ts";

export function recipeCase(
  name: string,
  summary: string,
  figures: (results: Results, variant: (name: string) => Variant) => Figures,
): QualityCase {
  return defineCase({
    name,
    summary,
    async run({ data }) {
      const recipe = settle(await readDraft(`recipes/${name}.yaml`));
      const results = await scratchRun(recipe, data("."), caseCommand(name));
      return figures(results, (wanted) => {
        const found = results.variants.find((one) => one.name === wanted);
        if (!found) throw new Error(`recipe ${name} has no variant "${wanted}"`);
        return found;
      });
    },
  });
}

/** The usual figures of one variant, for names that start with `prefix`. */
export const usual = ({ metrics, cost }: Variant, prefix = ""): Figures => ({
  [`${prefix}recall@20`]: round(metrics["recall@20"] ?? Number.NaN),
  [`${prefix}ndcg@20`]: round(metrics["ndcg@20"] ?? Number.NaN),
  [`${prefix}bytes`]: cost.bytes.raw,
});
