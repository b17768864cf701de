import { expect, test } from "vitest";
import { checkerboard, fromRows } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import type { Interactions } from "../data/interactions.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import lightgcn from "./lightgcn.ts";

const fitted = async (train: Interactions, options: object) => {
  const losses: number[] = [];
  const kernels = await openKernels(1);
  const { tables } = await lightgcn.fit(train, lightgcn.options.parse({ d: 8, batch: 100, ...options }), {
    kernels,
    runtime,
    rng: createRng(1),
    progress: (_done, _total, note) => losses.push(Number(/loss (-?[\d.]+)/.exec(note!)![1])),
  });
  return { losses, users: decodeTable(tables.user!), items: decodeTable(tables.item!) };
};

test.each(["softmax", "bpr"])("its %s loss falls", async (loss) => {
  const { losses } = await fitted(checkerboard(20), { loss, negatives: 20, learningRate: 0.02, epochs: 40 });
  expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
});

test("layers smooth: nodes of one component end up alike, those of another do not", async () => {
  // Nothing is learnt in one step of size 1e-9; what remains is the start, smoothed.
  const train = fromRows(
    [
      [0, 1],
      [0, 1],
      [2, 3],
      [2, 3],
    ],
    4,
  );
  const options = { epochs: 1, learningRate: 1e-9, decay: 0, loss: "bpr" };
  const spread = async (layers: number) => {
    const { items } = await fitted(train, { ...options, layers });
    let sum = 0;
    for (let c = 0; c < 8; c++) sum += Math.abs(items[c]! - items[8 + c]!);
    return sum;
  };
  expect(await spread(8)).toBeLessThan(0.3 * (await spread(0)));
});
