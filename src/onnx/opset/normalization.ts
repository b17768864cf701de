// Softmax and its kin worked on everything from an axis on before 13, and on that axis since.
//
//     Softmax(x, axis: a)  →  Reshape(Softmax(Flatten(x, axis: a), axis: 1), Shape(x))   where a is not the last

import { float32 } from "../../graph/tensor.ts";
import { type Family, type Lift, refuseLift, replacement, setInput, takeFloat, takeInts, unchanged } from "./lift.ts";

const overOneAxis: Lift = (node, c) => {
  const axis = takeInts(node, "axis")?.[0] ?? 1;
  const [x = "", y = ""] = [node.inputs[0], node.outputs[0]];
  const rank = c.dims(x)?.length;
  if (axis === -1 || axis + 1 === rank) {
    node.attributes["axis"] = -1;
    return undefined;
  }
  const { add, nodes } = replacement(node, c);
  const flat = add("Flatten", [x], { axis });
  const soft = add(node.op, [flat], { ...node.attributes, axis: 1 });
  add("Reshape", [soft, add("Shape", [x])], {}, y);
  return nodes;
};

const spatial: Lift = (node) => {
  if (takeInts(node, "spatial")?.[0] === 0) refuseLift(node, "statistics of every place apart are not supported");
  return undefined;
};

const training: Lift = (node) => {
  if (node.outputs.slice(1).some((name) => name !== ""))
    refuseLift(node, "its form for training has no equal since opset 14");
  node.outputs.length = 1;
  return undefined;
};

const ratioInput: Lift = (node, c) => {
  const ratio = takeFloat(node, "ratio");
  if (node.outputs[1]) refuseLift(node, "its mask is not converted");
  node.outputs.length = 1;
  if (ratio !== undefined) setInput(node, 1, c.constant("ratio", float32([], Float32Array.of(ratio))));
  return undefined;
};

export const normalization: Family = {
  ...unchanged("InstanceNormalization LayerNormalization LpNormalization MeanVarianceNormalization"),
  ...unchanged("NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss"),
  Softmax: { 13: overOneAxis },
  LogSoftmax: { 13: overOneAxis },
  Hardmax: { 13: overOneAxis },
  BatchNormalization: { 9: spatial, 14: training },
  Dropout: { 12: ratioInput },
  GroupNormalization: { 21: (node) => refuseLift(node, "its scales became those of channels in opset 21") },
};
