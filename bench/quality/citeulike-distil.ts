// Distillation of a foreign teacher of 200 dimensions into factor students of 20, on Topology Distillation's split of
// citeULike and in its setting (BPR, Adam, 100 epochs, full ranking, leave one out): the student alone, with FTD and
// with HTD. Published from the authors' log, one seed: .2276, .2516, .2744 (KDD 2021, arXiv 2106.08700).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgress } from "../../src/cli/progress.ts";
import { writeFolder } from "../../src/node/disk.ts";
import { readOnnxFile } from "../../src/node/onnx-file.ts";
import { onnxRuntime } from "../../src/node/onnx-runtime.ts";
import { openSurroundings } from "../../src/node/surroundings.ts";
import { importModel } from "../../src/pipeline/import-model.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";
import { run } from "../../src/pipeline/run.ts";
import { defineCase } from "../case.ts";

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
    try {
      const file = join(data("."), "..", "models", "citeulike-bpr-d200.onnx");
      const model = await readOnnxFile(file);
      const imported = await importModel({ name: "bpr", file, ...model, roles: {} }, onnxRuntime({ threads: 1 }));
      await writeFolder(join(folder, "bpr"), imported.files);
      for (const seed of seeds) {
        const given = {
          ...{ name: "citeulike-distil", seed, dataset: { use: "lines", path: "citeulike-loo/td" } },
          ...{ split: { use: "given" }, teacher: { artifact: join(folder, "bpr") } },
          students: Object.entries(students).map(([name, student]) => ({ name, ...student })),
          evaluate: { ks: [50], metrics: ["recall", "ndcg"] },
        };
        const place = { base: data("."), folder: join(folder, `run-${seed}`) };
        const command = "npm run quality -- citeulike-distil";
        const around = await openSurroundings({ ...place, command, progress: createProgress() });
        try {
          for (const { name, metrics, slices } of (await run(parseRecipe(given, "citeulike-distil"), around))
            .variants) {
            found[name] = [...(found[name] ?? []), metrics["recall@50"]!];
            const tail = slices.find((slice) => slice.name === "tail")?.metrics["recall@50"] ?? Number.NaN;
            found[`${name} tail`] = [...(found[`${name} tail`] ?? []), tail];
          }
        } finally {
          await around.close();
        }
        note(`seed ${seed} done`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return Object.fromEntries(
      Object.entries(found).flatMap(([name, values]) => {
        const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
        const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
        const error = spread / Math.sqrt(values.length);
        return [
          [`${name} recall@50`, Math.round(mean * 1e4) / 1e4],
          [`${name} standard error`, Math.round(error * 1e4) / 1e4],
        ];
      }),
    );
  },
});
