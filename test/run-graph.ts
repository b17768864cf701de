// Executes a small graph in ONNX Runtime, for tests.

import type { RunTensor } from "../src/graph/runtime.ts";
import type { Graph } from "../src/graph/graph.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

const runtime = onnxRuntime({ threads: 1 });

/** The graph's outputs as plain numbers. Feeds that the graph does not read are left out. */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, RunTensor>>,
): Promise<Record<string, number[]>> {
  const session = await runtime.open(encodeOnnx(graph));
  try {
    const read = new Set(session.inputs);
    const results = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name))));
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, Array.from(data as ArrayLike<number | bigint>, Number)]),
    );
  } finally {
    await session.close();
  }
}
