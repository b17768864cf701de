// What computes a query from a sequence of items, as an encoder (../encoder/encoder.ts): nodes that look up the items
// read `rows`, those that compare them with the padding read `mask`, and truth values are the numbers 0 and 1.
//
//     Gather(table, sequence)        rows + (1 - mask) · table[padding]
//     Equal(sequence, padding)       1 - mask              Not(x)           1 - x
//     Greater(sequence, 0)           mask                  And, Or          Mul, Max
//     Where(c, a, b)                 c · a + (1 - c) · b   Cast             Identity
//     Split                          a Slice a part        Reduce…, axes    as an input
//
// The graph reads sequences of one length: shorter ones get zeros in front.
//
//     rows, mask                     the last `length` of Concat(0 · first, rows)
//
// Shapes that are computed from the batch are found by binding the graph for two sizes of it: where they differ, a
// Reshape gets -1.

import { UserError } from "../../base/errors.ts";
import { bindGraph } from "../../graph/bind.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { inferGraph } from "../../graph/infer/index.ts";
import type { ValueType } from "../../graph/infer/rule.ts";
import { intAttribute } from "../../graph/infer/rule.ts";
import { float32, type GraphTensor, int64 } from "../../graph/tensor.ts";
import type { Encoder, EncoderNode } from "../encoder/encoder.ts";
import { checkEncoder } from "../encoder/run.ts";
import { lookupOf } from "./embedding-tables.ts";
import type { SequencePlan } from "./sequence.ts";
import { subgraph } from "./subgraph.ts";
import { type GraphView, viewGraph } from "./view.ts";

const ROWS = "distilrec.rows.full";
const MASK = "distilrec.mask.full";
const QUERY = "query";
const ONE = "distilrec.one";
/** In place of infinities: a product of one with 0 would be no number. */
const HUGE = 1e30;
const FLOAT_OR_BOOL: readonly unknown[] = [1, 9, 10, 11];

/** The encoder of the plan's query, which has `d` numbers; or why there is none. */
export function sequenceEncoder(graph: Graph, plan: SequencePlan, d: number): Encoder | { readonly why: string } {
  try {
    const read = readingRows(graph, plan);
    const [two, three] = [2, 3].map((batch) => bindGraph(structured(read), { batch })) as [Graph, Graph];
    const weights = new Map<string, GraphTensor>();
    for (const [name, tensor] of two.initializers) weights.set(name, free(name, tensor, three.initializers.get(name)));
    const shapes = [inferGraph(two).types, inferGraph(three).types] as const;
    const width = plan.table.tensor.dims[1] ?? 0;
    const nodes = [
      ...lengthened("rows", ROWS, plan.length, [plan.length, width], weights),
      ...lengthened("mask", MASK, plan.length, [plan.length], weights),
      ...two.nodes.flatMap((one) =>
        one.op === "Reshape" ? reshaping(one, shapes, weights) : encoderNodes(one, weights),
      ),
    ];
    const encoder = { length: plan.length, width, d, nodes, weights: Object.fromEntries(needed(nodes, weights)) };
    checkEncoder(encoder);
    return encoder;
  } catch (error) {
    if (error instanceof UserError) return { why: error.message.replace(/\.$/, "") };
    throw error;
  }
}

const structured = (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.map((node) => ({ ...node })) });
const node = (op: string, inputs: string[], output: string): GraphNode => ({
  ...{ name: output, op, domain: "", inputs, outputs: [output], attributes: {} },
});
const refuse = ({ op, name }: GraphNode, why: string): never => {
  throw new UserError(`${op} ${name} ${why}`);
};

/** The part of the graph that the query needs, reading `rows` and `mask` instead of the sequence. */
function readingRows(graph: Graph, plan: SequencePlan): Graph {
  const part = subgraph(graph, [plan.query]);
  const view = viewGraph(graph);
  const width = plan.table.tensor.dims[1] ?? 0;
  const { nodes: own, padding } = rowsNodes(plan, width);
  const nodes = [...own];
  // The last two nodes of a subgraph flatten its output.
  for (const one of part.nodes.slice(0, -2)) nodes.push(...translated(one, view, plan));
  nodes.push(node("Identity", [plan.query], QUERY));
  const one = float32([], Float32Array.of(1));
  return {
    ...part,
    nodes,
    inputs: [
      { name: ROWS, dtype: "float32", shape: ["batch", plan.length, width] },
      { name: MASK, dtype: "float32", shape: ["batch", plan.length] },
    ],
    outputs: [{ name: QUERY, dtype: "float32", shape: ["batch", "d"] }],
    initializers: new Map([...part.initializers, [ONE, one], ...padding]),
  };
}

