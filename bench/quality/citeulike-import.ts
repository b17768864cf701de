// A foreign teacher, end to end: a factor model that PyTorch trained and exported, imported, evaluated by full ranking
// on the leave-one-out split that it was trained on, and its tables compressed without training.

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

const passes = ["int8-row", "int4-row", "int2-row"];

export default defineCase({
  name: "citeulike-import",
  summary:
    "An imported BPR-MF of d=200 on citeULike; must reach recall@50 .3108 and NDCG@50 .1200, as where it came from.",
  async run({ data }) {
    const folder = await mkdtemp(join(tmpdir(), "distilrec-citeulike-import-"));
    try {
      const file = join(data("."), "..", "models", "citeulike-bpr-d200.onnx");
      const model = await readOnnxFile(file);
      const imported = await importModel({ name: "bpr", file, ...model, roles: {} }, onnxRuntime({ threads: 1 }));
      await writeFolder(join(folder, "bpr"), imported.files);
      const given = {
        ...{ name: "citeulike-import", dataset: { use: "lines", path: "citeulike-loo/td" }, split: { use: "given" } },
        teacher: { artifact: join(folder, "bpr") },
        variants: passes.map((use) => ({ name: use, of: "teacher", passes: [{ use }] })),
        evaluate: { ks: [10, 50], metrics: ["recall", "ndcg"] },
      };
      const place = { base: data("."), folder: join(folder, "run"), command: "npm run quality -- citeulike-import" };
      const around = await openSurroundings({ ...place, progress: createProgress() });
      try {
        const { variants } = await run(parseRecipe(given, "citeulike-import"), around);
        const figures = variants.flatMap(({ name, metrics, cost }) => [
          ...["recall@50", "ndcg@50"].map((one) => [`${name} ${one}`, Math.round(metrics[one]! * 1e4) / 1e4] as const),
          [`${name} bytes`, cost.bytes.raw] as const,
        ]);
        return Object.fromEntries(figures);
      } finally {
        await around.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});
