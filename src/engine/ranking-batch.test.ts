import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { bprBatch, softmaxBatch } from "./ranking-batch.ts";

const [nodes, d] = [9, 5];
const few = {
  user: Int32Array.from([0, 1, 2, 0]),
  item: Int32Array.from([3, 4, 5, 5]),
  other: Int32Array.from([6, 7, 8, 6]),
};
// more pairs than softmaxBatch scores at once
const draws = createRng(7);
const rows = {
  user: Int32Array.from({ length: 600 }, () => draws.below(3)),
  item: Int32Array.from({ length: 600 }, () => 3 + draws.below(3)),
  other: few.other,
};

const losses = {
  bpr: async (_k: unknown, table: Float32Array, gradient: Float32Array) => bprBatch(table, gradient, d, few),
  "bpr of prefixes": async (_k: unknown, table: Float32Array, gradient: Float32Array) =>
    bprBatch(table, gradient, d, few, 0.5, [1, 3, d]),
  softmax: (k: Awaited<ReturnType<typeof openSharedKernels>>, table: Float32Array, gradient: Float32Array) =>
    softmaxBatch(k, table, gradient, d, rows, { temperature: 0.5, cosine: false }),
  cosine: (k: Awaited<ReturnType<typeof openSharedKernels>>, table: Float32Array, gradient: Float32Array) =>
    softmaxBatch(k, table, gradient, d, rows, { temperature: 0.5, cosine: true }),
};

test.each(Object.entries(losses))("%s: the gradient is that of the loss", async (_name, loss) => {
  const kernels = await openSharedKernels();
  const scope = kernels.scope();
  const rng = createRng(5);
  const table = scope.copy(Float32Array.from({ length: nodes * d }, () => rng.normal()));
  const gradient = scope.f32(nodes * d);
  await loss(kernels, table, gradient);
  const unused = scope.f32(nodes * d);
  const h = 1e-2;
  for (let i = 0; i < table.length; i++) {
    const held = table[i];
    table[i] = held + h;
    const up = await loss(kernels, table, unused);
    table[i] = held - h;
    const down = await loss(kernels, table, unused);
    table[i] = held;
    // float32 forward: a central difference of step 1e-2 is good to about 1e-3
    expect(gradient[i]).toBeCloseTo((up - down) / (2 * h), 2);
  }
  scope.free();
});
