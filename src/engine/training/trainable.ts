// What of a graph that something else made can learn: the graph at the opset of the engine, its weights and its tables.

import { suggest, UserError } from "../../base/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { usesOf } from "../../graph/uses.ts";
import { verify } from "../../graph/verify.ts";
import { convertOpset } from "../../onnx/opset/convert.ts";
import { isPicked, learnable } from "./learnable.ts";
import type { Model } from "./model.ts";

/**
 * The model that a graph is, in a copy that shares its numbers. `names` are the float32 initializers that learn; without
 * them those do that learnable.ts finds. Those whose rows Gather alone picks are tables. A damaged graph, one that
 * cannot be brought to opset 21 or a name of no such initializer is a UserError.
 */
export function trainableModel(given: Graph, names?: readonly string[]): Model {
  verify(given);
  const { initializers, ...rest } = given;
  const graph: Graph = { ...structuredClone(rest), initializers: new Map(initializers) };
  convertOpset(graph);
  const uses = usesOf(graph);
  const learning = names ?? learnable(uses);
  for (const name of learning) {
    if (graph.initializers.get(name)?.dtype === "float32") continue;
    const known = [...graph.initializers].flatMap(([other, { dtype }]) => (dtype === "float32" ? [other] : []));
    throw new UserError(`weights: there is no float32 initializer "${name}". ${suggest(name, known)}`);
  }
  const isTable = new Set(learning.filter((name) => isPicked(uses, name)));
  return { graph, weights: learning.filter((name) => !isTable.has(name)), tables: [...isTable] };
}
