// Over axes. Their list became an input: of ReduceSum in 13, of the others in 18.

import { type Family, type Lift, setInput, takeInts, unchanged, wholeTensor } from "./lift.ts";

const axesInput: Lift = (node, c) => {
  const axes = takeInts(node, "axes");
  if (axes) setInput(node, 1, c.constant("axes", wholeTensor(axes)));
  return undefined;
};

const kInput: Lift = (node, c) => {
  const k = takeInts(node, "k");
  if (k) setInput(node, 1, c.constant("k", wholeTensor(k)));
  return undefined;
};

export const reduction: Family = {
  ...unchanged("ArgMax ArgMin CumSum"),
  ReduceSum: { 13: axesInput },
  ReduceL1: { 18: axesInput },
  ReduceL2: { 18: axesInput },
  ReduceLogSum: { 18: axesInput },
  ReduceLogSumExp: { 18: axesInput },
  ReduceMax: { 18: axesInput },
  ReduceMean: { 18: axesInput },
  ReduceMin: { 18: axesInput },
  ReduceProd: { 18: axesInput },
  ReduceSumSquare: { 18: axesInput },
  TopK: { 10: kInput },
};
