// The click recipes on Frappe, run as a user would, into a fresh folder.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../src/base/errors.ts";
import { createProgress } from "../../src/cli/progress.ts";
import { readDraft } from "../../src/cli/read-recipe.ts";
import { openSurroundings } from "../../src/node/surroundings.ts";
import { parseClickRecipe } from "../../src/pipeline/clicks/recipe.ts";
import { runClicks } from "../../src/pipeline/clicks/run.ts";
import { defineCase, type Figures } from "../case.ts";

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
  const folder = await mkdtemp(join(tmpdir(), "distilrec-frappe-"));
  const { raw, source } = await readDraft(`recipes/frappe-${network}.yaml`);
  const command = "npm run quality -- frappe";
  const around = await openSurroundings({ base, folder, command, progress: createProgress() });
  try {
    const { networks } = await runClicks(parseClickRecipe(raw, source), around);
    const { metrics, cost, kept } = must(networks[0], "the recipe's network");
    return {
      [`${network} AUC`]: round(metrics["auc"]),
      [`${network} log loss`]: round(metrics["log-loss"]),
      [`${network} epoch`]: kept,
      [`${network} bytes`]: cost.bytes.raw,
    };
  } finally {
    await around.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const round = (value: number | undefined): number => Math.round((value ?? Number.NaN) * 1e4) / 1e4;
