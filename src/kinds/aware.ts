// How a graph learns toward a pass (quantisation-aware training: Jacob et al., arXiv 1712.05877): its products are made with
// what the pass would make of the weights, and the gradient is taken for the weights' own (straight-through: Bengio et al.,
// arXiv 1308.3432). What was learnt is sealed as projected, so that the pass finds it as it leaves it.

import type { Builder } from "../graph/builder.ts";

export interface Aware {
  /**
   * Appends what the pass makes of a float32 `value`, all of it or some rows of a table; the outputs of a layer lie along
   * `axis` of its weight.
   */
  project(b: Builder, value: string, axis: number): string;
  /** Where what layers read is in 8 bits, too: the weight of the newest batch in its range. */
  readonly averaging?: number;
  /** Layers of fewer weights than this stay as they are. */
  readonly least?: number;
}

/** A pass that graphs can learn toward. */
export interface Learnable<O> {
  aware?(options: O): Aware;
}
