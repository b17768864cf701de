// DCN-V2 on Frappe, ten times smaller: a narrower one that an ensemble taught, its table and layers packed, against the
// network of BARS' widths. Bytes are those of every file that a runtime loads.

import { must } from "../../../src/base/errors.ts";
import { defineCase } from "../../case.ts";
import { networkOf, runClickRecipe } from "../../click-recipe.ts";
import { round } from "../../spread.ts";

const [before, after] = ["dcnv2", "small"];

export default defineCase({
  name: "frappe-dcnv2-10x",
  summary:
    "Frappe: DCN-V2 as a distilled, packed network in a tenth of its bytes or less, whose test AUC is .001 lower at most by a paired test over users.",
  async run({ data }) {
    const run = await runClickRecipe("frappe-distil", data("."), (raw) => ({
      ...raw,
      networks: (raw["networks"] as readonly { name: string }[]).filter(({ name }) => name !== "undistilled"),
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
