// Reverse-mode differentiation: appends to a graph the nodes that compute ∂loss/∂value for the values asked for.

import { bug, UserError } from "../base/errors.ts";
import type { GraphNode } from "../graph/graph.ts";
import { nodeName } from "../graph/infer/rule.ts";
import type { Ops } from "../graph/ops.ts";
import { elements } from "../graph/tensor.ts";
import { gradientRules } from "./rules/index.ts";

/**
 * Appends the backward nodes of `loss` (a float32 scalar) and returns the gradient's name for each of `wrt`, of the
 * value's shape; a value that the loss does not depend on is absent. An operator without a rule on the way is a
 * UserError that names it. The result can be differentiated again.
 */
export function differentiate(g: Ops, loss: string, wrt: readonly string[]): Map<string, string> {
  const { dtype, dims } = g.type(loss);
  if (dtype !== "float32" || elements(dims) !== 1) bug(`the loss "${loss}" is ${dtype} [${dims}], not one float32`);
  const nodes = [...g.graph.nodes];
  const wanted = floatsReached(g, nodes, wrt);
  const gradients = gradientsOf(g);
  gradients.add(loss, g.scalar(1));
  for (const node of nodes.reverse()) {
    if (!node.outputs.some((y) => wanted.has(y) && gradients.has(y))) continue;
    const rule = node.domain === "" ? gradientRules[node.op] : undefined;
    if (!rule)
      throw new UserError(`${nodeName(node)}: it has no gradient rule, and the loss depends on weights before it.`);
    const found = rule({
      node,
      g,
      outputGradient: (i) => gradients.full(node.outputs[i] ?? ""),
      compactGradient: (i) => gradients.compact(node.outputs[i] ?? ""),
      needs: (i) => wanted.has(node.inputs[i] ?? ""),
    });
    found.forEach((gradient, i) => {
      const x = node.inputs[i]!;
      if (gradient !== undefined && wanted.has(x)) gradients.add(x, gradient);
    });
  }
  return new Map(
    wrt.flatMap((value) => {
      const gradient = gradients.full(value);
      return gradient === undefined ? [] : [[value, gradient] as const];
    }),
  );
}

/** Gradients by value: contributions are summed only when the value's own node is reached, expanded only when read so. */
function gradientsOf(g: Ops) {
  const parts = new Map<string, string[]>();
  const expanded = new Map<string, string>();
  const compact = (value: string): string | undefined => {
    const found = parts.get(value);
    if (!found) return undefined;
    const sum = found.reduce((a, b) => g.add(a, b));
    parts.set(value, [sum]);
    return sum;
  };
  return {
    has: (value: string) => parts.has(value),
    add(value: string, gradient: string) {
      parts.set(value, [...(parts.get(value) ?? []), gradient]);
    },
    compact,
    full(value: string): string | undefined {
      const gradient = compact(value);
      if (gradient === undefined) return undefined;
      const dims = g.dims(value);
      if (g.dims(gradient).join() === dims.join()) return gradient;
      const full = expanded.get(gradient) ?? g.expand(gradient, dims);
      expanded.set(gradient, full);
      return full;
    },
  };
}

/** Operators whose integers stand for the float input that was rounded: gradients pass straight through. */
const quantizers: ReadonlySet<string> = new Set(["QuantizeLinear", "DynamicQuantizeLinear"]);

/** The values with a gradient that depend on any of `wrt`, those included: floats of at least one element. */
function floatsReached(g: Ops, nodes: readonly GraphNode[], wrt: readonly string[]): Set<string> {
  const filled = (value: string) => elements(g.dims(value)) > 0;
  const reached = new Set(wrt.filter(filled));
  for (const { op, inputs, outputs } of nodes) {
    if (!inputs.some((x) => reached.has(x))) continue;
    for (const y of outputs) {
      if (y && filled(y) && (g.type(y).dtype.includes("float") || quantizers.has(op))) reached.add(y);
    }
  }
  return reached;
}
