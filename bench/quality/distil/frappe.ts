// An ensemble's student on Frappe: how near it comes, what it weighs, and what the same network reaches on labels alone.
// The teachers are trained once, the student with and without them by several seeds.

import { must } from "../../../src/base/errors.ts";
import type { ClickResults, NetworkResult } from "../../../src/report/clicks/results.ts";
import { defineCase, type Figures } from "../../case.ts";
import { networkOf, runClickRecipe } from "../../click-recipe.ts";
import { round, spread } from "../../spread.ts";

const seeds = [1, 2, 3];
const [taught, untaught] = ["student", "undistilled"];

interface Step {
  readonly name: string;
  readonly use: string;
  readonly train?: object;
}

export default defineCase({
  name: "frappe",
  summary:
    "Frappe: DCN-V2, FinalMLP and DeepFM as one teacher; over 3 seeds its student must be within .002 of its test AUC and above the same student undistilled at 1/10 of its FLOPs and 1/5 of its bytes, each by a paired test over users.",
  run: async ({ data }) => figuresOf(await runClickRecipe("frappe-distil", data("."), bySeeds)),
});

/** The recipe with its student and the undistilled one by every seed, gated seed against seed. */
function bySeeds(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const networks = (raw["networks"] as readonly Step[]).flatMap((network): Step[] => {
    if (network.use === "packed") return [];
    if (network.name !== taught && network.name !== untaught) return [network];
    return seeds.map((seed) => ({
      ...network,
      name: named(network.name, seed),
      train: { ...network.train, seed },
    }));
  });
  const gates = [
    { metric: "auc", maxDrop: 0.002, against: "ensemble" },
    ...seeds.map((seed) => ({ metric: "auc", maxDrop: 0, against: named(untaught, seed) })),
  ];
  return { ...raw, networks, gates };
}

const named = (name: string, seed: number): string => `${name}-${seed}`;

function figuresOf(run: ClickResults): Figures {
  const auc = ({ metrics }: NetworkResult) => metrics["auc"] ?? Number.NaN;
  const all = (name: string) => seeds.map((seed) => networkOf(run, named(name, seed)));
  const teacher = networkOf(run, "ensemble");
  const [students, others] = [all(taught), all(untaught)];
  const { cost } = students[0]!;
  // Gates keep the recipe's order: the ensemble's first, then one for every seed.
  const verdicts = (gate: (i: number) => number) =>
    students.map((one, i) => must(one.gates?.[gate(i)], `gates of ${one.name}`).verdict).join(" ");
  return {
    "ensemble AUC": round(auc(teacher)),
    ...spread("student AUC", others.map(auc)),
    ...spread("distilled AUC", students.map(auc)),
    ...spread(
      "distilled below the ensemble",
      students.map((one) => auc(teacher) - auc(one)),
    ),
    ...spread(
      "distilled above the student",
      students.map((one, i) => auc(one) - auc(others[i]!)),
    ),
    "within .002 of the ensemble": verdicts(() => 0),
    "above the student": verdicts((i) => 1 + i),
    "FLOPs ratio": round(teacher.cost.flops.perRow / cost.flops.perRow),
    "bytes ratio": round(teacher.cost.bytes.raw / cost.bytes.raw),
    bytes: cost.bytes.raw,
  };
}
