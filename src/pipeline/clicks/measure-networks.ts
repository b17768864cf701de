// evaluate: every network on the recipe's part, by the model that ships. Test is read here and nowhere else.

import { auc } from "../../data/click-metrics/auc.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { probabilities } from "./predict.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";
import type { TrainedNetwork } from "./train-networks.ts";

export interface MeasuredNetwork extends TrainedNetwork {
  readonly metrics: Readonly<Record<string, number>>;
  readonly standardError: Readonly<Record<string, number>>;
}

type Quality = Pick<MeasuredNetwork, "metrics" | "standardError">;

const version = 1;

/** Every network with its metrics; one that is not defined on this part is left out. */
export async function measureNetworks(
  trained: readonly TrainedNetwork[],
  clicks: Clicks,
  { evaluate }: ClickRecipe,
  around: Surroundings,
): Promise<MeasuredNetwork[]> {
  const rows = clicks[evaluate.part];
  const measured: MeasuredNetwork[] = [];
  for (const network of trained) {
    const { value } = await runStage<Quality>(
      {
        ...{ stage: "clicks", version, label: `evaluate ${network.network.name}`, options: evaluate },
        inputs: [network.key, clicks.key],
        encode: (found) => ({ "quality.json": new TextEncoder().encode(JSON.stringify(found)) }),
        decode: (files) => JSON.parse(new TextDecoder().decode(files["quality.json"])) as Quality,
        async compute(step) {
          const scored = { ...rows, score: await probabilities(network.onnx, rows, around.runtime, step) };
          const found = evaluate.metrics.map((name) => [name, clickMetrics[name].measure(scored)] as const);
          const { error } = auc(rows.label, scored.score);
          return {
            metrics: Object.fromEntries(found.filter(([, value]) => Number.isFinite(value))),
            standardError: evaluate.metrics.includes("auc") && Number.isFinite(error) ? { auc: error } : {},
          };
        },
      },
      around,
    );
    measured.push({ ...network, ...value });
  }
  return measured;
}
