// The gradient of an Einsum is another Einsum.

import { UserError } from "../../base/errors.ts";
import { einsumTerms } from "../../graph/infer/forms.ts";
import { nodeName, textAttribute } from "../../graph/infer/rule.ts";
import { type GradientRule, unbroadcast } from "../rule.ts";
import { resized } from "../sum-axes.ts";

const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * For "ij,jk->ik": dA = "ik,jk->ij"(dY, B). An index of A that nothing else has was summed out: its gradient is the
 * same all along that axis, which stays 1. A dimension of 1 that others broadcast is summed.
 */
export const Einsum: GradientRule = ({ node, g, outputGradient, needs }) => {
  const { inputs, output } = spelledOut(
    textAttribute(node, "equation", ""),
    node.inputs.map((x) => g.dims(x).length),
  );
  const repeated = [...inputs, output].find((term) => new Set(term).size < term.length);
  if (repeated !== undefined) {
    throw new UserError(
      `${nodeName(node)}: "${repeated}" repeats an index, which has no gradient rule; take the diagonal before.`,
    );
  }
  const dy = outputGradient(0)!;
  return node.inputs.map((x, i) => {
    if (!needs(i)) return undefined;
    const term = [...inputs[i]!];
    const others = inputs.filter((_, j) => j !== i);
    const elsewhere = new Set([output, ...others].join(""));
    const found = term.filter((index) => elsewhere.has(index));
    const equation = `${[output, ...others].join()}->${found.join("")}`;
    const product = g.node("Einsum", [dy, ...node.inputs.filter((_, j) => j !== i)], { equation });
    const dims = g.dims(x);
    const open = term.map((index) => g.dims(product)[found.indexOf(index)] ?? 1);
    const compact = resized(g, product, open);
    return unbroadcast(
      g,
      compact,
      open.map((size, at) => Math.min(size, dims[at]!)),
    );
  });
};

/** The terms with letters of their own in place of "...", aligned at the right. */
function spelledOut(equation: string, ranks: readonly number[]): { inputs: string[]; output: string } {
  const { inputs, output } = einsumTerms(equation);
  const letters = [...CAPITALS, ...CAPITALS.toLowerCase()].filter((letter) => !equation.includes(letter));
  const free = inputs.map((term, i) => (term.includes("...") ? ranks[i]! - (term.length - 3) : 0));
  const most = Math.max(0, ...free);
  const shared = letters.slice(0, most).join("");
  return {
    inputs: inputs.map((term, i) => term.replace("...", shared.slice(most - free[i]!))),
    output: output.replace("...", shared),
  };
}
