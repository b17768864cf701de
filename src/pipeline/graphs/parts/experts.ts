// The experts of a graph: what a softmax of gates weighs, one share an expert.
//
//     Σ_k softmax(x G)_k · expert_k(x)
//
// Without expert k its column of G goes, so that the shares of the others add up to 1, and what computes it. Gates over the
// same experts (one a task, or one a layer with weights of its own) lose it together.

import type { Gone } from "../../../graph/cut/gone.ts";
import { mask } from "../../../graph/cut/gone.ts";
import type { GraphNode } from "../../../graph/graph.ts";
import type { Part, Whole } from "./part.ts";
import { moving, scaling, type Trace, traceOf } from "./trace.ts";

interface Gate {
  readonly weight: string;
  readonly axis: 0 | 1;
  readonly experts: number;
  /** What its shares weigh. */
  readonly weighed: readonly string[];
}

export function expertsOf({ graph }: Pick<Whole, "graph">): Part[] {
  const trace = traceOf(graph);
  const gates = graph.nodes.filter(({ op }) => op === "Softmax").flatMap((node) => gateAt(trace, node) ?? []);
  return together(gates).flatMap((group) => {
    const [{ weight, experts }] = group as [Gate];
    return Array.from({ length: experts }, (_, k) => ({
      ...{ name: `${weight}/${k}`, group: weight, moves: false },
      gone: new Map<string, Gone>(group.map((gate) => [gate.weight, new Map([[gate.axis, mask(experts, [k])]])])),
    }));
  });
}

function gateAt(trace: Trace, softmax: GraphNode): Gate | undefined {
  const { uses, dims } = trace;
  const size = dims(softmax.outputs[0]!)?.at(-1) ?? 0;
  const own = trace.weight(uses.producer(trace.origin(softmax.inputs[0]!, scaling)));
  if (!own || own.outs !== size || size < 2) return undefined;
  const weighed = weighedBy(trace, softmax.outputs[0]!).filter((value) => dims(value)?.includes(size));
  if (weighed.length === 0) return undefined;
  return {
    weight: own.name,
    axis: own.axis,
    experts: size,
    weighed: weighed.map((value) => trace.origin(value, moving)),
  };
}

/** The other operands of the products that shares take part in. */
function weighedBy(trace: Trace, value: string): string[] {
  const { uses } = trace;
  return uses.readers(value).flatMap((node) => {
    if (moving.has(node.op)) return node.outputs.flatMap((name) => weighedBy(trace, name));
    if (node.op !== "Mul" && node.op !== "MatMul") return [];
    return node.inputs.filter((name) => name !== value && !uses.constant(name));
  });
}

/** Gates of one weight or over the same experts, together. */
function together(gates: readonly Gate[]): Gate[][] {
  const groups: Gate[][] = [];
  for (const gate of gates) {
    const meets = (other: Gate) =>
      other.experts === gate.experts &&
      (other.weight === gate.weight || other.weighed.some((value) => gate.weighed.includes(value)));
    const same = groups.filter((group) => group.some(meets));
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push([...same.flat(), gate]);
  }
  return groups;
}
