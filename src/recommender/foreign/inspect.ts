// What a foreign graph is, as plain data: what goes in and out, where its tables are, what it costs, what can be done
// with it. Changes nothing and runs nothing.

import { UserError } from "../../base/errors.ts";
import { readsOf } from "../../graph/bodies.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { elements, tensorBytes } from "../../graph/tensor.ts";
import { graphWork, type OpWork, peakBytes } from "../../graph/work.ts";
import { type EmbeddingTable, findEmbeddingTables } from "./embedding-tables.ts";
import { recognizeFactors } from "./factors.ts";
import { type Guess, guessInput, guessOutput, type InputRole, type OutputMeaning } from "./roles.ts";
import { recognizeSequence } from "./sequence.ts";
import { sequenceEncoder } from "./sequence-encoder.ts";
import { type GraphView, viewGraph } from "./view.ts";

export interface Port<Role extends string> extends Guess<Role> {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

/** Whether something can be done with the model, and why (not). */
export interface Ability {
  readonly can: boolean;
  readonly why: string;
}

export interface Inspection {
  /** The program that wrote the file; "" where it does not say. */
  readonly producer: string;
  readonly opset: number;
  readonly nodes: number;
  readonly inputs: readonly Port<InputRole>[];
  readonly outputs: readonly Port<OutputMeaning>[];
  readonly tables: readonly (EmbeddingTable & { readonly share: number })[];
  /** Other constants of floating point, largest first. */
  readonly dense: readonly { readonly name: string; readonly dims: readonly number[]; readonly bytes: number }[];
  /** Numbers of floating point; copies of tables are counted once. */
  readonly parameters: number;
  /** Bytes of all constants. */
  readonly bytes: number;
  /** What one row costs (graph/work.ts); absent where shapes cannot be inferred. */
  readonly work?: RowWork;
  /** "factors", "sequence": a Recommender, of tables or with an encoder, says the same; "graph": it stays a graph. */
  readonly form: "factors" | "sequence" | "graph";
  /** Why it stays one. */
  readonly formWhy?: string;
  readonly abilities: Readonly<Record<"score" | "finetune" | "distil" | "compress", Ability>>;
}

export interface RowWork {
  /** The most bytes first. */
  readonly ops: readonly OpWork[];
  readonly flops: number;
  /** The most that values between operators take at once. */
  readonly peakBytes: number;
}

/** Looks at a graph; `differentiable` knows which operators the trainer has gradients for. */
export function inspectModel(graph: Graph, differentiable: (op: string) => boolean): Inspection {
  const view = viewGraph(graph);
  const tables = findEmbeddingTables(view);
  const form = formOf(graph, view);
  const constants = [...graph.initializers].concat(
    graph.nodes.flatMap((node) => {
      const held = node.op === "Constant" ? view.constant(node.outputs[0] ?? "") : undefined;
      return held ? [[held.name, held.tensor] as [string, typeof held.tensor]] : [];
    }),
  );
  const bytes = constants.reduce((sum, [, tensor]) => sum + tensorBytes(tensor).length, 0);
  const copied = new Set(tables.flatMap(({ copies }) => copies));
  const float = constants.filter(([name, { dtype }]) => /float/.test(dtype) && !copied.has(name));
  const isTable = new Set(tables.map(({ name }) => name));
  const work = rowWork(graph);
  return {
    producer: [graph.file?.producer, graph.file?.producerVersion].filter(Boolean).join(" "),
    ...{ opset: graph.opset, nodes: graph.nodes.length },
    inputs: graph.inputs.map((input) => ({ ...input, ...guessInput(view, input, tables) })),
    outputs: graph.outputs.map((output) => ({ ...output, ...guessOutput(view, output, tables) })),
    tables: tables.map((table) => ({ ...table, share: table.bytes / Math.max(1, bytes) })),
    dense: float
      .filter(([name, { dims }]) => !isTable.has(name) && elements(dims) > 1)
      .map(([name, tensor]) => ({ name, dims: tensor.dims, bytes: tensorBytes(tensor).length }))
      .sort((a, b) => b.bytes - a.bytes),
    parameters: float.reduce((sum, [, tensor]) => sum + elements(tensor.dims), 0),
    ...{ bytes, ...(work && { work }) },
    ...form,
    abilities: abilitiesOf(graph, form.form, differentiable, {
      one: graph.outputs.some((output) => guessOutput(view, output, tables).role === "one"),
      picked: tables.some(({ pickers }) => pickers.length > 0),
    }),
  };
}

function formOf(graph: Graph, view: GraphView): Pick<Inspection, "form" | "formWhy"> {
  const factors = recognizeFactors(graph, {});
  if (!("why" in factors) || "ask" in factors) return { form: "factors" };
  const plan = recognizeSequence(graph);
  if ("why" in plan)
    return { form: "graph", formWhy: graph.inputs.length === 1 && isSequence(graph) ? plan.why : factors.why };
  const dims = view.constant(plan.right)?.tensor.dims ?? [];
  const encoder = sequenceEncoder(graph, plan, (plan.rightColumns ? dims[0] : dims[1]) ?? 0);
  return "why" in encoder ? { form: "graph", formWhy: encoder.why } : { form: "sequence" };
}

const isSequence = ({ inputs: [input], nodes }: Graph) =>
  input?.shape.length === 2 && nodes.some(({ op }) => op === "Softmax" || op === "GRU" || op === "LSTM");

function abilitiesOf(
  graph: Graph,
  form: Inspection["form"],
  differentiable: (op: string) => boolean,
  { one, picked }: { readonly one: boolean; readonly picked: boolean },
): Inspection["abilities"] {
  const lacking = new Set(
    trainedNodes(graph)
      .filter(({ op, domain }) => domain !== "" || !differentiable(op))
      .map(({ op }) => op),
  );
  const missing = [...lacking].join(", ");
  const ready = form !== "graph";
  const tables = {
    can: true,
    why: form === "factors" ? "it is a factor model" : "it is a table of items and an encoder",
  };
  const distil = one
    ? { can: true, why: "distilrec finetune STUDENT --teacher, over the same rows" }
    : { can: false, why: "students learn from one number a row" };
  const compress = picked
    ? { can: true, why: "distilrec compress, its tables" }
    : { can: false, why: "it has no table whose rows are picked" };
  return {
    score: {
      can: true,
      why: ready ? "every command answers from its tables" : "distilrec score, a table of rows at a time",
    },
    finetune:
      lacking.size === 0
        ? { can: true, why: "every operator has a gradient" }
        : { can: false, why: `no gradient for ${missing}` },
    distil: ready ? tables : distil,
    compress: ready ? tables : compress,
  };
}

const notFloat = new Set(["Shape", "Size", "Equal", "Not", "Less", "Greater", "ArgMax", "ArgMin", "NonZero", "IsNaN"]);
const FLOAT_TYPES: readonly unknown[] = [1, 10, 11, 16];

/** The nodes that a weight's gradient must pass: all that follow a constant of floating point, as floating point. */
function trainedNodes(graph: Graph): GraphNode[] {
  const weights = [...graph.initializers].filter(([, { dtype, dims }]) => /float/.test(dtype) && elements(dims) > 1);
  const follows = new Set(weights.map(([name]) => name));
  return graph.nodes.filter((node) => {
    const stops = notFloat.has(node.op) || (node.op === "Cast" && !FLOAT_TYPES.includes(node.attributes["to"]));
    if (stops || ![...readsOf(node)].some((name) => follows.has(name))) return false;
    for (const output of node.outputs) follows.add(output);
    return true;
  });
}

/** The work of a batch of one; a free dimension beside the batch counts as one, too. */
function rowWork(graph: Graph): RowWork | undefined {
  const names = graph.inputs.flatMap(({ shape }) => shape.filter((d) => typeof d === "string"));
  const one = Object.fromEntries(names.map((name) => [name, 1]));
  try {
    const ops = graphWork(graph, one).sort((a, b) => b.bytes - a.bytes || b.flops - a.flops);
    return { ops, flops: ops.reduce((sum, { flops }) => sum + flops, 0), peakBytes: peakBytes(graph, one) };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
