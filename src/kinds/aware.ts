// How a graph learns toward a pass. In one of three ways:
//
// - project: its products are made with what the pass would make of the weights, and the gradient is taken for the
//   weights' own (straight-through: Bengio et al., arXiv 1308.3432; of quantisation: Jacob et al., arXiv 1712.05877). What
//   was learnt is sealed as projected, so that the pass finds it as it leaves it.
// - first: the pass is done before training, which keeps the zeros and the equal weights that it makes.
// - pruning: more and more weights are set to 0 on the way, until the pass has nothing left to do.

import type { Builder } from "../graph/builder.ts";

export interface Aware {
  /**
   * Appends what the pass makes of a float32 `value`, all of it or some rows of a table; the outputs of a layer lie along
   * `axis` of its weight.
   */
  project?(b: Builder, value: string, axis: number): string;
  /** Where what layers read is in 8 bits, too: the weight of the newest batch in its range. */
  readonly averaging?: number;
  readonly first?: boolean;
  readonly pruning?: Pruning;
  /** Layers of fewer weights than this stay as they are. */
  readonly least?: number;
}

export interface Pruning {
  /** Sets weights [ins, outs] of a layer to 0, in place: those that are due when `done` of all updates are. */
  zero(weight: Float32Array, done: number): void;
  /** Updates from one mask to the next. */
  readonly every: number;
  /** The share of all updates after which the last mask is drawn. */
  readonly end: number;
}

/** A pass that graphs can learn toward. */
export interface Learnable<O> {
  aware?(options: O): Aware;
}
