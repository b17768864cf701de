// The one number a row that a graph answers, as a logit: what losses and distillation want.
//
//     … → Sigmoid → Squeeze, Reshape, Identity … → output      logit: the same without the Sigmoid
//     … → Sigmoid → Clip → output, 1 / (1 + exp(-x)), Softmax  probability p: ln p - ln (1 - p), p kept off 0 and 1
//     anything else                                           logit: the output itself

import type { ForeignManifest } from "../../artifact/foreign.ts";
import { UserError } from "../../base/errors.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import type { Ops } from "../../graph/ops.ts";
import { usesOf } from "../../graph/uses.ts";

export interface Answer {
  readonly output: string;
  /** What the graph's output is. */
  readonly is: "logit" | "probability";
  /** The graph whose output `output` is the logit, or, where `isLogit` is false, a probability still. */
  readonly graph: Graph;
  readonly isLogit: boolean;
  /** What was recognised, for people. */
  readonly note: string;
}

/** How far a probability stays from 0 and 1 where a logit is made of it. */
const margin = 1e-7;

/** The answer of a graph; one without an output of one number a row is a UserError. The graph given stays as it is. */
export function answerOf(graph: Graph, { name, outputs }: Pick<ForeignManifest, "name" | "outputs">): Answer {
  const output = outputs.find(({ role }) => role === "one")?.name;
  if (output === undefined) {
    const said = outputs.map((one) => `${one.name} [${one.shape.join(", ")}]`).join(", ");
    throw new UserError(`${name}: no output is one number a row (it has ${said}); labels are learnt from one number.`);
  }
  const uses = usesOf(graph);
  let at = output;
  let [alone, bounded] = [true, false];
  for (let steps = 0; steps <= graph.nodes.length; steps++) {
    const node = uses.producer(at);
    alone &&= uses.readers(at).length === (at === output ? 0 : 1) && (at === output || !uses.isOutput(at));
    if (node?.op === "Sigmoid" && node.domain === "") {
      const note = `"${output}" is the Sigmoid of a logit`;
      if (!alone || bounded)
        return { output, is: "probability", graph, isLogit: false, note: `${note}; it is learnt as a probability` };
      const nodes = graph.nodes.map((one) => (one === node ? { ...one, op: "Identity" } : one));
      return {
        output,
        is: "probability",
        graph: { ...graph, nodes },
        isLogit: true,
        note: `${note}; the logit is learnt`,
      };
    }
    if (!node || !passes(node)) break;
    bounded ||= node.op === "Clip";
    at = node.inputs[0] ?? "";
  }
  const writer = uses.producer(at);
  if (writer && (writer.op === "Softmax" || writer.op === "HardSigmoid" || logistic(writer, uses.producer)))
    return { output, is: "probability", graph, isLogit: false, note: `"${output}" is a probability (${writer.op})` };
  return {
    output,
    is: "logit",
    graph,
    isLogit: true,
    note: `"${output}" is taken for a logit: no Sigmoid is before it`,
  };
}

const passes = ({ op, domain }: GraphNode): boolean =>
  domain === "" && ["Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Cast", "Clip"].includes(op);

/** Whether a node is 1 / (1 + exp(…)). */
function logistic({ op, inputs }: GraphNode, producer: (value: string) => GraphNode | undefined): boolean {
  const below = op === "Reciprocal" ? inputs[0] : op === "Div" ? inputs[1] : undefined;
  const sum = below === undefined ? undefined : producer(below);
  return sum?.op === "Add" && sum.inputs.some((name) => producer(name)?.op === "Exp");
}

/** Appends the logits [n] of an answer whose output is the value `of`. */
export function logitsOf(g: Ops, of: string, isLogit: boolean): string {
  const flat = g.reshape(of, [-1]);
  if (isLogit) return flat;
  const p = g.clip(flat, margin, 1 - margin);
  return g.sub(g.log(p), g.log(g.sub(g.scalar(1), p)));
}

/** The logit of each number of an answer's output. */
export const logitOf = (x: number, isLogit: boolean): number => {
  if (isLogit) return x;
  const p = Math.min(1 - margin, Math.max(margin, x));
  return Math.log(p) - Math.log1p(-p);
};
