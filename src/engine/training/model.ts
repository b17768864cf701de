// What the trainer trains: a forward graph and which of its initializers move.

import type { Graph } from "../../graph/graph.ts";

export interface Model {
  /** Opset 21; inputs and outputs may have named dimensions. */
  readonly graph: Graph;
  /** float32 initializers that the optimiser in the graph updates. */
  readonly weights: readonly string[];
  /** float32 initializers [rows, width] that only Gather (axis 0) reads: kept and updated outside the graph. */
  readonly tables: readonly string[];
  /** By weight, or by value that holds gathered rows: what products read in its place, whose gradient is taken for its own. */
  readonly projected?: Readonly<Record<string, string>>;
  readonly ranges?: readonly MovingRange[];
}

/** A range that follows what a value holds in training, 0 included. */
export interface MovingRange {
  readonly value: string;
  /** float32 initializers without a dimension. */
  readonly lo: string;
  readonly hi: string;
  /** Weight of the newest batch. */
  readonly averaging: number;
}