const LOOKED_UP = "distilrec.rows.looked-up";

/** rows + (1 - mask) · table[padding], which is rows where the padding's row is zero. */
function rowsNodes(plan: SequencePlan, width: number): { nodes: GraphNode[]; padding: [string, GraphTensor][] } {
  const data = plan.table.tensor.data as Float32Array;
  const row = data.slice(plan.padding * width, (plan.padding + 1) * width);
  if (row.every((value) => value === 0)) return { nodes: [node("Identity", [ROWS], LOOKED_UP)], padding: [] };
  const name = (part: string) => `distilrec.padding.${part}`;
  return {
    nodes: [
      node("Sub", [ONE, MASK], name("missing")),
      node("Unsqueeze", [name("missing"), name("axis")], name("column")),
      node("Mul", [name("column"), name("row")], name("rows")),
      node("Add", [ROWS, name("rows")], LOOKED_UP),
    ],
    padding: [
      [name("axis"), int64(2)],
      [name("row"), float32([width], row)],
    ],
  };
}

/** A node over rows, mask and numbers in place of one over the sequence and truth values. */
function translated(one: GraphNode, view: GraphView, plan: SequencePlan): GraphNode[] {
  const [a = "", b = "", c = ""] = one.inputs;
  const [y = ""] = one.outputs;
  const lookup = lookupOf(view, one);
  if (lookup && view.source(lookup.index) === plan.input) return [node("Identity", [LOOKED_UP], y)];
  const place = one.inputs.findIndex((name) => view.source(name) === plan.input);
  if (place >= 0) {
    if (one.op === "Shape") return [{ ...one, inputs: [MASK] }];
    const other = view.integers(one.inputs[1 - place] ?? "");
    const is = (value: number) => other?.length === 1 && other[0] === value;
    if (one.op === "Equal" && is(plan.padding)) return [node("Sub", [ONE, MASK], y)];
    if (one.op === "Greater" && place === 0 && plan.padding === 0 && is(0)) return [node("Identity", [MASK], y)];
    // A Cast or Identity of the sequence is followed to whoever reads it.
    if (one.op === "Identity" || one.op === "Cast")
      return one.attributes["to"] === 9 && plan.padding === 0 ? [node("Identity", [MASK], y)] : [];
    refuse(one, "reads the items' numbers in another way than an embedding or a mask");
  }
  if (view.inputsOf(y).size === 0) return [one];
  if (one.op === "Not") return [node("Sub", [ONE, a], y)];
  if (one.op === "And") return [node("Mul", [a, b], y)];
  if (one.op === "Or") return [node("Max", [a, b], y)];
  if (one.op === "Cast") return FLOAT_OR_BOOL.includes(one.attributes["to"]) ? [node("Identity", [a], y)] : [one];
  if (one.op !== "Where") return [one];
  const [yes, no, rest] = [`${y}/yes`, `${y}/no`, `${y}/not`];
  return [node("Mul", [a, b], yes), node("Sub", [ONE, a], rest), node("Mul", [rest, c], no), node("Add", [yes, no], y)];
}

/** The last `length` along axis 1 of an input with zeros (`dims`, for each of the batch) in front of it. */
function lengthened(
  input: string,
  output: string,
  length: number,
  dims: readonly number[],
  weights: Map<string, GraphTensor>,
): EncoderNode[] {
  const name = (part: string) => `${output}/${part}`;
  weights.set(name("nothing"), float32([1, ...dims], new Float32Array(dims.reduce((n, d) => n * d, 1))));
  for (const [part, value] of Object.entries({ start: 0, one: 1, last: -length, end: 2 ** 31 - 1 })) {
    weights.set(name(part), int64(value));
  }
  const of = (op: string, inputs: string[], to: string, attributes = {}) => ({ op, inputs, outputs: [to], attributes });
  return [
    of("Slice", [input, name("start"), name("one"), name("one")], name("first")),
    of("Mul", [name("first"), name("nothing")], name("zeros")),
    of("Concat", [name("zeros"), input], name("both"), { axis: 1 }),
    of("Slice", [name("both"), name("last"), name("end"), name("one")], output),
  ];
}

