// Gather, scatter-add, Adam, softmax and normalisation at the sizes of a LightGCN batch on Gowalla, one thread.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { adagradRows, adamRows, sgdRows } from "../src/kernels/optimizers.ts";
import { gather, gatherSum, scatterAdd } from "../src/kernels/rows.ts";
import { l2NormalizeBackward, l2NormalizeRows, softmaxLossRows } from "../src/kernels/softmax.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const [ROWS, D, N, COLS] = [70_839, 64, 8192, 1025];

const k = await openKernels(1);
const s = k.scope();
const rng = createRng("rows bench");
const random = (n: number) => {
  const values = s.f32(n);
  values.forEach((_, i) => {
    values[i] = rng.uniform() - 0.5;
  });
  return values;
};
const [table, m, v, grads] = [random(ROWS * D), s.f32(ROWS * D), s.f32(ROWS * D), random(ROWS * D)];
const ids = s.i32(N);
rng
  .shuffle(Int32Array.from({ length: ROWS }, (_, i) => i))
  .subarray(0, N)
  .forEach((id, t) => {
    ids[t] = id;
  });
const [batch, unit, back] = [random(N * D), random(N * D), s.f32(N * D)];
const [norms, pooled] = [s.f32(N), s.f32(D)];
const [scores, gradient] = [random(N * COLS), s.f32(N * COLS)];
const plain = { learningRate: 1e-3, decay: 1e-4, epsilon: 1e-8 };
const adam = { ...plain, beta1: 0.9, beta2: 0.999, step: 10 };

bench("gather 8192 × 64", () => gather(k, table, ids, D, back));
bench("gatherSum 8192 × 64", () => gatherSum(k, table, ids, D, pooled));
bench("scatterAdd 8192 × 64", () => scatterAdd(k, batch, ids, D, table));
bench("sgdRows 8192 × 64", () => sgdRows(k, table, ids, batch, D, plain));
bench("adagradRows 8192 × 64", () => adagradRows(k, table, v, ids, batch, D, plain));
bench("adamRows 8192 × 64", () => adamRows(k, table, m, v, ids, batch, D, adam));
bench("adamRows dense 70839 × 64", () => adamRows(k, table, m, v, null, grads, D, adam));
bench("softmaxLossRows 8192 × 1025", () => softmaxLossRows(k, scores, N, COLS, 0.2, gradient));
bench("l2NormalizeRows 8192 × 64", () => l2NormalizeRows(k, unit, N, D, norms));
bench("l2NormalizeBackward 8192 × 64", () => l2NormalizeBackward(k, unit, norms, batch, N, D, back));

/** Milliseconds. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}, ms`, ns / 1e6]));
