// A model in training with teachers: what its objective needs beside the model's own logit, and the model again without it.
//
//     L = (1 - α) · BCE(y, z) + α · Σ weight · term(z, t)                           (head: served)
//     L = (1 - α) · BCE(y, z) + α · Σ weight · term(w · h + b, t)                   (head: auxiliary)
//     t = Σ_k a_k t_k;  a = 1/T (mean), or softmax(W [t_1 … t_T] + c) (gated)
//
// An auxiliary head learns the teacher over the last hidden layers h, so that they take over what it knows and the logit
// that is served takes over none of its bias (Bridging the Gap, arXiv 2408.14678). A gate weighs an ensemble's teachers
// row by row (arXiv 2011.04106); here it learns from the labels, by BCE(y, t), and not through the student, which would
// draw it to the teacher that is easiest to follow.

import { UserError } from "../../base/errors.ts";
import type { Rng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Ops } from "../../graph/ops.ts";
import { float32, type GraphTensor } from "../../graph/tensor.ts";
import type { Term } from "../../kinds/guidance.ts";
import type { LogitLoss } from "../../kinds/logit-loss.ts";
import { xavierNormalOf } from "../layers/init.ts";
import { binaryCrossEntropy } from "../objectives/pointwise.ts";
import type { Model } from "./model.ts";
import type { Objective } from "./training-graph.ts";

export interface Teachers {
  /** How many; the feed `teacher` is float32 [batch, count], their logits. */
  readonly count: number;
  readonly weights: "mean" | "gated";
  /** α. */
  readonly alpha: number;
  readonly head: "served" | "auxiliary";
  readonly terms: readonly Term<LogitLoss>[];
}

export interface TaughtModel {
  readonly model: Model;
  readonly objective: Objective;
  /** A trained one of these without what only served training. */
  without(trained: Model): Model;
}

const [gateWeight, gateBias] = ["distill.gate.weight", "distill.gate.bias"];
const [headWeight, headBias] = ["distill.head.weight", "distill.head.bias"];

/** `model` has an output `logits` [batch] and is to learn from the feeds `label` and `teacher`, too. */
export function taughtModel(model: Model, teachers: Teachers, rng: Rng): TaughtModel {
  const { count, weights, head } = teachers;
  const parts = head === "auxiliary" ? hiddenParts(model.graph) : [];
  const wide = parts.reduce((sum, { width }) => sum + width, 0);
  const draw = xavierNormalOf(wide, 1);
  const zeros = (dims: readonly number[]) => float32(dims, new Float32Array(dims.reduce((n, d) => n * d, 1)));
  const added = new Map<string, GraphTensor>([
    ...(weights === "gated"
      ? ([
          [gateWeight, zeros([count, count])],
          [gateBias, zeros([count])],
        ] as const)
      : []),
    ...parts.map(({ width }, i) => {
      const name = `${headWeight}.${i}`;
      return [name, float32([width, 1], draw(rng.fork(name), [width, 1]))] as const;
    }),
    ...(parts.length > 0 ? ([[headBias, zeros([1])]] as const) : []),
  ]);
  const { graph } = model;
  const outputs = parts.map(({ name, width }) => ({ name, dtype: "float32" as const, shape: ["batch", width] }));
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        outputs: [...graph.outputs, ...outputs],
        initializers: new Map([...graph.initializers, ...added]),
      },
      weights: [...model.weights, ...added.keys()],
    },
    objective: (g, out) => objective(g, out, parts, teachers),
    without: (trained) => ({
      ...trained,
      graph: {
        ...trained.graph,
        outputs: graph.outputs,
        initializers: new Map([...trained.graph.initializers].filter(([name]) => !added.has(name))),
      },
      weights: model.weights,
    }),
  };
}

function objective(
  g: Ops,
  outputs: Readonly<Record<string, string>>,
  parts: readonly Part[],
  { count, weights, alpha, terms }: Teachers,
): string {
  const logits = outputs["logits"]!;
  const label = g.input("label", "float32", ["batch"]);
  const said = g.input("teacher", "float32", ["batch", count]);
  const teacher = weights === "gated" ? gated(g, said) : g.mean(said, [1]);
  const products = parts.map(({ name }, i) => g.matmul(outputs[name]!, `${headWeight}.${i}`));
  const student =
    parts.length === 0
      ? logits
      : g.squeeze(
          products.reduce((sum, one) => g.add(sum, one), headBias),
          1,
        );
  const held = weights === "gated" ? constantOf(g, teacher) : teacher;
  const values = terms.map(({ loss, options, weight }) =>
    g.mul(loss.build(g, { student, teacher: held }, options), g.scalar(alpha * weight)),
  );
  const own = g.mul(binaryCrossEntropy(g, logits, label), g.scalar(1 - alpha));
  const gate = weights === "gated" ? [binaryCrossEntropy(g, teacher, label)] : [];
  return [...values, ...gate].reduce((sum, value) => g.add(sum, value), own);
}

/** Σ_k softmax(W t + c)_k t_k of teachers' logits [n, T]: [n]. It starts from the mean. */
function gated(g: Ops, said: string): string {
  const shares = g.softmax(g.gemm(said, gateWeight, gateBias), 1);
  return g.sum(g.mul(shares, said), [1]);
}

/** The same numbers to 1/65,536, held still: Floor passes no gradient on. */
const constantOf = (g: Ops, x: string): string => g.div(g.floor(g.mul(x, g.scalar(2 ** 16))), g.scalar(2 ** 16));

interface Part {
  readonly name: string;
  readonly width: number;
}

/** What the head of our networks reads (layers/mlp.ts): one value a weight `head.weight` or `head.weight.<i>`. */
function hiddenParts({ name, nodes, initializers }: Graph): Part[] {
  const parts = nodes.flatMap(({ inputs }): Part[] => {
    const [read, weight] = inputs;
    if (!read || !weight || !/^head\.weight(\.\d+)?$/.test(weight)) return [];
    return [{ name: read, width: initializers.get(weight)!.dims[0]! }];
  });
  if (parts.length > 0) return parts;
  throw new UserError(`${name}: it has no hidden layer that an auxiliary head could read; take head: served.`);
}
