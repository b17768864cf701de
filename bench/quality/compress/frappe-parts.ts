// DCN-V2 on Frappe without parts of it: three of its ten columns, four of its six blocks and half of its hidden neurons, as
// it is and after it was distilled back from the whole. The validation rows choose what goes; the test rows only measure.

import { join } from "node:path";
import { type ForeignArtifact, openForeign } from "../../../src/artifact/foreign.ts";
import { onnxPath } from "../../../src/artifact/paths.ts";
import { must } from "../../../src/base/errors.ts";
import { takeRows } from "../../../src/data/raw-table.ts";
import { targets } from "../../../src/data/targets.ts";
import { openForeignFolder } from "../../../src/node/artifact-folder.ts";
import { readLog } from "../../../src/pipeline/clicks/read-clicks.ts";
import { answerOf } from "../../../src/pipeline/graphs/answer.ts";
import { logitsByRuntime, qualityOf } from "../../../src/pipeline/graphs/answer-rows.ts";
import { compressGraph } from "../../../src/pipeline/graphs/compress-graph.ts";
import { finetune } from "../../../src/pipeline/graphs/finetune.ts";
import { finetuneOptions } from "../../../src/pipeline/graphs/options.ts";
import { rowFeeds } from "../../../src/pipeline/row-feeds.ts";
import { noStore } from "../../../src/pipeline/stage.ts";
import { defineCase, type Figures } from "../../case.ts";
import { runClickRecipe } from "../../click-recipe.ts";
import { round } from "../../spread.ts";

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
        const around = { ...shared, store: noStore };
        const log = await readLog(recipe, around);
        const rowsOf = (part: number) =>
          takeRows(
            log.table,
            Uint32Array.from(log.part.keys()).filter((row) => log.part[row] === part),
          );
        const [train, choosing, test] = [rowsOf(0), rowsOf(1), rowsOf(2)];
        const whole = await openForeignFolder(join(folder, "artifacts", name));
        const opened = (files: Readonly<Record<string, Uint8Array>>) =>
          openForeign(async (path) => must(files[path], path));
        const auc = async (of: ForeignArtifact) => {
          const logits = await logitsByRuntime(
            answerOf(of.graph, of.manifest),
            rowFeeds(of, test),
            around.runtime,
            name,
          );
          return qualityOf(targets(test, { label }).label, logits).auc;
        };
        const rows = { file: name, table: choosing, label };
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
        const bytes = (of: ForeignArtifact) => must(of.manifest.files[onnxPath], onnxPath).bytes;
        const [before, after] = [await auc(whole), await auc(back)];
        figures = {
          ...{ ratio: round(bytes(whole) / bytes(back)), loss: round(before - after) },
          verdict: before - after <= 0.005 ? "pass" : "fail",
          ...{ bytes: bytes(back), "bytes before": bytes(whole), "bytes without parts": bytes(fewer) },
          ...{ "AUC before": round(before), "AUC without parts": round(await auc(fewer)) },
          ...{ "AUC with half of the neurons, too": round(await auc(small)), "AUC distilled back": round(after) },
        };
      },
    );
    return figures;
  },
});
