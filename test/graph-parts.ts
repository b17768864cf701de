// Parts of small graphs taken out in tests, and how far that moves what they answer.

import type { ForeignManifest } from "../src/artifact/foreign.ts";
import type { Graph } from "../src/graph/graph.ts";
import { elements } from "../src/graph/tensor.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { meansOver } from "../src/pipeline/graphs/parts/means.ts";
import type { Cut, Feeds, Part, Whole } from "../src/pipeline/graphs/parts/part.ts";
import { meansWanted, without } from "../src/pipeline/graphs/parts/without.ts";
import { inspectModel } from "../src/recommender/foreign/inspect.ts";
import { runGraph } from "./run-graph.ts";

const runtime = onnxRuntime({ threads: 1 });

/** A graph as an artifact has it; the numbers of an input are called input_0, input_1 and so on. */
export function wholeOf(graph: Graph, columns?: Whole["columns"]): Whole {
  const found = inspectModel(graph, () => true);
  const inputs = found.inputs.map(({ name, dtype, shape, role }) => {
    const width = Number(shape[1] ?? 1);
    const own = Array.from({ length: width }, (_, k) => (width === 1 ? name : `${name}_${k}`));
    return { name, dtype, shape, role, columns: columns ? [] : own };
  });
  const manifest = { name: "whole", inputs, outputs: found.outputs, tables: found.tables };
  return { graph, manifest: manifest as unknown as ForeignManifest, ...(columns && { columns }) };
}

export const cutBy = async (of: Whole, parts: readonly Part[], feeds: Feeds): Promise<Cut> =>
  without(of, parts, await meansOver(of.graph, meansWanted(of, parts), [feeds], runtime));

/** The largest difference of an answer. */
export async function apartBy(before: Graph, after: Pick<Cut, "graph" | "adapt">, feeds: Feeds): Promise<number> {
  const [a, b] = [await runGraph(before, feeds), await runGraph(after.graph, after.adapt(feeds))];
  return Math.max(...Object.keys(a).flatMap((name) => Array.from(a[name]!, (x, i) => Math.abs(x - b[name]![i]!))));
}

/** Numbers in a graph's constants. */
export const numbersIn = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((n, { dims }) => n + elements(dims), 0);
