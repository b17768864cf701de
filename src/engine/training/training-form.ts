// What differs between a graph that answers and one that learns: Dropout drops, BatchNormalization uses its batch.

import { UserError } from "../../base/errors.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { floatAttribute, nodeName } from "../../graph/infer/rule.ts";
import type { Ops } from "../../graph/ops.ts";

/** An input of `dims` that is 0 with probability `rate` and else 1 / (1 - rate). */
export interface Mask {
  readonly input: string;
  readonly dims: readonly number[];
  readonly rate: number;
}

export interface TrainingForm {
  readonly masks: readonly Mask[];
  /** The next running mean or variance, by the name of the value that holds the present one. */
  readonly running: ReadonlyMap<string, string>;
  /** The new name of a value that is written by other nodes now. */
  renamed(value: string): string;
}

/** Takes the nodes out of `graph` that `toTrainingForm` must write anew, and every node after the first of them. */
export function takeNodes(graph: Graph): GraphNode[] {
  const first = graph.nodes.findIndex(({ op }) => op === "Dropout" || op === "BatchNormalization");
  return first < 0 ? [] : graph.nodes.splice(first);
}

/** Appends `nodes`, with Dropout and BatchNormalization in the form that trains. */
export function appendInTrainingForm(g: Ops, nodes: readonly GraphNode[]): TrainingForm {
  const masks: Mask[] = [];
  const running = new Map<string, string>();
  const renamed = new Map<string, string>();
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    if (node.op === "Dropout") renamed.set(node.outputs[0]!, dropped(g, node, inputs, masks));
    else if (node.op === "BatchNormalization") renamed.set(node.outputs[0]!, normalised(g, node, inputs, running));
    else g.append({ ...node, inputs });
  }
  return { masks, running, renamed: (value) => renamed.get(value) ?? value };
}

function dropped(g: Ops, node: GraphNode, [x, ratio]: readonly string[], masks: Mask[]): string {
  const rate = ratio ? Number(g.known(ratio)?.data[0] ?? Number.NaN) : 0.5;
  if (!(rate >= 0 && rate < 1)) throw new UserError(`${nodeName(node)}: its ratio must be a constant in [0, 1).`);
  if (rate === 0) return x!;
  const dims = g.dims(x!);
  const mask = g.input(`${node.outputs[0]}.mask`, "float32", dims);
  masks.push({ input: mask, dims, rate });
  return g.mul(x!, mask);
}

// μ, σ² over all axes but 1;  y = (x - μ) / √(σ² + ε) · scale + bias;  running = momentum · running + (1 - momentum) · batch
function normalised(g: Ops, node: GraphNode, inputs: readonly string[], running: Map<string, string>): string {
  const [x, scale, bias, mean, variance] = inputs as [string, string, string, string, string];
  const rank = g.dims(x).length;
  const axes = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 1);
  const wide = (v: string) => (rank > 2 ? g.reshape(v, [-1, ...Array<number>(rank - 2).fill(1)]) : v);
  const momentum = floatAttribute(node, "momentum", 0.9);
  const mu = g.mean(x, axes, true);
  const centred = g.sub(x, mu);
  const spread = g.mean(g.square(centred), axes, true);
  const root = g.sqrt(g.add(spread, g.scalar(floatAttribute(node, "epsilon", 1e-5))));
  for (const [name, batch] of [
    [mean, mu],
    [variance, spread],
  ] as const) {
    const seen = g.mul(g.reshape(batch, [-1]), g.scalar(1 - momentum));
    running.set(name, g.add(g.mul(name, g.scalar(momentum)), seen));
  }
  return g.add(g.mul(g.div(centred, root), wide(scale)), wide(bias));
}
