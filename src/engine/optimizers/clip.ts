// Gradient clipping in the graph: each value to a range, or all gradients together to a norm (arXiv 1211.5063).

import type { Ops } from "../../graph/ops.ts";

/** Keeps a norm of 0 from dividing by it, as in PyTorch's clip_grad_norm_. */
const TINY = 1e-6;

/** Each element in [-limit, limit]. */
export const clipValues = (g: Ops, gradients: readonly string[], limit: number): string[] =>
  gradients.map((gradient) => g.clip(gradient, -limit, limit));

/** All gradients times min(1, limit / (norm + 1e-6)), where norm is of all of them as one vector. */
export function clipNorm(g: Ops, gradients: readonly string[], limit: number): string[] {
  if (gradients.length === 0) return [];
  const squares = gradients.map((gradient) => g.node("ReduceSumSquare", [gradient], { keepdims: 0 }));
  const norm = g.sqrt(squares.reduce((a, b) => g.add(a, b)));
  const factor = g.min(g.scalar(1), g.div(g.scalar(limit), g.add(norm, g.scalar(TINY))));
  return gradients.map((gradient) => g.mul(gradient, factor));
}

/** The factor of clipNorm for gradients outside the graph, from their squared norm. */
export const clipFactor = (squaredNorm: number, limit: number): number =>
  Math.min(1, limit / (Math.sqrt(squaredNorm) + TINY));
