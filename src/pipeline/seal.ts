// artifact: seals every candidate with its export to ONNX, proves that ONNX Runtime scores as we do, and weighs it.

import type { Histories } from "../artifact/histories.ts";
import { sealArtifact } from "../artifact/seal.ts";
import { bug } from "../base/errors.ts";
import { type Interactions, rowOf, timeOrder } from "../data/interactions.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { lowerToOnnx } from "../recommender/lower.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { openScorer, type Query } from "../recommender/scorer.ts";
import type { Cost } from "../report/cost-results.ts";
import type { Variant } from "../report/results.ts";
import { seenBefore } from "./bench.ts";
import { queryOf, recommenderCosts } from "./costs/recommender-costs.ts";
import type { Parts } from "./divide.ts";
import type { Measured } from "./measure.ts";
import type { Data } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import { type Files, runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Sealed extends Measured {
  readonly variant: Variant;
  /** The stage whose files are the artifact. */
  readonly stage: { readonly stage: string; readonly key: string };
}

const sealVersion = 2;
const checkedUsers = 3;
const askingUsers = 256;

/** Every candidate as an artifact, with what it costs; speed is measured anew each time. */
export async function seal(
  measured: readonly Measured[],
  data: Data,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Sealed[]> {
  const seen = seenBefore(parts, recipe.evaluate.part);
  const made: { readonly candidate: Measured; readonly key: string; readonly files: Files }[] = [];
  for (const candidate of measured) {
    const { key, value: files } = await runStage(
      {
        ...{ stage: "artifact", version: sealVersion, label: `artifact ${candidate.name}` },
        options: { recipe, name: candidate.name, metrics: candidate.quality.metrics },
        ...{ inputs: [candidate.key, parts.hash], encode: (made: Files) => made, decode: (made: Files) => made },
        compute: () => sealOne(candidate, data, parts, seen, recipe, around),
      },
      around,
    );
    made.push({ candidate, key, files });
  }
  const costs = await recommenderCosts(
    made.map(({ candidate: { name, recommender }, key, files }) => ({ name, recommender, key, files })),
    {
      ...{ seen, itemIds: parts.itemIds, userIds: parts.userIds, k: Math.max(...recipe.evaluate.ks) },
      users: Int32Array.from(spread(seen, askingUsers)),
    },
    around,
  );
  return made.map(({ candidate, key }, i) => ({
    ...candidate,
    variant: variantOf(candidate, costs[i]!),
    stage: { stage: "artifact", key },
  }));
}

async function sealOne(
  candidate: Measured,
  data: Data,
  parts: Parts,
  seen: Interactions,
  recipe: Recipe,
  around: Surroundings,
): Promise<Files> {
  const { recommender, name, role, method, of, quality } = candidate;
  const onnx = encodeOnnx(lowerToOnnx(recommender));
  const users = spread(seen, checkedUsers);
  await checkParity(
    recommender,
    onnx,
    users.map((user) => queryOf(recommender, seen, user)),
    around,
  );
  const files = sealArtifact({
    ...{ name, role, method, recipe, recommender, onnx, seed: recipe.seed, split: parts.hash },
    ...{ dataset: { name: data.name, fingerprint: data.fingerprint }, metrics: quality.metrics },
    ...(of !== undefined && { parent: of }),
    ...{ itemIds: parts.itemIds, userIds: parts.userIds, histories: historiesOf(recommender, seen) },
  });
  return Object.fromEntries(files);
}

async function checkParity(
  recommender: Recommender,
  onnx: Uint8Array,
  queries: readonly Query[],
  around: Surroundings,
): Promise<void> {
  const theirs = await around.onnxScores(onnx, queries);
  const scorer = openScorer(around.kernels, recommender);
  try {
    queries.forEach((query, q) => {
      const ours = scorer.score(query);
      const size = ours.reduce((most, score) => Math.max(most, Math.abs(score)), 1);
      const apart = ours.reduce(
        (most, score, j) => Math.max(most, Math.abs(score - (theirs[q]?.[j] ?? Number.NaN))),
        0,
      );
      if (!(apart <= 1e-4 * size)) bug(`ONNX Runtime's scores differ from ours by ${apart} of ${size}`);
    });
  } finally {
    scorer.free();
  }
}

function variantOf({ name, role, of, method, passes, steps, quality }: Measured, cost: Cost): Variant {
  return {
    ...{ name, role, method, ...(of !== undefined && { of }), ...(passes && { passes }), ...(steps && { steps }) },
    ...quality,
    cost,
    artifact: `artifacts/${name}`,
  };
}

function historiesOf({ encoder }: Recommender, seen: Interactions): Histories {
  const order = encoder && timeOrder(seen);
  return { indptr: seen.indptr, indices: seen.indices, ...(order && { order }) };
}

/** Up to `count` users with a history, evenly over all. */
function spread(seen: Interactions, count: number): number[] {
  const users = Array.from({ length: seen.users }, (_, u) => u).filter((u) => rowOf(seen, u).length > 0);
  const n = Math.min(count, users.length);
  return Array.from({ length: n }, (_, i) => users[Math.floor((i * users.length) / n)]!);
}
