// What a graph weighs as a file, found without writing its large constants.

import type { Graph } from "../../graph/graph.ts";
import { type GraphTensor, tensorBytes } from "../../graph/tensor.ts";
import { encodeOnnx } from "../../onnx/encode.ts";

/** Of constants; the numbers of larger ones are counted and not written. */
const written = 1024;

/** The bytes of the graph's file, but for a few that say how long its large constants are. */
export function fileBytes(graph: Graph): number {
  let bytes = 0;
  const initializers = new Map<string, GraphTensor>();
  for (const [name, tensor] of graph.initializers) {
    const own = tensorBytes(tensor).length;
    if (own <= written) initializers.set(name, tensor);
    else {
      initializers.set(name, { ...tensor, data: new Uint8Array(0) });
      bytes += own;
    }
  }
  return bytes + encodeOnnx({ ...graph, initializers }).length;
}
