// What a trained graph costs: numbers held and arithmetic done.

import { countFlops } from "../graph/flops.ts";
import { elements } from "../graph/tensor.ts";
import type { Model } from "./training/model.ts";

export interface NetworkSize {
  /** Numbers that the graph's optimiser updates. */
  readonly weights: number;
  /** Numbers in embedding tables. */
  readonly tables: number;
  /** Floating-point operations that one more row costs, a multiplication and an addition being two. */
  readonly flops: number;
}

/** The size of a model whose batch dimension is called "batch". */
export function networkSize({ graph, weights, tables }: Model): NetworkSize {
  const count = (names: readonly string[]) =>
    names.reduce((n, name) => n + elements(graph.initializers.get(name)?.dims ?? [0]), 0);
  // What no row changes, such as a gate without context, is worked out once a run and in no difference.
  const flops = countFlops(graph, { batch: 2 }) - countFlops(graph, { batch: 1 });
  return { weights: count(weights), tables: count(tables), flops };
}
