// The click recipes on Frappe, run as a user would, into a fresh folder.

import { must } from "../../src/base/errors.ts";
import { defineCase, type Figures } from "../case.ts";
import { runClickRecipe } from "../click-recipe.ts";

export default defineCase({
  name: "frappe",
  summary:
    "DeepFM and DCN-V2 on Frappe in NFM's division, negatives of train drawn anew; test AUC must reach .980 and .982 (BARS: .9842, .9845).",
  async run({ data }) {
    const figures: Record<string, number> = {};
    for (const network of ["deepfm", "dcnv2"]) Object.assign(figures, await figuresOf(network, data(".")));
    return figures;
  },
});

async function figuresOf(network: string, base: string): Promise<Figures> {
  const { networks } = await runClickRecipe(`frappe-${network}`, base);
  const { metrics, cost, kept } = must(networks[0], "the recipe's network");
  return {
    [`${network} AUC`]: round(metrics["auc"]),
    [`${network} log loss`]: round(metrics["log-loss"]),
    [`${network} epoch`]: kept,
    [`${network} bytes`]: cost.bytes.raw,
  };
}

const round = (value: number | undefined): number => Math.round((value ?? Number.NaN) * 1e4) / 1e4;
