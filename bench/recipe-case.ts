// A quality case that is a shipped recipe: it runs recipes/<name>.yaml as a user would, into a fresh folder, and picks
// figures from its results.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgress } from "../src/cli/progress.ts";
import { readDraft, settle } from "../src/cli/read-recipe.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { run } from "../src/pipeline/run.ts";
import type { Results, Variant } from "../src/report/results.ts";
import { defineCase, type Figures, type QualityCase } from "./case.ts";

export function recipeCase(
  name: string,
  summary: string,
  figures: (results: Results, variant: (name: string) => Variant) => Figures,
): QualityCase {
  return defineCase({
    name,
    summary,
    async run({ data }) {
      const folder = await mkdtemp(join(tmpdir(), `distilrec-${name}-`));
      const recipe = settle(await readDraft(`recipes/${name}.yaml`));
      const base = data(".");
      const command = `npm run quality -- ${name}`;
      const around = await openSurroundings({ base, folder, command, progress: createProgress() });
      try {
        const results = await run(recipe, around);
        return figures(results, (wanted) => {
          const found = results.variants.find((one) => one.name === wanted);
          if (!found) throw new Error(`recipe ${name} has no variant "${wanted}"`);
          return found;
        });
      } finally {
        await around.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  });
}

const round = (value: number | undefined) => Math.round((value ?? Number.NaN) * 1e4) / 1e4;

/** The usual figures of one variant, for names that start with `prefix`. */
export const usual = ({ metrics, cost }: Variant, prefix = ""): Figures => ({
  [`${prefix}recall@20`]: round(metrics["recall@20"]),
  [`${prefix}ndcg@20`]: round(metrics["ndcg@20"]),
  [`${prefix}bytes`]: cost.bytes.raw,
});
