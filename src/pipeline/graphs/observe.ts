// Values inside a graph over rows, for passes that look at them: the graph, asked for these values, runs batch by batch.

import { must, UserError } from "../../base/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { usesOf } from "../../graph/uses.ts";
import type { LayerContext, Seen } from "../../kinds/layer-pass.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { runOn } from "../run-on.ts";
import { copyOf } from "./pack-tables.ts";

/** Rows to look at. */
export interface Rows {
  /** Feeds of at most `n` rows, the same ones each time. */
  batches(n: number): Iterable<Readonly<Record<string, RunTensor>>>;
}

/** How passes observe graphs over `rows`. */
export const observer =
  (rows: Rows, runtime: Runtime): LayerContext["observe"] =>
  async (graph, values, n, see) => {
    if (values.length === 0) return;
    const session = await runtime.open(encodeOnnx(asking(graph, values)));
    try {
      for (const feeds of rows.batches(n)) {
        const wanted = session.inputs.map((name) => [name, must(feeds[name], `feed "${name}"`)] as const);
        const found = await runOn(session, Object.fromEntries(wanted), "the rows to look at");
        see(Object.fromEntries(values.map((value) => [value, float32(value, found[seen(value)]!)])));
      }
    } finally {
      await session.close();
    }
  };

/** What the copy of a value is called that the graph gives out. */
const seen = (value: string): string => `${value}/seen`;

/** The graph with copies of these values for outputs, and nothing that they do not need. */
function asking(graph: Graph, values: readonly string[]): Graph {
  const copy = copyOf(graph);
  for (const value of values) {
    const [name, outputs] = [seen(value), [seen(value)]];
    copy.nodes.push({ name, op: "Identity", domain: "", inputs: [value], outputs, attributes: {} });
  }
  copy.outputs = values.map((value) => ({ name: seen(value), dtype: "float32", shape: [], unranked: true }));
  usesOf(copy).removeUnused();
  return copy;
}

function float32(value: string, { dims, data }: RunTensor): Seen {
  if (data instanceof Float32Array) return { dims, data };
  throw new UserError(`"${value}" is no float32 value.`);
}
