// NDCG@10 on the validation part, by full ranking, for early stopping; on every user or, of many, on an even sample.

import { type Interactions, rowOf } from "../../data/interactions.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { recommendAll } from "../../recommender/recommend-all.ts";
import type { Recommender } from "../../recommender/recommender.ts";

const K = 10;
const mostUsers = 5000;

/** Mean over users of Σ_{hits at rank r} 1/log₂(r+2), over the best that the user's held-out items allow. */
export async function heldOutNdcg(
  kernels: Kernels,
  recommender: Recommender,
  train: Interactions,
  heldOut: Interactions,
): Promise<number> {
  const all = Array.from({ length: heldOut.users }, (_, u) => u).filter((u) => rowOf(heldOut, u).length > 0);
  const every = Math.max(1, all.length / mostUsers);
  const users = Int32Array.from({ length: Math.floor(all.length / every) }, (_, i) => all[Math.floor(i * every)]!);
  const { items } = await recommendAll(kernels, recommender, { users, histories: train, exclude: train, k: K });
  let total = 0;
  users.forEach((user, row) => {
    const wanted = rowOf(heldOut, user);
    let [gain, best] = [0, 0];
    for (let r = 0; r < K; r++) {
      if (wanted.includes(items[row * K + r]!)) gain += 1 / Math.log2(r + 2);
      if (r < wanted.length) best += 1 / Math.log2(r + 2);
    }
    total += gain / best;
  });
  return total / users.length;
}
