// Recurrent layers: X [steps, batch, in], W [directions, gates · hidden, in], R [directions, gates · hidden, hidden].

import {
  fail,
  floatType,
  type InferContext,
  type InferRule,
  intAttribute,
  rankedType,
  shapeText,
  textAttribute,
  type ValueType,
} from "./rule.ts";

function outputs(c: InferContext, gates: number): { all: ValueType; last: ValueType } {
  const [x, w, r] = [rankedType(c, 0, 3, 3), rankedType(c, 1, 3, 3), rankedType(c, 2, 3, 3)];
  const { dtype } = floatType(c, 0);
  const hidden = intAttribute(c.node, "hidden_size", r.dims[2]!);
  const directions = textAttribute(c.node, "direction", "forward") === "bidirectional" ? 2 : 1;
  const wants = (dims: readonly number[], i: number, wanted: readonly number[]) => {
    if (dims.join() !== wanted.join())
      fail(c, `its input ${i} has shape ${shapeText(dims)}, it takes ${shapeText(wanted)}.`);
  };
  wants(w.dims, 1, [directions, gates * hidden, x.dims[2]!]);
  wants(r.dims, 2, [directions, gates * hidden, hidden]);
  if (c.inputs[3]) wants(c.inputs[3].dims, 3, [directions, 2 * gates * hidden]);
  const [first, second] = [x.dims[0]!, x.dims[1]!];
  return intAttribute(c.node, "layout", 0)
    ? { all: { dtype, dims: [first, second, directions, hidden] }, last: { dtype, dims: [first, directions, hidden] } }
    : {
        all: { dtype, dims: [first, directions, second, hidden] },
        last: { dtype, dims: [directions, second, hidden] },
      };
}

export const RNN: InferRule = (c) => {
  const { all, last } = outputs(c, 1);
  return [all, last];
};

export const GRU: InferRule = (c) => {
  const { all, last } = outputs(c, 3);
  return [all, last];
};

export const LSTM: InferRule = (c) => {
  const { all, last } = outputs(c, 4);
  return [all, last, last];
};
