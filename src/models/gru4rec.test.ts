import { afterAll, expect, test } from "vitest";
import { fromRows } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { openScorer } from "../recommender/scorer.ts";
import gru4rec from "./gru4rec.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

test.each([
  { layers: 1, loss: "softmax" },
  { layers: 2, loss: "bce", hidden: 8 },
])("says which item follows the last: %j", async (given) => {
  // Everyone goes round a circle of 12 items, each from another one on.
  const items = 12;
  const ring = fromRows(
    Array.from({ length: 24 }, () => Array.from({ length: items }, (_, i) => i)),
    items,
  );
  const times = Float64Array.from(ring.indices, (item, at) => (item - Math.floor(at / items) + 2 * items) % items);
  const options = { d: 8, hidden: 16, length: 6, epochs: 60, every: 60, batch: 12, dropout: 0, negatives: 24 };
  const recommender = await gru4rec.fit(
    { ...ring, times },
    gru4rec.options.parse({ ...options, learningRate: 0.03, ...given }),
    { kernels, runtime, rng: createRng(1), progress: () => {} },
  );
  const scorer = openScorer(kernels, recommender);
  for (let item = 0; item < items; item++) {
    const history = Int32Array.from([2, 1, 0], (back) => (item - back + items) % items);
    expect([...scorer.recommend({ history }, 1).items]).toEqual([(item + 1) % items]);
  }
  scorer.free();
});
