// The graphs of a next-item model: one that learns at every place of a sequence, and the encoder that answers from its
// last place. Both are built by the same body over the same weights.

import type { Rng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import { float32 } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import type { Init } from "../../kinds/network.ts";
import { opset } from "../network-graph.ts";
import type { Model } from "../training/model.ts";

export interface SequenceContext {
  readonly g: Ops;
  /** [batch, length, d], zero where the mask is. */
  readonly rows: string;
  /** float32 [batch, length]. */
  readonly mask: string;
  readonly d: number;
  /** Most places of a sequence. */
  readonly length: number;
  /** int64 [1]: the places of this batch's sequences. */
  readonly places: string;
  weight(name: string, dims: readonly number[], init: Init): string;
  dropout(x: string, rate: number): string;
}

/** The states [batch, length, d] after each place, of which the next item's score is the dot product. */
export type SequenceBody = (context: SequenceContext) => string;

interface Start {
  readonly d: number;
  readonly length: number;
  readonly items: number;
  readonly itemInit: Init;
  readonly rng: Rng;
}

/** Sizes to infer shapes with while building; they stand in no constant. */
const probe = (length: number) => ({ batch: 7919, length: Math.min(31, length) });

/**
 * The graph that learns: inputs `history`, `target` int64 [batch, length], `mask` float32 [batch, length] and `negatives`
 * int64 [count]; outputs `states` [batch·length, d], `positive` rows of the same shape, `negative` rows [count, d]. One
 * that is taught also has the input `candidates` int64 [batch, candidates] and the outputs `query` [batch, d], the last
 * state, and its `scores` [batch, candidates].
 */
export function learningModel(body: SequenceBody, start: Start, candidates?: number): Model {
  const { d, length, items, itemInit, rng } = start;
  const { graph } = buildGraph("sequence", opset);
  const g = opsOn(typedBuilder(graph, { ...probe(length), count: 5 }));
  const weights: string[] = [];
  const fresh = (name: string, dims: readonly number[], init: Init) =>
    g.constant(name, float32(dims, init(rng.fork(name), dims)));
  const item = fresh("item", [items, d], itemInit);
  const [history, target] = ["history", "target"].map((name) => g.input(name, "int64", ["batch", "length"])) as [
    string,
    string,
  ];
  const mask = g.input("mask", "float32", ["batch", "length"]);
  const negatives = g.input("negatives", "int64", ["count"]);
  const rows = g.mul(g.gather(item, history, 0), g.unsqueeze(mask, 2));
  const states = body({
    ...{ g, rows, mask, d, length },
    places: g.node("Shape", [history], { start: 1, end: 2 }),
    weight(name, dims, init) {
      const made = fresh(name, dims, init);
      weights.push(made);
      return made;
    },
    dropout: (x, rate) => (rate > 0 ? g.node("Dropout", [x, g.scalar(rate)]) : x),
  });
  const flat = (x: string) => g.reshape(x, [-1, d]);
  g.output(flat(states), "states", ["places", d]);
  g.output(flat(g.gather(item, target, 0)), "positive", ["places", d]);
  g.output(g.gather(item, negatives, 0), "negative", ["count", d]);
  if (candidates !== undefined) {
    const last = g.gather(states, g.ints(-1), 1);
    const rows = g.gather(item, g.input("candidates", "int64", ["batch", candidates]), 0);
    g.output(g.squeeze(last, 1), "query", ["batch", d]);
    g.output(g.squeeze(g.matmul(last, g.transpose(rows, [0, 2, 1])), 1), "scores", ["batch", candidates]);
  }
  return { graph, weights, tables: [item] };
}

/** The graph that answers, with the weights of `learnt`: inputs `rows` and `mask`, output `query` [batch, d]. */
export function answeringGraph(body: SequenceBody, { d, length }: Pick<Start, "d" | "length">, learnt: Graph): Graph {
  const { graph } = buildGraph("encoder", opset);
  const g = opsOn(typedBuilder(graph, probe(length)));
  const rows = g.input("rows", "float32", ["batch", "length", d]);
  const mask = g.input("mask", "float32", ["batch", "length"]);
  const states = body({
    ...{ g, rows, mask, d, length },
    places: g.node("Shape", [mask], { start: 1, end: 2 }),
    weight: (name) => g.constant(name, learnt.initializers.get(name)!),
    dropout: (x) => x,
  });
  const last = (x: string) => g.gather(x, g.ints(-1), 1);
  // Zero for a history without items, however many places it is padded to.
  g.output(g.mul(g.squeeze(last(states), 1), last(mask)), "query", ["batch", d]);
  return graph;
}
