import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import { openKernels } from "../node/threads.ts";
import { heldOutBatch, popularCandidates } from "./held-out-batch.ts";

const train = randomBoard(5);
const counts = new Int32Array(train.items);
for (const item of train.indices) counts[item]!++;
const [d, width] = [6, 8];
const batch = Array.from({ length: train.users }, (_, u) => rowOf(train, u))
  .filter((history) => history.length > 1)
  .slice(0, 5)
  .map((history) => ({ kept: history.subarray(0, 1), held: history.subarray(1) }));

async function opened(drawn: number) {
  const kernels = await openKernels(1);
  const scope = kernels.scope();
  const [rows, gradient] = [0, 1].map(() => scope.f32((train.items + batch.length) * width)) as [
    Float32Array,
    Float32Array,
  ];
  const rng = createRng(2);
  for (let i = 0; i < rows.length; i++) rows[i] = rng.normal();
  for (let u = 0; u < batch.length; u++) rows[(train.items + u) * width + d] = 1;
  const candidates = popularCandidates(counts, 0.5, drawn, 0.5);
  const where = { items: train.items, bias: d };
  const loss = (share = 0.1) =>
    heldOutBatch(
      kernels,
      { rows, gradient, width },
      where,
      batch,
      candidates,
      { drawn, share, scale: 0.7 },
      createRng(3),
    );
  return { rows, gradient, loss };
}

test("its gradient is that of finite differences", async () => {
  const { rows, gradient, loss } = await opened(12);
  await loss();
  const found = gradient.slice();
  const step = 1e-2;
  const queries = train.items * width;
  for (const at of [0, 3, d, 5 * width + 1, 9 * width + d, queries, queries + 3, queries + 2 * width + 4]) {
    const kept = rows[at]!;
    rows[at] = kept + step;
    const above = await loss();
    rows[at] = kept - step;
    const below = await loss();
    rows[at] = kept;
    expect(found[at]).toBeCloseTo((above - below) / (2 * step), 2);
  }
});

test("with every item a candidate it is the softmax over all items but those kept", async () => {
  const { rows, loss } = await opened(20_000);
  let expected = 0;
  for (const [u, { kept, held }] of batch.entries()) {
    const query = rows.subarray((train.items + u) * width, (train.items + u + 1) * width);
    const scores = Array.from({ length: train.items }, (_, j) =>
      kept.includes(j) ? 0 : Math.exp(query.reduce((sum, q, x) => sum + q * rows[j * width + x]!, 0)),
    );
    const all = scores.reduce((a, b) => a + b, 0);
    for (const t of held) expected -= (0.7 / Math.sqrt(held.length)) * Math.log(scores[t]! / all);
  }
  expect(await loss()).toBeCloseTo(expected, 2);
});

test("an item is lifted by the log of one over its chance to be drawn or held out", () => {
  const candidates = popularCandidates(counts, 1, 10, 0.5);
  const total = counts.reduce((sum, count) => sum + Math.max(1, count), 0);
  const missed = (1 - Math.max(1, counts[3]!) / total) ** 10 * Math.exp(-0.5 * 0.2 * counts[3]!);
  expect(candidates.lift(3, 0.2)).toBeCloseTo(-Math.log(1 - missed), 6);
});
