// The graphs of models over pooled histories: one that learns, with its weights and tables, and the encoder that answers
// by the same layers over the same weights.

import type { Rng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import { float32 } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import type { Init, NetworkContext } from "../../kinds/network.ts";
import type { Encoder } from "../../recommender/encoder/encoder.ts";
import { opset } from "../network-graph.ts";
import { toEncoder } from "../sequences/to-encoder.ts";
import type { Model } from "../training/model.ts";

/** What layers are built with. */
export type Layers = Pick<NetworkContext, "g" | "weight">;

/** Sizes to infer shapes with while building; they stand in no constant. */
const probe = { batch: 7919, length: 31, count: 5, taught: 13 };

export interface LearningGraph extends Layers {
  /** A weight that the trainer keeps outside the graph; only Gather reads it. */
  table(name: string, dims: readonly number[], init: Init): string;
  model(): Model;
}

/**
 * An empty graph to build; named dimensions are `batch`, `count` and `taught`. Every start is drawn from `rng`, by name; the same name
 * again is the same weight.
 */
export function learningGraph(name: string, rng: Rng): LearningGraph {
  const { graph } = buildGraph(name, opset);
  const g = opsOn(typedBuilder(graph, probe));
  const [weights, tables]: [string[], string[]] = [[], []];
  const start = (kept: string[]) => (of: string, dims: readonly number[], init: Init) => {
    if (!kept.includes(of)) kept.push(g.constant(of, float32(dims, init(rng.fork(of), dims))));
    return of;
  };
  return { g, weight: start(weights), table: start(tables), model: () => ({ graph, weights, tables }) };
}

/** Layers over the weights of a graph that has learnt. */
export const learntLayers = (g: Ops, { initializers }: Graph): Layers => ({
  g,
  weight: (name) => g.constant(name, initializers.get(name)!),
});

/** query = build(Σ rows / count, or / √count), with the weights of `learnt`; a history without items pools to 0. */
export function historyEncoder(
  build: (layers: Layers, pooled: string) => string,
  pool: "mean" | "sqrt",
  sizes: Pick<Encoder, "length" | "width" | "d">,
  learnt: Graph,
): Encoder {
  const { graph } = buildGraph("encoder", opset);
  const g = opsOn(typedBuilder(graph, probe));
  const rows = g.input("rows", "float32", ["batch", "length", sizes.width]);
  const count = g.max(g.sum(g.input("mask", "float32", ["batch", "length"]), [1], true), g.scalar(1));
  const pooled = g.div(g.sum(rows, [1]), pool === "mean" ? count : g.sqrt(count));
  g.output(build(learntLayers(g, learnt), pooled), "query", ["batch", sizes.d]);
  return toEncoder(graph, sizes);
}
