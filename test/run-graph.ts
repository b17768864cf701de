// Executes a small graph in ONNX Runtime, for tests.

import type { Graph } from "../src/graph/graph.ts";
import type { RunTensor } from "../src/graph/runtime.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

const runtime = onnxRuntime({ threads: 1 });

/** One session of a graph. It gives the outputs as plain numbers, and leaves out feeds that the graph does not read. */
export async function openGraph(graph: Graph) {
  const session = await runtime.open(encodeOnnx(graph));
  const read = new Set(session.inputs);
  return {
    async run(feeds: Readonly<Record<string, RunTensor>>): Promise<Record<string, number[]>> {
      const results = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name))));
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [
          name,
          Array.from(data as ArrayLike<number | bigint>, Number),
        ]),
      );
    },
    close: () => session.close(),
  };
}

/** The outputs of one run. */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, RunTensor>>,
): Promise<Record<string, number[]>> {
  const session = await openGraph(graph);
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}
