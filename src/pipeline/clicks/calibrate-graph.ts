// Folds a calibration into a graph, as operators of opset 13 and later that any runtime has:
//
//     … → z → Mul slope → Add offset → z' → Sigmoid → …                                         platt
//     … → z → Unsqueeze → Max low → Min high → Sub zero → Mul slope → ReduceSum → Add base → z' …  piecewise-linear
//
// Every step keeps order when it rounds, and all rows are summed in one way, so rows never change places; two logits
// may become equal where float32 cannot tell their images apart.

import { UserError } from "../../base/errors.ts";
import { type LogitMap, segmentsOf } from "../../data/click-calibration/logit-map.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { float32, int64 } from "../../graph/tensor.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";
import { verify } from "../../graph/verify.ts";
import type { Answer } from "../graphs/answer.ts";
import { copyOf } from "../graphs/pack-tables.ts";

const oldest = 13;
/** Sixteen floats are one cache line: every row's sum starts at the same place of one and is added up in the same order. */
const lanes = 16;
/** How far a probability stays from 0 and 1 where a logit is made of it. */
const margin = 1e-7;

/** The graph whose answer is calibrated by `map`; the graph given stays as it is. */
export function calibratedGraph(given: Graph, { output, is, isLogit, graph: bare }: Answer, map: LogitMap): Graph {
  if (given.opset < oldest)
    throw new UserError(`the graph is of opset ${given.opset}, a calibration needs ${oldest}; import it again.`);
  const graph = copyOf(given);
  const add = appender(usesOf(graph));
  if (isLogit && is === "probability") {
    // `bare` is the graph without its last Sigmoid; the logit is what that read.
    const sigmoid = graph.nodes[given.nodes.findIndex((node, n) => node !== bare.nodes[n])]!;
    const [logit] = sigmoid.inputs as [string];
    if (add.uses.readers(logit).length === 1 && add.uses.producer(logit))
      between(add, logit, (z) => mapped(add, z, map));
    else {
      const nodes = add.collect(() => (sigmoid.inputs = [mapped(add, logit, map)]));
      add.uses.insertBefore(sigmoid, nodes);
    }
  } else if (isLogit) between(add, output, (z) => mapped(add, z, map));
  else {
    between(add, output, (p) => {
      const inside = add("Clip", [p, add.scalar(margin), add.scalar(1 - margin)]);
      const rest = add("Sub", [add.scalar(1), inside]);
      const z = add("Sub", [add("Log", [inside]), add("Log", [rest])]);
      return add("Sigmoid", [mapped(add, z, map)]);
    });
  }
  verify(graph);
  return graph;
}

/** Appends nodes and constants under names of their own. */
interface Appender {
  (op: string, inputs: string[], attributes?: GraphNode["attributes"]): string;
  readonly uses: Uses;
  scalar(value: number): string;
  row(values: readonly number[]): string;
  axis(): string;
  /** The nodes that `work` appends. */
  collect(work: () => unknown): GraphNode[];
}

function appender(uses: Uses): Appender {
  let nodes: GraphNode[] = [];
  const constant = (tensor: Parameters<typeof uses.graph.initializers.set>[1]) => {
    const name = uses.unique("calibration");
    uses.graph.initializers.set(name, tensor);
    return name;
  };
  const add = (op: string, inputs: string[], attributes = {}) => {
    let name = uses.unique(`calibration/${op}`);
    // Nodes have names of their own; of a graph that is calibrated again the last one's is no value's.
    while (uses.graph.nodes.some((node) => node.name === name)) name = uses.unique(`calibration/${op}`);
    nodes.push({ name, op, domain: "", inputs, outputs: [name], attributes });
    return name;
  };
  return Object.assign(add, {
    uses,
    scalar: (value: number) => constant(float32([], Float32Array.of(value))),
    row: (values: readonly number[]) => constant(float32([values.length], Float32Array.from(values))),
    axis: () => constant(int64(-1)),
    collect(work: () => unknown) {
      nodes = [];
      work();
      return nodes;
    },
  });
}

/** Whoever read `value` reads what `then` makes of it, and an output keeps its name. */
function between(add: Appender, value: string, then: (raw: string) => string): void {
  const { uses } = add;
  const writer = uses.producer(value);
  if (!writer) throw new UserError(`"${value}" is an input or a constant of the graph; there is nothing to calibrate.`);
  const raw = uses.unique(`${value}/uncalibrated`);
  const nodes = add.collect(() => then(raw));
  const last = nodes.at(-1)!;
  last.outputs = [value];
  uses.replaceNode(writer, [
    { ...writer, outputs: writer.outputs.map((name) => (name === value ? raw : name)) },
    ...nodes,
  ]);
}

function mapped(add: Appender, z: string, map: LogitMap): string {
  if (map.method === "platt") return add("Add", [add("Mul", [z, add.scalar(map.slope)]), add.scalar(map.offset)]);
  const { base, segments } = segmentsOf(map);
  const idle = Array.from({ length: lanes - segments.length }, () => 0);
  const row = (of: (segment: (typeof segments)[number]) => number) => add.row([...segments.map(of), ...idle]);
  const apart = add("Unsqueeze", [z, add.axis()]);
  const above = add("Max", [apart, row(({ low }) => low)]);
  const inside = add("Min", [above, row(({ high }) => high)]);
  const part = add("Sub", [inside, row(({ zero }) => zero)]);
  const risen = add("Mul", [part, row(({ slope }) => slope)]);
  return add("Add", [add("ReduceSum", [risen, add.axis()], { keepdims: 0 }), add.scalar(base)]);
}
