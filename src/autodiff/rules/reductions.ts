// Gradients of reductions over axes.

import { intAttribute } from "../../graph/infer/rule.ts";
import type { GradientContext, GradientRule } from "../rule.ts";

/** dy with the reduced axes of x back as 1, so that it broadcasts against x. */
function kept({ node, g, outputGradient }: GradientContext): string {
  const dy = outputGradient(0)!;
  const [x, axes] = node.inputs as [string, string?];
  const dims = g.dims(x);
  if (g.dims(dy).length === dims.length || g.dims(dy).length === 0) return dy;
  const reduced = new Set(
    Array.from(g.known(axes!)!.data as BigInt64Array, (a) => (Number(a) + dims.length) % dims.length),
  );
  return g.reshape(
    dy,
    dims.map((d, i) => (reduced.has(i) ? 1 : d)),
  );
}

export const ReduceSum: GradientRule = (c) => [c.g.expand(kept(c), c.g.dims(c.node.inputs[0]!))];
