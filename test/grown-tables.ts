// Graphs whose tables are large enough to be packed: those of the fixtures weigh less than nodes that unpack rows.

import { createRng } from "../src/base/rng.ts";
import type { Graph } from "../src/graph/graph.ts";
import { float32 } from "../src/graph/tensor.ts";
import { inspectModel } from "../src/recommender/foreign/inspect.ts";

/** Adds, in place, rows to every table, behind its own, which no id of a test picks. */
export function growTables(graph: Graph, rows: number): void {
  const rng = createRng("rows");
  for (const { name } of inspectModel(graph, () => true).tables) {
    const { dims, data } = graph.initializers.get(name)!;
    const [own, cols] = dims as [number, number];
    const all = new Float32Array(data.length + rows * cols).map(() => rng.normal());
    all.set(data as Float32Array);
    graph.initializers.set(name, float32([own + rows, cols], all));
  }
}
