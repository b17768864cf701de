// Reverse-mode differentiation: appends to a graph the nodes that compute ∂loss/∂value for the values asked for.

import { UserError } from "../base/errors.ts";
import type { GraphNode } from "../graph/graph.ts";
import { nodeName } from "../graph/infer/rule.ts";
import type { Ops } from "../graph/ops.ts";
import { gradientRules } from "./rules/index.ts";

/**
 * Appends the backward nodes of `loss` (a float32 scalar) and returns the gradient's name for each of `wrt`; a value
 * that the loss does not depend on is absent. An operator without a rule on the way is a UserError that names it.
 */
export function differentiate(g: Ops, loss: string, wrt: readonly string[]): Map<string, string> {
  const nodes = [...g.graph.nodes];
  const wanted = reach(nodes, wrt);
  const parts = new Map<string, string[]>([[loss, [g.scalar(1)]]]);
  // Contributions are summed only when the value's own node is reached, so each value costs one addition chain.
  const total = (value: string): string | undefined => {
    const found = parts.get(value);
    if (!found) return undefined;
    const sum = found.reduce((a, b) => g.add(a, b));
    parts.set(value, [sum]);
    return sum;
  };
  for (const node of nodes.reverse()) {
    if (!node.outputs.some((y) => wanted.has(y) && parts.has(y))) continue;
    const rule = node.domain === "" ? gradientRules[node.op] : undefined;
    if (!rule)
      throw new UserError(`${nodeName(node)}: it has no gradient rule, and the loss depends on weights before it.`);
    const gradients = rule({
      node,
      g,
      outputGradient: (i) => total(node.outputs[i]!),
      needs: (i) => wanted.has(node.inputs[i] ?? ""),
    });
    gradients.forEach((gradient, i) => {
      const x = node.inputs[i]!;
      if (gradient === undefined || !wanted.has(x)) return;
      parts.set(x, [...(parts.get(x) ?? []), gradient]);
    });
  }
  return new Map(
    wrt.flatMap((value) => {
      const gradient = total(value);
      return gradient === undefined ? [] : [[value, gradient] as const];
    }),
  );
}

/** The float values that depend on any of `wrt`, those included. */
function reach(nodes: readonly GraphNode[], wrt: readonly string[]): Set<string> {
  const reached = new Set(wrt);
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((x) => reached.has(x))) for (const y of outputs) reached.add(y);
  }
  return reached;
}
