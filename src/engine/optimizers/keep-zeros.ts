// An optimiser under which weights that are 0 stay 0, as those of pruned layers must: their zeros are the mask.
//
//     w ← w = 0 ? 0 : w'

import type { GraphOptimizer } from "./optimizer.ts";

/** `optimizer` for all weights but those named, of which only numbers other than 0 move. */
export const keepingZeros = (optimizer: GraphOptimizer, sparse: ReadonlySet<string>): GraphOptimizer => ({
  ...optimizer,
  update: (g, weights, gradients) =>
    optimizer
      .update(g, weights, gradients)
      .map(([name, next]) =>
        sparse.has(name) ? [name, g.where(g.equal(name, g.scalar(0)), g.scalar(0), next)] : [name, next],
      ),
});
