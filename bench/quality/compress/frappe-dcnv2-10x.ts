// DCN-V2 on Frappe, ten times smaller: the student of an ensemble, its table and layers packed, in its place. It is judged
// against DCN-V2 as the recipe frappe-dcnv2 trains it, which is longer than the teacher of that kind in the ensemble. Bytes
// are those of every file that a runtime loads.

import { must } from "../../../src/base/errors.ts";
import { readDraft } from "../../../src/cli/read-recipe.ts";
import { defineCase } from "../../case.ts";
import { networkOf, runClickRecipe } from "../../click-recipe.ts";
import { round } from "../../spread.ts";

const [before, after] = ["frappe-dcnv2", "small"];

interface Step {
  readonly name: string;
}

export default defineCase({
  name: "frappe-dcnv2-10x",
  summary:
    "Frappe: a distilled, packed network in place of DCN-V2, in a tenth of its bytes or less; its test AUC must be .001 lower at most by a paired test over users.",
  async run({ data }) {
    const { raw: whole } = await readDraft(`recipes/${before}.yaml`);
    const [network] = whole["networks"] as readonly Step[];
    const { epochs, tables } = whole["train"] as Record<string, unknown>;
    const run = await runClickRecipe("frappe-distil", data("."), (raw) => ({
      ...raw,
      networks: [
        ...(raw["networks"] as readonly Step[]).filter(({ name }) => name !== "undistilled"),
        { ...network, name: before, train: { epochs, tables } },
      ],
      gates: [{ metric: "auc", maxDrop: 0.001, against: before }],
    }));
    const [large, student, small] = [networkOf(run, before), networkOf(run, "student"), networkOf(run, after)];
    const auc = ({ metrics }: typeof large) => must(metrics["auc"], "auc");
    const gate = must(small.gates?.[0], "the gate of the packed network");
    const model = ({ cost }: typeof large) => cost.files.find(({ path }) => path.endsWith(".onnx"))?.raw ?? 0;
    return {
      ratio: round(large.cost.bytes.raw / small.cost.bytes.raw),
      loss: round(auc(large) - auc(small)),
      verdict: gate.verdict,
      "loss at most": round(gate.interval?.[1] ?? Number.NaN),
      bytes: small.cost.bytes.raw,
      "bytes before": large.cost.bytes.raw,
      "ratio of model.onnx": round(model(large) / model(small)),
      "AUC before": round(auc(large)),
      "AUC packed": round(auc(small)),
      "AUC unpacked": round(auc(student)),
    };
  },
});
