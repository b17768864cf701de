// Quantising and its inverse, per tensor, per axis or in blocks.

import { elements } from "../tensor.ts";
import { dtypeOfCode } from "./dtypes.ts";
import {
  axisOf,
  fail,
  floatType,
  type InferContext,
  type InferRule,
  inputType,
  intAttribute,
  shapeText,
} from "./rule.ts";

function checkScale(c: InferContext): void {
  const [{ dims }, scale] = [inputType(c, 0), inputType(c, 1)];
  const zero = c.inputs[2];
  const misfit = (i: number, got: readonly number[]): never =>
    fail(c, `its input ${i} of shape ${shapeText(got)} does not fit ${shapeText(dims)}.`);
  if (zero && zero.dims.join() !== scale.dims.join()) misfit(2, zero.dims);
  const block = intAttribute(c.node, "block_size", 0);
  if (block === 0 && elements(scale.dims) === 1 && scale.dims.length <= 1) return;
  const axis = axisOf(c, intAttribute(c.node, "axis", 1), dims.length);
  const wanted = block ? dims.map((d, i) => (i === axis ? Math.ceil(d / block) : d)) : [dims[axis]!];
  if (scale.dims.join() !== wanted.join()) misfit(1, scale.dims);
}

export const QuantizeLinear: InferRule = (c) => {
  checkScale(c);
  const code = intAttribute(c.node, "output_dtype", 0);
  const named = code ? (dtypeOfCode(code) ?? fail(c, `type ${code} is not supported.`)) : "uint8";
  return [{ dtype: c.inputs[2]?.dtype ?? named, dims: inputType(c, 0).dims }];
};

export const DequantizeLinear: InferRule = (c) => {
  checkScale(c);
  return [{ dtype: floatType(c, 1).dtype, dims: inputType(c, 0).dims }];
};

/** y, its scale and its zero point. */
export const DynamicQuantizeLinear: InferRule = (c) => [
  { dtype: "uint8", dims: floatType(c, 0).dims },
  { dtype: "float32", dims: [] },
  { dtype: "uint8", dims: [] },
];
