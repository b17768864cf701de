// evaluate: every network on the recipe's part, by the model that ships. Test is read here and nowhere else.

import { must, prefixed } from "../../base/errors.ts";
import { calibrationCurve } from "../../data/click-metrics/ece.ts";
import { measureClicks } from "../../data/click-metrics/measure.ts";
import type { Scored } from "../../data/click-metrics/metric.ts";
import { takeScored } from "../../data/click-metrics/take-scored.ts";
import type { NetworkQuality } from "../../report/clicks/results.ts";
import { runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import type { CalibratedNetwork } from "./calibrate-networks.ts";
import { answers } from "./predict.ts";
import { decodePredictions, encodePredictions, predictionsPath } from "./predictions.ts";
import { ranksKept } from "./ranks-kept.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";

export interface MeasuredNetwork extends CalibratedNetwork {
  readonly quality: NetworkQuality;
  /** What the quality is of: the rows of the measured part, the same ones in the same order for every network. */
  readonly predictions: Scored;
}

type Measured = Pick<MeasuredNetwork, "quality" | "predictions">;

const version = 2;
const qualityPath = "quality.json";

/** Every network with its metrics, over all and by slice. */
export async function measureNetworks(
  networks: readonly CalibratedNetwork[],
  clicks: Clicks,
  { evaluate }: ClickRecipe,
  around: Surroundings,
): Promise<MeasuredNetwork[]> {
  const measured: MeasuredNetwork[] = [];
  for (const network of networks) {
    const seen = clicks.seenBy(network.network);
    const { value } = await runStage<Measured>(
      {
        ...{ stage: "clicks", version, label: `evaluate ${network.network.name}`, options: evaluate },
        inputs: [network.key, seen.key, seen.slicesKey],
        encode: ({ quality, predictions }) => ({
          [qualityPath]: new TextEncoder().encode(JSON.stringify(quality)),
          [predictionsPath]: encodePredictions(predictions),
        }),
        decode: (files) => ({
          quality: JSON.parse(new TextDecoder().decode(files[qualityPath])) as NetworkQuality,
          predictions: decodePredictions(must(files[predictionsPath], predictionsPath)),
        }),
        compute: (step) => prefixed(network.network.name, measureOne(network, seen, evaluate, around, step)),
      },
      around,
    );
    measured.push({ ...network, ...value });
  }
  return measured;
}

async function measureOne(
  { onnx, repair }: CalibratedNetwork,
  clicks: Clicks,
  { part, metrics, threshold }: ClickRecipe["evaluate"],
  { runtime }: Surroundings,
  step: (done: number, total: number) => void,
): Promise<Measured> {
  const rows = clicks[part];
  const { label, group } = rows;
  const said = await answers(onnx, rows, runtime, step);
  const scored = (score: Float32Array): Scored => ({ label, score, ...(group && { group }) });
  const predictions = scored(said.probability);
  const quality = (of: Scored) => measureClicks(of, metrics, { threshold });
  const was = repair && (await answers(repair.before, rows, runtime));
  return {
    predictions,
    quality: {
      ...qualityOf(predictions, clicks.slices, { metrics, threshold }),
      slicesLeftOut: clicks.slicesLeftOut,
      ...(repair &&
        was && {
          repair: {
            method: repair.map.method,
            before: { ...quality(scored(was.probability)), calibration: calibrationCurve(scored(was.probability)) },
            newTies: ranksKept(was.logits, said.logits).newTies,
          },
        }),
    },
  };
}

/** What predictions reach, over all rows and by slice, and their calibration curve. */
export function qualityOf(
  predictions: Scored,
  slices: Clicks["slices"],
  { metrics, threshold }: Pick<ClickRecipe["evaluate"], "metrics" | "threshold">,
): Omit<NetworkQuality, "slicesLeftOut" | "repair"> {
  const quality = (of: Scored) => measureClicks(of, metrics, { threshold });
  return {
    ...quality(predictions),
    slices: slices.map(({ column, name, rows }) => {
      const taken = takeScored(predictions, rows);
      const clicks = taken.label.reduce((sum, y) => sum + y, 0);
      return { column, name, rows: rows.length, clicks, ...quality(taken) };
    }),
    calibration: calibrationCurve(predictions),
  };
}
