// What of a graph that something else made can learn: the graph at the opset of the engine, its weights and its tables.

import { suggest, UserError } from "../../base/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { elements, type GraphTensor } from "../../graph/tensor.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";
import { verify } from "../../graph/verify.ts";
import { convertOpset } from "../../onnx/opset/convert.ts";
import type { Model } from "./model.ts";

/** An additive mask says "never" by a number of this size or by -∞; no weight does. */
const MASKING = 1e4;

/**
 * The model that a graph is, in a copy that shares its numbers. `names` are the float32 initializers that learn; without
 * them all do that have a dimension, but for running statistics and additive masks. Those whose rows Gather alone picks
 * are tables. A damaged graph, one that cannot be brought to opset 21 or a name of no such initializer is a UserError.
 */
export function trainableModel(given: Graph, names?: readonly string[]): Model {
  verify(given);
  const { initializers, ...rest } = given;
  const graph: Graph = { ...structuredClone(rest), initializers: new Map(initializers) };
  convertOpset(graph);
  const uses = usesOf(graph);
  const learning =
    names ?? [...graph.initializers].flatMap(([name, tensor]) => (learns(uses, name, tensor) ? [name] : []));
  for (const name of learning) {
    if (graph.initializers.get(name)?.dtype === "float32") continue;
    const known = [...graph.initializers].flatMap(([other, { dtype }]) => (dtype === "float32" ? [other] : []));
    throw new UserError(`weights: there is no float32 initializer "${name}". ${suggest(name, known)}`);
  }
  const isTable = new Set(learning.filter((name) => picked(uses, name)));
  return { graph, weights: learning.filter((name) => !isTable.has(name)), tables: [...isTable] };
}

function learns(uses: Uses, name: string, { dtype, dims, data }: GraphTensor): boolean {
  if (dtype !== "float32" || dims.length === 0) return false;
  const running = uses.readers(name).some(({ op, inputs }) => op === "BatchNormalization" && inputs.indexOf(name) > 2);
  return !running && !(data as Float32Array).some((x) => !(Math.abs(x) < MASKING));
}

/** Whether all that reads a matrix is Gather, by rows. */
function picked(uses: Uses, name: string): boolean {
  const readers = uses.readers(name);
  const { dims } = uses.graph.initializers.get(name)!;
  return (
    dims.length === 2 &&
    elements(dims) > 0 &&
    readers.length > 0 &&
    !uses.isOutput(name) &&
    readers.every(({ op, inputs, attributes }) => op === "Gather" && inputs[0] === name && !attributes["axis"])
  );
}
