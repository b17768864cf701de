// What a network said of the measured rows, kept beside its quality: what paired tests between networks compare.

import { readSafetensors, writeSafetensors } from "../../artifact/safetensors.ts";
import { must } from "../../base/errors.ts";
import type { Scored } from "../../data/click-metrics/metric.ts";
import type { Tensor } from "../../tables/table.ts";

/** The file of it in the stage "clicks" (safetensors: label U8, score F32, group I32 where users are known). */
export const predictionsPath = "predictions.safetensors";

/** The file of these rows. */
export function encodePredictions({ label, score, group }: Scored): Uint8Array {
  const tensors = new Map<string, Tensor>([
    ["label", Uint8Array.from(label)],
    ["score", score as Float32Array<ArrayBuffer>],
    ...(group ? [["group", group as Int32Array<ArrayBuffer>] as const] : []),
  ]);
  return writeSafetensors(tensors);
}

/** Label, probability and user (-1 where unknown) of each measured row, in the log's order. */
export function decodePredictions(file: Uint8Array): Scored {
  const tensors = readSafetensors(file, predictionsPath);
  const group = tensors.get("group");
  return {
    label: Float32Array.from(must(tensors.get("label"), "label")),
    score: must(tensors.get("score"), "score") as Float32Array,
    ...(group && { group: group as Int32Array }),
  };
}
