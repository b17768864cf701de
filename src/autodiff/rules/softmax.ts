// Gradients of softmax and its logarithm along one axis. A row whose every entry is masked by -1e9 is uniform, and so is
// its gradient finite.

import { intAttribute } from "../../graph/infer/rule.ts";
import type { GradientRule } from "../rule.ts";

/** dx = y · (dy - Σ dy·y). */
export const Softmax: GradientRule = ({ node, g, outputGradient }) => {
  const y = node.outputs[0]!;
  const dy = outputGradient(0)!;
  const mean = g.sum(g.mul(dy, y), [intAttribute(node, "axis", -1)], true);
  return [g.mul(y, g.sub(dy, mean))];
};

/** dx = dy - eʸ · Σ dy. */
export const LogSoftmax: GradientRule = ({ node, g, outputGradient }) => {
  const dy = outputGradient(0)!;
  const total = g.sum(dy, [intAttribute(node, "axis", -1)], true);
  return [g.sub(dy, g.mul(g.exp(node.outputs[0]!), total))];
};
