// Shapes, places and parts of tensors. What they need became inputs: Slice 10, Pad 11, Squeeze, Unsqueeze and Split 13.

import { float32 } from "../../graph/tensor.ts";
import { type Family, type Lift, refuseLift, setInput, takeFloat, takeInts, unchanged, wholeTensor } from "./lift.ts";

/** Attributes of whole numbers as inputs, in order from 1. */
const inputs =
  (...names: readonly string[]): Lift =>
  (node, c) => {
    names.forEach((name, i) => {
      const values = takeInts(node, name);
      if (values) setInput(node, i + 1, c.constant(name, wholeTensor(values)));
    });
    return undefined;
  };

const padInputs: Lift = (node, c) => {
  const pads = takeInts(node, "pads") ?? refuseLift(node, "it has no pads");
  const value = takeFloat(node, "value");
  setInput(node, 1, c.constant("pads", wholeTensor(pads)));
  if (!value) return undefined;
  const dtype = c.dtype(node.inputs[0] ?? "") ?? "float32";
  if (dtype !== "float32") refuseLift(node, `filling ${dtype} is not converted`);
  setInput(node, 2, c.constant("value", float32([], Float32Array.of(value))));
  return undefined;
};

const parts: Lift = (node) => {
  if (!node.inputs[1]) node.attributes["num_outputs"] = node.outputs.length;
  return undefined;
};

const renamed =
  (op: string): Lift =>
  (node) => {
    node.op = op;
    return undefined;
  };

export const shape: Family = {
  ...unchanged(
    "Compress Concat Constant ConstantOfShape Expand EyeLike Flatten Gather GatherElements GatherND NonZero",
  ),
  ...unchanged("OneHot Range Reshape ReverseSequence ScatterElements ScatterND Shape Size Tile Transpose Trilu Unique"),
  Slice: { 10: inputs("starts", "ends", "axes") },
  Pad: { 11: padInputs },
  Scatter: { 11: renamed("ScatterElements") },
  Squeeze: { 13: inputs("axes") },
  Unsqueeze: { 13: inputs("axes") },
  Split: { 13: inputs("split"), 18: parts },
};
