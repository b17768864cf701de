// Operators that normalise along axes and keep the shape.

import {
  axisOf,
  fail,
  floatType,
  type InferContext,
  type InferRule,
  inputType,
  intAttribute,
  rankedType,
  shapeText,
  type ValueType,
} from "./rule.ts";

const alongAxis: InferRule = (c) => {
  const type = floatType(c, 0);
  axisOf(c, intAttribute(c.node, "axis", -1), type.dims.length);
  return [type];
};

export { alongAxis as Hardmax, alongAxis as LogSoftmax, alongAxis as LpNormalization, alongAxis as Softmax };

/** y, mean and 1/deviation of a normalisation over the axes from `axis` on. */
export const LayerNormalization: InferRule = (c) => {
  const type = floatType(c, 0);
  const axis = axisOf(c, intAttribute(c.node, "axis", -1), type.dims.length);
  const normal = type.dims.slice(axis);
  for (const i of [1, 2]) {
    const dims = c.inputs[i]?.dims;
    if (dims && dims.join() !== normal.join()) {
      fail(c, `its input ${i} has shape ${shapeText(dims)}, the normalised axes are ${shapeText(normal)}.`);
    }
  }
  const moments: ValueType = { dtype: "float32", dims: type.dims.map((d, i) => (i < axis ? d : 1)) };
  return [type, moments, moments];
};

function perChannel(c: InferContext, from: number, to: number, channels: number): void {
  for (let i = from; i < to; i++) {
    const { dims } = inputType(c, i);
    if (dims.length !== 1 || dims[0] !== channels) {
      fail(c, `its input ${i} has shape ${shapeText(dims)}, there are ${channels} channels.`);
    }
  }
}

export const BatchNormalization: InferRule = (c) => {
  const type = floatType(c, 0);
  const channels = type.dims.length > 1 ? type.dims[1]! : 1;
  perChannel(c, 1, 5, channels);
  const running = { dtype: inputType(c, 3).dtype, dims: [channels] };
  return intAttribute(c.node, "training_mode", 0) ? [type, running, running] : [type];
};

const channelNorm: InferRule = (c) => {
  rankedType(c, 0, 3);
  const type = floatType(c, 0);
  perChannel(c, 1, 3, type.dims[1]!);
  return [type];
};

export { channelNorm as GroupNormalization, channelNorm as InstanceNormalization };

export const Dropout: InferRule = (c) => {
  const type = floatType(c, 0);
  return [type, { dtype: "bool", dims: type.dims }];
};