/** A constant as it is for every batch, infinities finite. What is only the shape of a Reshape is not used as it is. */
function free(name: string, two: GraphTensor, three: GraphTensor | undefined): GraphTensor {
  if (two.dtype === "int64") return two;
  const same = three && three.dims.join() === two.dims.join();
  if (!same || two.dtype !== "float32") throw new UserError(`constant "${name}" is of one batch size, or ${two.dtype}`);
  const data = Float32Array.from(two.data as Float32Array, (x) => Math.max(-HUGE, Math.min(HUGE, x)));
  return { ...two, data };
}

type Shapes = ReadonlyMap<string, ValueType>;

/** A Reshape to the dimensions that it has for both sizes, -1 for the one that differs. */
function reshaping(
  one: GraphNode,
  shapes: readonly [Shapes, Shapes],
  weights: Map<string, GraphTensor>,
): EncoderNode[] {
  const [output = ""] = one.outputs;
  const [two, three] = shapes.map((types) => types.get(output)?.dims ?? []) as [readonly number[], readonly number[]];
  const dims = two.map((d, i) => (d === three[i] ? d : -1));
  if (dims.filter((d) => d === -1).length > 1) refuse(one, "has the batch in two dimensions");
  const shape = `${output}/shape`;
  weights.set(shape, int64(...dims));
  return [{ op: "Reshape", inputs: [one.inputs[0]!, shape], outputs: one.outputs, attributes: {} }];
}

/** A bound node in the forms that encoders have; constants that it needs are added to `weights`. */
function encoderNodes(one: GraphNode, weights: Map<string, GraphTensor>): EncoderNode[] {
  const { op, domain, inputs, outputs } = one;
  if (domain !== "") refuse(one, "is no standard operator");
  const attributes: Record<string, EncoderNode["attributes"][string]> = {};
  for (const [name, value] of Object.entries(one.attributes)) {
    if (typeof value === "number" || typeof value === "string") attributes[name] = value;
    else if ("float" in value) attributes[name] = value;
    else if (Array.isArray(value)) attributes[name] = value as readonly number[];
    else refuse(one, `has an attribute "${name}" that encoders do not have`);
  }
  const constant = (label: string, tensor: GraphTensor): string => {
    const name = `${outputs[0]}/${label}`;
    weights.set(name, tensor);
    return name;
  };
  if (op === "Slice") {
    const steps = weights.get(inputs[4] ?? "");
    if (steps && Array.from(steps.data, Number).some((step) => step !== 1)) refuse(one, "takes steps");
    return [{ op, inputs: inputs.slice(0, 4), outputs, attributes: {} }];
  }
  if (op === "Split") {
    const sizes = Array.from(weights.get(inputs[1] ?? "")?.data ?? [], Number);
    if (sizes.length !== outputs.length) refuse(one, "does not say its sizes");
    const axis = constant("axis", int64(intAttribute(one, "axis", 0)));
    return outputs.map((output, i) => {
      const start = sizes.slice(0, i).reduce((n, size) => n + size, 0);
      const ends = [constant(`start_${i}`, int64(start)), constant(`end_${i}`, int64(start + sizes[i]!))];
      return { op: "Slice", inputs: [inputs[0]!, ...ends, axis], outputs: [output], attributes: {} };
    });
  }
  const { axes, ...rest } = attributes;
  if (axes === undefined || !Array.isArray(axes)) return [{ op, inputs, outputs, attributes }];
  return [{ op, inputs: [inputs[0]!, constant("axes", int64(...(axes as number[])))], outputs, attributes: rest }];
}

const needed = (nodes: readonly EncoderNode[], weights: ReadonlyMap<string, GraphTensor>) => {
  const names = new Set(nodes.flatMap(({ inputs }) => inputs));
  return [...weights].filter(([name]) => names.has(name));
};
