// What a trained graph costs: numbers held and arithmetic done.

import { countFlops } from "../graph/flops.ts";
import type { Graph } from "../graph/graph.ts";
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
  return { weights: count(weights), tables: count(tables), flops: networkFlops(graph) };
}

/** The floating-point operations of one more row; what no row changes, such as a gate without context, is in none. */
export const networkFlops = (graph: Graph): number => countFlops(graph, { batch: 2 }) - countFlops(graph, { batch: 1 });
