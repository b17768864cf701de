// DeepFM on Frappe with its embeddings in 2 bits and its layers in 8: done to it as it is, done after a fine-tuning that knows
// nothing of it, and learnt toward in that fine-tuning. Fine-tuned on the validation rows, a part of which chooses the
// epoch; the test rows only measure.

import type { ForeignArtifact } from "../../../src/artifact/foreign.ts";
import { compressGraph } from "../../../src/pipeline/graphs/compress-graph.ts";
import { finetune } from "../../../src/pipeline/graphs/finetune.ts";
import { finetuneOptions } from "../../../src/pipeline/graphs/options.ts";
import { registry } from "../../../src/pipeline/registry.ts";
import { defineCase, type Figures } from "../../case.ts";
import { runClickRecipe } from "../../click-recipe.ts";
import { round, spread } from "../../spread.ts";
import { graphBytes, opened, qualityOn, trainedGraph } from "../../trained-graph.ts";

const name = "deepfm";
const seeds = [1, 2, 3];
const steps = {
  tables: [{ pass: registry.find("pass", "int2-row", name), options: {} }],
  layers: [{ pass: registry.findForLayers("quantize-static", name), options: {} }],
};
const how = { learningRate: 1e-4, epochs: 3, patience: 2, batch: 512 };

export default defineCase({
  name: "frappe-aware",
  summary:
    "Frappe: DeepFM in 2-bit rows and 8-bit layers, packed as it is, packed after fine-tuning, and fine-tuned toward it; test AUC and log loss at equal bytes.",
  async run({ data, note }) {
    let figures: Figures = {};
    await runClickRecipe(
      "frappe-deepfm",
      data("."),
      (raw) => ({
        ...raw,
        networks: [{ name, use: "deepfm", hidden: [256, 128] }],
        evaluate: { part: "validation" },
      }),
      async (folder, recipe, shared) => {
        const { artifact, validation: learnt, test, around } = await trainedGraph(name, folder, recipe, shared);
        const label = "label";
        const measure = (of: ForeignArtifact) => qualityOn(of, test, label, around, artifact);
        const packed = async (of: ForeignArtifact) => {
          const request = { artifact: of, name, steps: steps.tables, layers: steps.layers };
          return opened((await compressGraph({ ...request, rows: { file: name, table: learnt } }, around)).files);
        };
        const post = await packed(artifact);
        const found = { after: [], aware: [] } as Record<"after" | "aware", Awaited<ReturnType<typeof qualityOn>>[]>;
        for (const seed of seeds) {
          note(`seed ${seed}`);
          const options = finetuneOptions.parse({ ...how, seed });
          const request = { artifact, name, file: name, table: learnt, label, options };
          const plain = await opened((await finetune(request, around)).files);
          found.after.push(await measure(await packed(plain)));
          const aware = await opened((await finetune({ ...request, steps }, around)).files);
          found.aware.push(await measure(aware));
        }
        const [before, alone] = [await measure(artifact), await measure(post)];
        const over = (what: string, which: "after" | "aware") => ({
          ...spread(
            `AUC ${what}`,
            found[which].map(({ auc }) => auc),
          ),
          ...spread(
            `log loss ${what}`,
            found[which].map((one) => one["log-loss"]),
          ),
        });
        figures = {
          ...{ ratio: round(graphBytes(artifact) / graphBytes(post)), bytes: graphBytes(post) },
          ...{ "AUC before": round(before.auc), "log loss before": round(before["log-loss"]) },
          ...{ "AUC packed": round(alone.auc), "log loss packed": round(alone["log-loss"]) },
          ...over("packed after fine-tuning", "after"),
          ...over("learnt toward it", "aware"),
        };
      },
    );
    return figures;
  },
});
