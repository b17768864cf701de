// The heads of a graph's attention, where its queries, keys and values are products with weights of its own:
//
//     softmax(Q Kᵀ / √d + …) V, [batch, heads, length, d / heads]
//
// A head is a block of columns of those three weights (or of one that holds all three) and of rows of the weight behind.

import { UserError } from "../../../base/errors.ts";
import { goneBy } from "../../../graph/cut/cut.ts";
import { axesOf, type Gone, keptOf, mask } from "../../../graph/cut/gone.ts";
import type { Graph, GraphNode } from "../../../graph/graph.ts";
import type { Part, Whole } from "./part.ts";
import { moving, scaling, type Trace, traceOf } from "./trace.ts";

/** Every head that can be told from the others. */
export function headsOf({ graph }: Pick<Whole, "graph">): Part[] {
  const trace = traceOf(graph);
  return graph.nodes.filter(({ op }) => op === "Softmax").flatMap((node) => headsAt(graph, trace, node));
}

const between: ReadonlySet<string> = new Set([...scaling, "Where", "Max", "Min"]);

function headsAt(graph: Graph, trace: Trace, softmax: GraphNode): Part[] {
  const { uses, dims } = trace;
  const [, heads = 1, ...rest] = dims(softmax.outputs[0]!) ?? [];
  if (rest.length !== 2 || heads < 2) return [];
  const scores = productsBefore(trace, softmax.inputs[0]!);
  const mixed = readersThrough(trace, softmax.outputs[0]!).find(({ op }) => op === "MatMul");
  if (!scores || !mixed) return [];
  const weights = new Map<string, { axis: 0 | 1; outs: number; parts: number }>();
  for (const value of [scores.inputs[0]!, scores.inputs[1]!, mixed.inputs[1]!]) {
    const own = trace.weight(uses.producer(trace.origin(value, scaling)));
    if (!own) return [];
    weights.set(own.name, { ...own, parts: (weights.get(own.name)?.parts ?? 0) + 1 });
  }
  const [group] = weights.keys();
  const layout = [blocks, interleaved].find((one) => tells(graph, softmax, seeds(weights, heads, 0, one)));
  if (!layout) return [];
  return Array.from({ length: heads }, (_, head) => ({
    ...{ name: `${group}/${head}`, group: group!, moves: true },
    gone: seeds(weights, heads, head, layout),
  }));
}

/** The product of queries and keys: behind what is added to its scores, and what they are scaled by. */
function productsBefore(trace: Trace, value: string): GraphNode | undefined {
  const node = trace.uses.producer(value);
  if (node?.op === "MatMul") return node;
  if (!node || !between.has(node.op)) return undefined;
  for (const name of node.inputs) {
    const found = productsBefore(trace, name);
    if (found) return found;
  }
  return undefined;
}

function readersThrough(trace: Trace, value: string): readonly GraphNode[] {
  return trace.uses
    .readers(value)
    .flatMap((node) => (moving.has(node.op) ? readersThrough(trace, node.outputs[0]!) : [node]));
}

type Layout = (outs: number, parts: number, heads: number, head: number) => number[];

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** All heads of the queries, then of the keys, then of the values. */
const blocks: Layout = (outs, parts, heads, head) => {
  const width = outs / parts / heads;
  return Array.from({ length: parts }, (_, part) => range((part * heads + head) * width, width)).flat();
};

/** Queries, keys and values of one head, then of the next. */
const interleaved: Layout = (outs, _, heads, head) => range((head * outs) / heads, outs / heads);

function seeds(
  weights: ReadonlyMap<string, { readonly axis: 0 | 1; readonly outs: number; readonly parts: number }>,
  heads: number,
  head: number,
  layout: Layout,
): ReadonlyMap<string, Gone> {
  return new Map(
    [...weights].map(([name, { axis, outs, parts }]) => [
      name,
      new Map([[axis, mask(outs, layout(outs, parts, heads, head).filter(Number.isInteger))]]),
    ]),
  );
}

/** Whether the scores lose the first head by it and nothing else. */
function tells(graph: Graph, softmax: GraphNode, gone: ReadonlyMap<string, Gone>): boolean {
  try {
    const scores = axesOf(goneBy(graph, gone).get(softmax.outputs[0]!));
    const own = scores.get(1);
    return scores.size === 1 && own !== undefined && own[0] === 1 && keptOf(own).length === own.length - 1;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
