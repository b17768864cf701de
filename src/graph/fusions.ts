// What exporters write as many operators and later versions have as one. After convertOpset to 20 or more.
//
//     (x − mean) / √(mean((x − mean)²) + ε) · scale + bias   →  LayerNormalization(x, scale, bias)
//     x · (1 + erf(x / √2)) · ½                              →  Gelu(x)

import type { GraphNode } from "./graph.ts";
import { constant, isNumber, type NodePattern, op, opWhere, type Pattern, type Rewrite } from "./rewrite.ts";

const keepsAxis = (node: GraphNode): boolean => node.attributes["keepdims"] !== 0;
const mean = (x: Pattern, axis: string): NodePattern =>
  opWhere(["ReduceMean"], [x, constant(axis, (t) => t.data.length === 1 && Number(t.data[0]) === -1)], keepsAxis);

function layerNormalization(square: (x: Pattern) => Pattern): Rewrite {
  const centred = op("Sub", "x", mean("x", "axis"));
  const deviation = op(
    "Sqrt",
    op(
      "Add",
      mean(square(centred), "axis2"),
      constant("epsilon", (t) => t.data.length === 1),
    ),
  );
  // One number would broadcast here, and not in LayerNormalization.
  const vector = (hole: string) => constant(hole, (t) => t.dims.length === 1 && t.data.length > 1);
  return {
    pattern: op("Add", op("Mul", op("Div", centred, deviation), vector("scale")), vector("bias")),
    replace: ({ value, constant: number }, add) =>
      number("scale").dims[0] === number("bias").dims[0]
        ? add("LayerNormalization", [value("x"), value("scale"), value("bias")], {
            axis: -1,
            epsilon: { float: Number(number("epsilon").data[0]) },
          })
        : undefined,
  };
}

const erf = op("Erf", op("Div", "x", constant("root", isNumber(Math.SQRT2))));
const oneMore = op("Add", erf, constant("one", isNumber(1)));
const half = constant("half", isNumber(0.5));
const gelu = (pattern: NodePattern): Rewrite => ({ pattern, replace: ({ value }, add) => add("Gelu", [value("x")]) });

/** For rewriteGraph. */
export const fusions: readonly Rewrite[] = [
  layerNormalization((x) => op("Pow", x, constant("two", isNumber(2)))),
  layerNormalization((x) => op("Mul", x, x)),
  gelu(op("Mul", op("Mul", "x", oneMore), half)),
  gelu(op("Mul", op("Mul", "x", half), oneMore)),
  gelu(op("Mul", "x", op("Mul", oneMore, half))),
];
