// A foreign teacher, end to end: a factor model that PyTorch trained and exported, imported, evaluated by full ranking
// on the leave-one-out split that it was trained on, and its tables compressed without training.

import { defineCase } from "../case.ts";
import { importedTeacher } from "../citeulike.ts";
import { inScratch } from "../scratch.ts";
import { round } from "../spread.ts";

const passes = ["int8-row", "int4-row", "int2-row"];

export default defineCase({
  name: "citeulike-import",
  summary:
    "An imported BPR-MF of d=200 on citeULike; must reach recall@50 .3108 and NDCG@50 .1200, as where it came from.",
  async run({ data }) {
    return inScratch("citeulike-import", async (folder) => {
      const run = await importedTeacher("citeulike-import", data("."), folder);
      const variants = passes.map((use) => ({ name: use, of: "teacher", passes: [{ use }] }));
      const figures = await run({ variants, evaluate: { ks: [10, 50], metrics: ["recall", "ndcg"] } }, "run");
      return Object.fromEntries(
        figures.flatMap(({ name, metrics, cost }) => [
          ...["recall@50", "ndcg@50"].map((one) => [`${name} ${one}`, round(metrics[one]!)] as const),
          [`${name} bytes`, cost.bytes.raw] as const,
        ]),
      );
    });
  },
});
