// What a foreign graph is, as plain data: what goes in and out, where its tables are, what it costs, what can be done
// with it. Changes nothing and runs nothing.

import { UserError } from "../../base/errors.ts";
import { readsOf } from "../../graph/bodies.ts";
import { countFlops } from "../../graph/flops.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { elements, tensorBytes } from "../../graph/tensor.ts";
import { type EmbeddingTable, findEmbeddingTables } from "./embedding-tables.ts";
import { recognizeFactors } from "./factors.ts";
import { type Guess, guessInput, guessOutput, type InputRole, type OutputMeaning } from "./roles.ts";
import { viewGraph } from "./view.ts";

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
  /** Operations for one row (graph/flops.ts); absent where shapes cannot be inferred. */
  readonly flopsPerRow?: number;
  /** "factors": a Recommender says the same; "graph": it stays a graph. */
  readonly form: "factors" | "graph";
  /** Why it is no factor model. */
  readonly formWhy?: string;
  readonly abilities: Readonly<Record<"score" | "finetune" | "distil" | "compress", Ability>>;
}

/** Looks at a graph; `differentiable` knows which operators the trainer has gradients for. */
export function inspectModel(graph: Graph, differentiable: (op: string) => boolean): Inspection {
  const view = viewGraph(graph);
  const tables = findEmbeddingTables(view);
  const plan = recognizeFactors(graph, {});
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
  const flops = flopsPerRow(graph);
  const ready = "why" in plan ? undefined : plan;
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
    ...{ bytes, ...(flops !== undefined && { flopsPerRow: flops }) },
    form: ready ? "factors" : "graph",
    ...("why" in plan && { formWhy: plan.why }),
    abilities: abilitiesOf(graph, ready !== undefined, differentiable),
  };
}

function abilitiesOf(graph: Graph, factors: boolean, differentiable: (op: string) => boolean): Inspection["abilities"] {
  const lacking = new Set(
    trainedNodes(graph)
      .filter(({ op, domain }) => domain !== "" || !differentiable(op))
      .map(({ op }) => op),
  );
  const missing = [...lacking].join(", ");
  const needs = "it is no factor model";
  return {
    score: {
      can: true,
      why: factors ? "every command answers from its tables" : "distilrec score, a table of rows at a time",
    },
    finetune:
      lacking.size === 0
        ? { can: true, why: "every operator has a gradient" }
        : { can: false, why: `no gradient for ${missing}` },
    distil: factors ? { can: true, why: "it is a factor model" } : { can: false, why: needs },
    compress: factors ? { can: true, why: "it is a factor model" } : { can: false, why: needs },
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

/** Operations of a batch of one; a free dimension beside the batch counts as one, too. */
function flopsPerRow(graph: Graph): number | undefined {
  const names = graph.inputs.flatMap(({ shape }) => shape.filter((d) => typeof d === "string"));
  try {
    return countFlops(graph, Object.fromEntries(names.map((name) => [name, 1])));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
