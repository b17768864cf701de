// Runs over Gowalla in LightGCN's published split with the teacher of recipes/gowalla-lightgcn.yaml, trained first or,
// where GOWALLA_TEACHER is its artifact's folder (of an earlier run of that recipe), opened.

import { resolve } from "node:path";
import { env } from "node:process";
import { readDraft, settle } from "../src/cli/read-recipe.ts";
import { parseRecipe } from "../src/pipeline/recipe.ts";
import type { Results, Variant } from "../src/report/results.ts";
import type { Figures } from "./case.ts";
import { caseCommand, runIn, scratchRun } from "./scratch-run.ts";
import { round } from "./spread.ts";

/** What every case of it says of its teacher. */
export const teacherNote = "The teacher, LightGCN of d=64, trains first; GOWALLA_TEACHER names the artifact of one.";

/**
 * A run of `given`, which is a recipe without data, split and teacher, by a case of `group`; `base` holds the data sets.
 * It stays in `folder`, where that is given.
 */
export async function gowallaRun(
  name: string,
  group: string,
  base: string,
  given: object,
  folder?: string,
): Promise<Results> {
  const { dataset, split, teacher } = settle(await readDraft("recipes/gowalla-lightgcn.yaml"));
  const trained = env["GOWALLA_TEACHER"];
  const recipe = {
    ...{ name, dataset, split, teacher: trained ? { artifact: resolve(trained) } : teacher },
    evaluate: { ks: [20], metrics: ["recall", "ndcg"] },
    ...given,
  };
  const [parsed, command] = [parseRecipe(recipe, name), caseCommand(name, group)];
  return folder === undefined ? scratchRun(parsed, base, command) : runIn(folder, parsed, base, command);
}

/** Directions of items that learn from the teacher's best 100 of every user and from the histories, and how they are packed. */
export interface SmallStudent {
  readonly d: number;
  readonly levels: number;
  readonly bands?: readonly { readonly share: number; readonly levels: number; readonly d: number }[];
  readonly epochs: number;
  readonly passes: readonly object[];
  /** How much of NDCG@20 it may lose, in percent. */
  readonly maxDrop: number;
}

const distill = {
  ...{ topN: 100, alpha: 0.5 },
  terms: [{ use: "soft-label", listed: 100, unlisted: 100, temperature: 1 }],
};

/** By how much its bytes are fewer than the teacher's, what of NDCG@20 it loses, and whether the gate lets it through. */
export async function compressGowalla(
  name: string,
  base: string,
  { passes, maxDrop, ...small }: SmallStudent,
): Promise<Figures> {
  const { variants } = await gowallaRun(name, "compress", base, {
    students: [{ name: "student", use: "cosine", ...small, negatives: 2048, startPower: 0.1, distill }],
    variants: [{ name: "packed", of: "student", passes }],
    gates: [{ metric: "ndcg@20", maxDrop: `${maxDrop}%`, type: "relative" }],
  });
  const [teacher, , packed] = variants as [Variant, Variant, Variant];
  const [before, after] = [teacher, packed].map(({ metrics }) => metrics["ndcg@20"]!) as [number, number];
  const gate = packed.gates![0]!;
  return {
    ratio: Math.round((teacher.cost.bytes.raw / packed.cost.bytes.raw) * 100) / 100,
    loss: round(1 - after / before),
    verdict: gate.verdict,
    "loss, most": round(gate.interval![1]),
    "ndcg@20": round(after),
    "recall@20": round(packed.metrics["recall@20"]!),
    bytes: packed.cost.bytes.raw,
    "teacher ndcg@20": round(before),
    "teacher recall@20": round(teacher.metrics["recall@20"]!),
    "teacher bytes": teacher.cost.bytes.raw,
  };
}
