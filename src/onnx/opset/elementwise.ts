// Number by number. Clip's bounds became inputs in 11.

import { float32, type GraphTensor } from "../../graph/tensor.ts";
import { type Family, type LiftContext, refuseLift, setInput, takeFloat, unchanged } from "./lift.ts";

/** A scalar of the value's number type, which an attribute left open. */
function scalarLike(c: LiftContext, value: string, x: number): GraphTensor | undefined {
  const dtype = c.dtype(value) ?? "float32";
  if (dtype === "float32") return float32([], Float32Array.of(x));
  if (dtype === "float64") return { dtype, dims: [], data: Float64Array.of(x) };
  return undefined;
}

export const elementwise: Family = {
  ...unchanged("Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast"),
  ...unchanged(
    "CastLike Ceil Celu Cos Cosh Div Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish",
  ),
  ...unchanged("Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow"),
  ...unchanged("Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Tan Tanh"),
  ...unchanged("ThresholdedRelu Where Xor"),
  Clip: {
    11: (node, c) => {
      for (const [i, name] of [
        [1, "min"],
        [2, "max"],
      ] as const) {
        const bound = takeFloat(node, name);
        if (bound === undefined) continue;
        const x = node.inputs[0] ?? "";
        const tensor = scalarLike(c, x, bound) ?? refuseLift(node, `bounds of ${c.dtype(x)} are not converted`);
        setInput(node, i, c.constant(name, tensor));
      }
      return undefined;
    },
  },
};
