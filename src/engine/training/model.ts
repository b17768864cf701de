// What the trainer trains: a forward graph and which of its initializers move.

import type { Graph } from "../../graph/graph.ts";

export interface Model {
  /** Opset 21; inputs and outputs may have named dimensions. */
  readonly graph: Graph;
  /** float32 initializers that the optimiser in the graph updates. */
  readonly weights: readonly string[];
  /** float32 initializers [rows, width] that only Gather (axis 0) reads: kept and updated outside the graph. */
  readonly tables: readonly string[];
}
