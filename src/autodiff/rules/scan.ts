// Gradients of operators along an axis that are linear and undone by themselves, turned round.

import { intAttribute } from "../../graph/infer/rule.ts";
import type { GradientRule } from "../rule.ts";

/** dx_i sums dy over every later output (earlier, if reversed), its own too unless exclusive. */
export const CumSum: GradientRule = ({ node, g, outputGradient }) => {
  const exclusive = intAttribute(node, "exclusive", 0);
  const reverse = 1 - intAttribute(node, "reverse", 0);
  return [g.node("CumSum", [outputGradient(0)!, node.inputs[1]!], { exclusive, reverse })];
};

/** The triangle that was cut off gets nothing. */
export const Trilu: GradientRule = ({ node, g, outputGradient }) => [
  g.node("Trilu", [outputGradient(0)!, ...node.inputs.slice(1)], node.attributes),
];
