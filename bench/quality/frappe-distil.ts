// An ensemble's student on Frappe: how near it comes, what it weighs, and what the same network reaches on labels alone.

import { must } from "../../src/base/errors.ts";
import type { ClickResults } from "../../src/report/clicks/results.ts";
import { defineCase, type Figures } from "../case.ts";
import { runClickRecipe } from "../click-recipe.ts";
import { round, spread } from "../spread.ts";

const seeds = [1, 2, 3];

export default defineCase({
  name: "frappe-distil",
  summary:
    "Frappe: DCN-V2, FinalMLP and DeepFM as one teacher, over 3 seeds; its student must be within .002 of its test AUC and above the same student undistilled at 1/10 of its FLOPs and 1/5 of its bytes.",
  async run({ data, note }) {
    const runs: ClickResults[] = [];
    for (const seed of seeds) {
      note(`seed ${seed}`);
      runs.push(await runClickRecipe("frappe-distil", data("."), seed));
    }
    return figuresOf(runs);
  },
});

function figuresOf(runs: readonly ClickResults[]): Figures {
  const of = ({ networks }: ClickResults, name: string) =>
    must(
      networks.find((network) => network.name === name),
      name,
    );
  const figures: Record<string, number | string> = {};
  const auc = (run: ClickResults, name: string) => of(run, name).metrics["auc"] ?? Number.NaN;
  for (const { name } of runs[0]!.networks)
    Object.assign(
      figures,
      spread(
        `${name} AUC`,
        runs.map((run) => auc(run, name)),
      ),
    );
  const below = runs.map((run) => auc(run, "ensemble") - auc(run, "student"));
  const above = runs.map((run) => auc(run, "student") - auc(run, "undistilled"));
  const [teacher, student] = [of(runs[0]!, "ensemble").cost, of(runs[0]!, "student").cost];
  return {
    ...figures,
    ...spread("student below the ensemble", below),
    ...spread("student above undistilled", above),
    "share of FLOPs": round(student.flops.perRow / teacher.flops.perRow),
    "share of bytes": round(student.bytes.raw / teacher.bytes.raw),
    gates: runs.map((run) => (of(run, "student").gates ?? []).map(({ verdict }) => verdict).join(" ")).join("; "),
  };
}
