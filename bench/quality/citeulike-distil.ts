// Distillation of a foreign teacher of 200 dimensions into factor students of 20, on Topology Distillation's split of
// citeULike and in its setting (BPR, Adam, 100 epochs, full ranking, leave one out): the student alone, with FTD and
// with HTD. Published from the authors' log, one seed: .2276, .2516, .2744 (KDD 2021, arXiv 2106.08700).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineCase } from "../case.ts";
import { importedTeacher } from "../citeulike.ts";
import { spread } from "../spread.ts";

const seeds = [1, 2, 3];
/** With α = ½ both parts of the loss are halved; so is the decay, to weigh what it weighs in the student alone. */
const taught = { use: "mf", d: 20, decay: 5e-4 };
const by = (terms: readonly object[]) => ({ ...taught, distill: { topN: 1, alpha: 0.5, terms } });
const students = {
  student: { use: "mf", d: 20 },
  ftd: by([{ use: "ftd", weight: 1e-3 }]),
  htd: by([{ use: "htd", weight: 1e-3 }]),
};

export default defineCase({
  name: "citeulike-distil",
  summary: "FTD and HTD from d=200 to d=20 on citeULike, 3 seeds; test recall@50 of HTD must reach .2744 ± .012.",
  async run({ data, note }) {
    const folder = await mkdtemp(join(tmpdir(), "distilrec-citeulike-distil-"));
    const found: Record<string, number[]> = {};
    const add = (name: string, value: number) => {
      found[name] = [...(found[name] ?? []), value];
    };
    try {
      const run = await importedTeacher("citeulike-distil", data("."), folder);
      for (const seed of seeds) {
        const named = Object.entries(students).map(([name, student]) => ({ name, ...student }));
        const recipe = { seed, students: named, evaluate: { ks: [50], metrics: ["recall", "ndcg"] } };
        for (const { name, metrics, slices } of await run(recipe, `run-${seed}`)) {
          add(`${name} recall@50`, metrics["recall@50"]!);
          const tail = slices.find((slice) => slice.name === "tail");
          add(`${name} recall@50 (tail)`, tail?.metrics["recall@50"] ?? Number.NaN);
        }
        note(`seed ${seed} done`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return Object.assign({}, ...Object.entries(found).map(([name, values]) => spread(name, values)));
  },
});
