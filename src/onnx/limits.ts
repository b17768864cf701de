// The newest versions of the file format and of the operators that a runtime reads.

import { UserError } from "../base/errors.ts";
import type { Graph } from "../graph/graph.ts";
import { ourFacts } from "./facts.ts";

interface Limits {
  readonly irVersion: number;
  readonly opset: number;
}

/** By runtime. The two of version 1.30 are builds of one core, which checks both numbers when it opens a model. */
const limits = {
  "onnxruntime-node 1.30": { irVersion: 13, opset: 26 },
  "onnxruntime-web 1.30": { irVersion: 13, opset: 26 },
} as const satisfies Record<string, Limits>;

export type RuntimeName = keyof typeof limits;

/** A UserError where the runtime would refuse the graph for its versions. */
export function checkLimits(graph: Graph, runtime: RuntimeName): void {
  const most = limits[runtime];
  const { irVersion } = graph.file ?? ourFacts(graph.opset);
  if (irVersion > most.irVersion)
    throw new UserError(`${graph.name}: its IR version is ${irVersion}, ${runtime} reads ${most.irVersion} at most.`);
  if (graph.opset > most.opset)
    throw new UserError(`${graph.name}: its opset is ${graph.opset}, ${runtime} reads ${most.opset} at most.`);
}
