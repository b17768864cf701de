// Runs over Gowalla in LightGCN's published split with the teacher of recipes/gowalla-lightgcn.yaml, trained first or,
// where GOWALLA_TEACHER is its artifact's folder (of an earlier run of that recipe), opened.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { env } from "node:process";
import { createProgress } from "../src/cli/progress.ts";
import { readDraft, settle } from "../src/cli/read-recipe.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { parseRecipe } from "../src/pipeline/recipe.ts";
import { run } from "../src/pipeline/run.ts";
import type { Results, Variant } from "../src/report/results.ts";
import type { Figures } from "./case.ts";
import { round } from "./spread.ts";

/** What every case of it says of its teacher. */
export const teacherNote = "The teacher, LightGCN of d=64, trains first; GOWALLA_TEACHER names the artifact of one.";

/** The variants of a run of `given`, which is a recipe without data, split and teacher; `base` holds the data sets. */
export async function gowallaRun(name: string, base: string, given: object): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), `distilrec-${name}-`));
  const { dataset, split, teacher } = settle(await readDraft("recipes/gowalla-lightgcn.yaml"));
  const trained = env["GOWALLA_TEACHER"];
  const recipe = {
    ...{ name, dataset, split, teacher: trained ? { artifact: resolve(trained) } : teacher },
    evaluate: { ks: [20], metrics: ["recall", "ndcg"] },
    ...given,
  };
  const around = await openSurroundings({
    base,
    folder,
    command: `npm run quality -- ${name}`,
    progress: createProgress(),
  });
  try {
    return await run(parseRecipe(recipe, name), around);
  } finally {
    await around.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A student that learns from the teacher's best 100 of every user and from the histories, and how it is packed. */
export interface SmallStudent {
  readonly student: object;
  readonly passes: readonly object[];
  /** How much of NDCG@20 it may lose, in percent. */
  readonly maxDrop: number;
}

/** By how much its bytes are fewer than the teacher's, what of NDCG@20 it loses, and whether the gate lets it through. */
export async function compressGowalla(
  name: string,
  base: string,
  { student, passes, maxDrop }: SmallStudent,
): Promise<Figures> {
  const { variants } = await gowallaRun(name, base, {
    students: [{ name: "student", ...student }],
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
