// Operators of ONNX Runtime's own set, com.microsoft.

import { productDims } from "./forms.ts";
import {
  axisOf,
  fail,
  floatType,
  type InferContext,
  type InferRule,
  inputType,
  intAttribute,
  rankedType,
  sameDtype,
  shapeText,
} from "./rule.ts";

const float: InferRule = (c) => [floatType(c, 0)];

export { float as FastGelu, float as Gelu, float as QuickGelu };

export const BiasGelu: InferRule = (c) => {
  const type = floatType(c, 0);
  const bias = inputType(c, 1).dims;
  if (bias.length !== 1 || bias[0] !== type.dims.at(-1)) {
    fail(c, `its bias has shape ${shapeText(bias)}, the last axis of ${shapeText(type.dims)} wants another.`);
  }
  return [type];
};

/** A [..., K] times a packed [N, K]. */
export const MatMulNBits: InferRule = (c) => {
  const { dtype, dims } = floatType(c, 0);
  const [k, n] = [intAttribute(c.node, "K", 0), intAttribute(c.node, "N", 0)];
  if (dims.at(-1) !== k) fail(c, `shape ${shapeText(dims)} does not end with K = ${k}.`);
  return [{ dtype, dims: [...dims.slice(0, -1), n] }];
};

/** Rows of a packed table, decoded; a byte of uint8 data holds 8 / bits numbers along the last axis. */
export const GatherBlockQuantized: InferRule = (c) => {
  const data = rankedType(c, 0, 1);
  const packed = data.dtype === "uint8" ? 8 / intAttribute(c.node, "bits", 4) : 1;
  const dims = data.dims.map((d, i) => (i === data.dims.length - 1 ? d * packed : d));
  const axis = axisOf(c, intAttribute(c.node, "gather_axis", 0), dims.length);
  return [
    { dtype: inputType(c, 2).dtype, dims: [...dims.slice(0, axis), ...inputType(c, 1).dims, ...dims.slice(axis + 1)] },
  ];
};

// transBatch moves the first axis to the last but one, before trans swaps the last two.
function turned(c: InferContext, i: number, side: "A" | "B"): readonly number[] {
  const { dims } = inputType(c, i);
  if (dims.length < 2) return dims;
  const [first = 0, ...rest] = dims;
  const moved = intAttribute(c.node, `transBatch${side}`, 0) ? [...rest.slice(0, -1), first, rest.at(-1)!] : dims;
  if (!intAttribute(c.node, `trans${side}`, 0)) return moved;
  return [...moved.slice(0, -2), moved.at(-1)!, moved.at(-2)!];
}

export const FusedMatMul: InferRule = (c) => [
  { dtype: sameDtype(c, 0, 2), dims: productDims(c, turned(c, 0, "A"), turned(c, 1, "B")) },
];

/** y = norm(x + skip + bias), mean, 1/deviation, and the sum itself. */
export const SkipLayerNormalization: InferRule = (c) => {
  const type = floatType(c, 0);
  const moments = { dtype: type.dtype, dims: type.dims.map((d, i) => (i < type.dims.length - 1 ? d : 1)) };
  return [type, moments, moments, type];
};
