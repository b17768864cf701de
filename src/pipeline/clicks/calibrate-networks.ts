// calibrate: the probabilities of the networks that ask for it become rates, on the validation rows that also stopped
// their training; test stays unread. The map is folded into the model, so that one file holds both.

import { bug, must, prefixed } from "../../base/errors.ts";
import { type CalibrationMethod, calibrationFits } from "../../data/click-calibration/index.ts";
import type { LogitMap } from "../../data/click-calibration/logit-map.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { answerOf } from "../graphs/answer.ts";
import { runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { calibratedGraph } from "./calibrate-graph.ts";
import { answers } from "./predict.ts";
import { ranksKept } from "./ranks-kept.ts";
import type { Clicks } from "./read-clicks.ts";
import type { TrainedNetwork } from "./train-networks.ts";

export interface CalibratedNetwork extends TrainedNetwork {
  /** What was done to the model, and the model before; absent where nothing was. */
  readonly repair?: { readonly map: LogitMap; readonly before: Uint8Array };
}

const version = 1;
const [modelPath, mapPath] = ["model.onnx", "calibration.json"];

/** The networks, calibrated where their entry says how. */
export async function calibrateNetworks(
  trained: readonly TrainedNetwork[],
  clicks: Clicks,
  around: Surroundings,
): Promise<CalibratedNetwork[]> {
  const calibrated: CalibratedNetwork[] = [];
  for (const one of trained) {
    const { calibrate: method, name } = one.network;
    if (method === undefined) {
      calibrated.push(one);
      continue;
    }
    const seen = clicks.seenBy(one.network);
    const { key, value } = await runStage<{ onnx: Uint8Array; map: LogitMap }>(
      {
        ...{ stage: "calibration", version, label: `calibrate ${name}`, options: { method } },
        inputs: [one.key, seen.key],
        encode: ({ onnx, map }) => ({ [modelPath]: onnx, [mapPath]: new TextEncoder().encode(JSON.stringify(map)) }),
        decode: (files) => ({
          onnx: must(files[modelPath], modelPath),
          map: JSON.parse(new TextDecoder().decode(files[mapPath])) as LogitMap,
        }),
        compute: (step) => prefixed(name, calibrateOne(one.onnx, method, seen, around, step)),
      },
      around,
    );
    calibrated.push({ ...one, key, onnx: value.onnx, repair: { map: value.map, before: one.onnx } });
  }
  return calibrated;
}

async function calibrateOne(
  onnx: Uint8Array,
  method: CalibrationMethod,
  { validation }: Clicks,
  { runtime }: Surroundings,
  step: (done: number, total: number) => void,
): Promise<{ onnx: Uint8Array; map: LogitMap }> {
  const { logits } = await answers(onnx, validation, runtime, step);
  const map = calibrationFits[method](validation.label, logits);
  const graph = decodeOnnx(onnx, modelPath);
  const outputs = graph.outputs.map(({ name, dtype, shape }) => ({ name, dtype, shape, role: "one" }));
  const made = encodeOnnx(calibratedGraph(graph, answerOf(graph, { name: modelPath, outputs }), map));
  const { logits: after } = await answers(made, validation, runtime);
  if (ranksKept(logits, after).moved > 0) bug("a calibration changed the order of rows");
  return { onnx: made, map };
}
