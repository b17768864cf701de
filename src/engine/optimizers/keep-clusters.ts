// An optimiser under which weights that are equal stay equal, as those of clustered layers must (Han et al., Deep
// Compression, arXiv 1510.00149): all of a level move by the mean of their gradients.
//
//     g_i ← mean of g_j over the j with w_j = w_i

import { float32, int32 } from "../../graph/tensor.ts";
import type { GraphOptimizer } from "./optimizer.ts";

export interface Levels {
  /** The level of each number. */
  readonly codes: Int32Array;
  /** Numbers of each level. */
  readonly sizes: Int32Array;
}

/** `optimizer` for all weights but those named, whose levels move as one. */
export const keepingClusters = (optimizer: GraphOptimizer, clustered: ReadonlyMap<string, Levels>): GraphOptimizer => ({
  ...optimizer,
  update: (g, weights, gradients) =>
    optimizer.update(
      g,
      weights,
      gradients.map((gradient, i) => {
        const levels = clustered.get(weights[i]!);
        if (!levels) return gradient;
        const { codes, sizes } = levels;
        const at = g.constant(`${weights[i]}.level`, int32([codes.length], codes));
        const none = g.full([sizes.length], 0);
        const sums = g.scatterElements(none, at, g.reshape(gradient, [codes.length]), 0, "add");
        const shares = g.constant(
          `${weights[i]}.share`,
          float32(
            [sizes.length],
            Float32Array.from(sizes, (n) => 1 / n),
          ),
        );
        return g.reshape(g.gather(g.mul(sums, shares), at, 0), g.dims(weights[i]!));
      }),
    ),
});
