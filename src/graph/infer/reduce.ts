// Operators that reduce, search or accumulate along axes.

import { reducedAxes } from "./forms.ts";
import { axisOf, fail, type InferRule, inputType, intAttribute, knownInts, rankedType } from "./rule.ts";

const without = (dims: readonly number[], axes: readonly number[], keep: number): number[] =>
  keep ? dims.map((d, i) => (axes.includes(i) ? 1 : d)) : dims.filter((_, i) => !axes.includes(i));

const reduction: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  return [{ dtype, dims: without(dims, reducedAxes(c), intAttribute(c.node, "keepdims", 1)) }];
};

const search: InferRule = (c) => {
  const { dims } = inputType(c, 0);
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), dims.length);
  return [{ dtype: "int64", dims: without(dims, [axis], intAttribute(c.node, "keepdims", 1)) }];
};

export {
  reduction as ReduceL1,
  reduction as ReduceL2,
  reduction as ReduceLogSum,
  reduction as ReduceLogSumExp,
  reduction as ReduceMax,
  reduction as ReduceMean,
  reduction as ReduceMin,
  reduction as ReduceProd,
  reduction as ReduceSum,
  reduction as ReduceSumSquare,
  search as ArgMax,
  search as ArgMin,
};

export const CumSum: InferRule = (c) => {
  const type = rankedType(c, 0, 1);
  const axis = c.constant(1);
  if (axis) axisOf(c, Number(axis.data[0]), type.dims.length);
  return [type];
};

export const TopK: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const axis = axisOf(c, intAttribute(c.node, "axis", -1), dims.length);
  const k = knownInts(c, 1, "k")[0] ?? -1;
  if (k < 0 || k > dims[axis]!) fail(c, `k is ${k}, the axis has ${dims[axis]} elements.`);
  const found = dims.map((d, i) => (i === axis ? k : d));
  return [
    { dtype, dims: found },
    { dtype: "int64", dims: found },
  ];
};
