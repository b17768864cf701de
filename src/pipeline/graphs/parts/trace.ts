// Where values of a graph come from, as finders of its parts ask.

import { free } from "../../../graph/cut/rule.ts";
import type { Graph, GraphNode } from "../../../graph/graph.ts";
import { inferGraph } from "../../../graph/infer/index.ts";
import { intAttribute } from "../../../graph/infer/rule.ts";
import { type Uses, usesOf } from "../../../graph/uses.ts";

export interface Trace {
  readonly uses: Uses;
  dims(value: string): readonly number[] | undefined;
  /** A constant of two dimensions that a product multiplies by, and which of its axes are the outputs. */
  weight(
    node: GraphNode | undefined,
  ): { readonly name: string; readonly axis: 0 | 1; readonly outs: number } | undefined;
  /** The value in front of operators that only move or scale numbers, among them `ops`. */
  origin(value: string, ops: ReadonlySet<string>): string;
}

export function traceOf(graph: Graph): Trace {
  const uses = usesOf(graph);
  const named = graph.inputs.flatMap(({ shape }) => shape.filter((d) => typeof d === "string"));
  const { types, constants } = inferGraph(graph, Object.fromEntries(named.map((d) => [d, free])));
  return {
    uses,
    dims: (value) => types.get(value)?.dims,
    weight(node) {
      if (node?.domain !== "" || (node.op !== "MatMul" && node.op !== "Gemm")) return undefined;
      const name = node.inputs[1]!;
      const dims = graph.initializers.get(name)?.dims;
      if (dims?.length !== 2) return undefined;
      const axis = node.op === "Gemm" && intAttribute(node, "transB", 0) === 1 ? 0 : 1;
      return { name, axis, outs: dims[axis]! };
    },
    origin(value, ops) {
      for (let at = value; ; ) {
        const node = uses.producer(at);
        if (node?.domain !== "" || !ops.has(node.op)) return at;
        const computed = node.inputs.filter((name) => name !== "" && !constants.has(name));
        if (computed.length !== 1) return at;
        at = computed[0]!;
      }
    },
  };
}

/** Operators that only move numbers about. */
export const moving: ReadonlySet<string> = new Set(
  "Identity Dropout Cast Reshape Transpose Unsqueeze Squeeze Slice Split Gather Flatten".split(" "),
);

/** The same, and those that shift or scale them by constants. */
export const scaling: ReadonlySet<string> = new Set([...moving, "Add", "Sub", "Mul", "Div"]);
