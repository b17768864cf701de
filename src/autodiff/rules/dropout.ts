// The gradient of Dropout. In inference, its default, it is the identity; in training the mask it wrote goes back.

import { UserError } from "../../base/errors.ts";
import { nodeName } from "../../graph/infer/rule.ts";
import type { GradientRule } from "../rule.ts";

/** y = x · mask / (1 - ratio). */
export const Dropout: GradientRule = ({ node, g, outputGradient, compactGradient }) => {
  const [, ratio, training] = node.inputs;
  const mode = training ? g.known(training)?.data[0] : 0;
  if (mode === undefined) throw new UserError(`${nodeName(node)}: training_mode must be a constant, got an input.`);
  const mask = node.outputs[1];
  if (!mode) return [compactGradient(0)];
  if (!mask) throw new UserError(`${nodeName(node)}: it drops values and has no mask output; its gradient needs one.`);
  const kept = g.cast(mask, "float32");
  const share = ratio ? g.sub(g.scalar(1), ratio) : g.scalar(0.5);
  return [g.mul(outputGradient(0)!, g.div(kept, share))];
};
