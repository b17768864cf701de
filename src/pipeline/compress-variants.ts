// compress: the recipe's variants, each a chain of passes over an earlier candidate.

import { must } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import type { PassOutcome } from "../report/results.ts";
import { applyPasses } from "./compress.ts";
import type { Candidate } from "./fit.ts";
import type { Recipe } from "./recipe.ts";
import { decodeRecommender, encodeRecommender } from "./recommender-files.ts";
import { registry } from "./registry.ts";
import { runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

const version = 1;
const outcomes = "passes.json";

/** The candidates and behind them their variants, in the recipe's order. */
export async function compress(
  candidates: readonly Candidate[],
  recipe: Recipe,
  around: Surroundings,
): Promise<Candidate[]> {
  const all = [...candidates];
  for (const { name, of, passes } of recipe.variants) {
    const source = must(
      all.find((candidate) => candidate.name === of),
      `candidate ${of}`,
    );
    const { key, value } = await runStage(
      {
        ...{ stage: "compress", version, label: `compress ${name}` },
        ...{ options: { passes, seed: recipe.seed }, inputs: [source.key] },
        encode: ({ recommender, passes: done }) => ({
          ...encodeRecommender(recommender),
          [outcomes]: new TextEncoder().encode(JSON.stringify(done)),
        }),
        decode: ({ [outcomes]: done, ...files }) => ({
          recommender: decodeRecommender(files),
          passes: JSON.parse(new TextDecoder().decode(done)) as PassOutcome[],
        }),
        compute: () => {
          const steps = passes.map(({ use, ...options }) => ({ pass: registry.find("pass", use, "passes"), options }));
          return applyPasses(source.recommender, steps, {
            kernels: around.kernels,
            rng: createRng(recipe.seed).fork("compress"),
          });
        },
      },
      around,
    );
    const before = source.passes ?? [];
    all.push({
      name,
      role: "variant",
      of,
      method: source.method,
      key,
      recommender: value.recommender,
      passes: [...before, ...value.passes],
    });
  }
  return all;
}
