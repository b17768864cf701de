// DCN-V2 on Frappe without parts of it: three of its ten columns, four of its six blocks and half of its hidden neurons, as
// it is and after it was distilled back from the whole. The validation rows choose what goes; the test rows only measure.

import type { ForeignArtifact } from "../../../src/artifact/foreign.ts";
import { compressGraph } from "../../../src/pipeline/graphs/compress-graph.ts";
import { finetune } from "../../../src/pipeline/graphs/finetune.ts";
import { finetuneOptions } from "../../../src/pipeline/graphs/options.ts";
import { defineCase, type Figures } from "../../case.ts";
import { runClickRecipe } from "../../click-recipe.ts";
import { round } from "../../spread.ts";
import { graphBytes, opened, qualityOn, trainedGraph } from "../../trained-graph.ts";

const name = "dcnv2";
const label = "label";
const how = { learningRate: 1e-4, epochs: 3, patience: 2, batch: 512, alpha: 1 };

export default defineCase({
  name: "frappe-parts",
  summary:
    "Frappe: DCN-V2 without three columns, four of its six blocks and half of its neurons, and distilled back from the whole; test AUC and bytes.",
  async run({ data, note }) {
    let figures: Figures = {};
    await runClickRecipe(
      "frappe-dcnv2",
      data("."),
      (raw) => ({ ...raw, evaluate: { part: "validation" } }),
      async (folder, recipe, shared) => {
        const { artifact: whole, train, validation, test, around } = await trainedGraph(name, folder, recipe, shared);
        const auc = async (of: ForeignArtifact) => (await qualityOn(of, test, label, around, of)).auc;
        const rows = { file: name, table: validation, label };
        const without = async (plan: object) =>
          opened((await compressGraph({ artifact: whole, name, steps: [], ...plan, rows }, around)).files);
        note("parts");
        const parts = { fields: 0.3, blocks: 0.67 };
        const [fewer, small] = [await without({ parts }), await without({ parts, neurons: 0.5 })];
        note("distil back");
        const options = finetuneOptions.parse(how);
        const teacher = { artifact: whole, table: train };
        const learn = { artifact: small, name, file: name, table: train, label, teacher, options };
        const back = await opened((await finetune(learn, around)).files);
        const [before, after] = [await auc(whole), await auc(back)];
        figures = {
          ...{ ratio: round(graphBytes(whole) / graphBytes(back)), loss: round(before - after) },
          verdict: before - after <= 0.005 ? "pass" : "fail",
          ...{ bytes: graphBytes(back), "bytes before": graphBytes(whole), "bytes without parts": graphBytes(fewer) },
          ...{ "AUC before": round(before), "AUC without parts": round(await auc(fewer)) },
          ...{ "AUC with half of the neurons, too": round(await auc(small)), "AUC distilled back": round(after) },
        };
      },
    );
    return figures;
  },
});
