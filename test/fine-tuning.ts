// What tests of fine-tuning share: surroundings that are quiet, and rows of clicks whose truth is known.

import { sigmoid } from "../src/base/logistic.ts";
import { createRng } from "../src/base/rng.ts";
import type { RawColumn, RawTable } from "../src/data/raw-table.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { openKernels } from "../src/node/threads.ts";
import { noStore } from "../src/pipeline/stage.ts";

export const runtime = onnxRuntime({ threads: 1 });
const quiet = { start: () => ({ step() {}, end() {} }), stop() {} };
export const around = { runtime, openKernels: () => openKernels(1), clock: () => 0, progress: quiet, store: noStore };
export const fetchFrom = (files: Readonly<Record<string, Uint8Array>>) => async (path: string) => files[path]!;

export const numbers = (values: Iterable<number>): RawColumn => ({
  kind: "numbers",
  values: Float64Array.from(values),
});

/** n rows of `fields` numbers below 8 called <name>_0 …, and labels drawn from a hidden logistic model of the first four. */
export function clicks(n: number, fields: number, name: string, seed: string): RawTable {
  const rng = createRng(seed);
  const weight = createRng("truth");
  const truth = Array.from({ length: 4 * 8 }, () => 1.2 * weight.normal());
  const columns = Array.from({ length: fields }, () => new Float64Array(n));
  const label = Array.from({ length: n }, (_, r) => {
    for (const column of columns) column[r] = rng.below(8);
    const z = [0, 1, 2, 3].reduce((sum, f) => sum + truth[f * 8 + columns[f]![r]!]!, 0);
    return rng.uniform() < sigmoid(z) ? 1 : 0;
  });
  const named = columns.map((values, c): [string, RawColumn] => [`${name}_${c}`, numbers(values)]);
  return { n, columns: new Map([...named, ["click", numbers(label)]]) };
}
