// Convolutions and pooling over [batch, channels, ...space].

import {
  fail,
  type InferContext,
  type InferRule,
  intAttribute,
  intsAttribute,
  rankedType,
  sameDtype,
  shapeText,
  textAttribute,
} from "./rule.ts";

interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Starts, then ends. */
  readonly pads: readonly number[];
  readonly auto: string;
}

function windowOf(c: InferContext, kernel: readonly number[], rank: number): Window {
  const ones = kernel.map(() => 1);
  const { node } = c;
  const window = {
    kernel,
    stride: intsAttribute(node, "strides") ?? ones,
    dilation: intsAttribute(node, "dilations") ?? ones,
    pads: intsAttribute(node, "pads") ?? [...ones, ...ones].map(() => 0),
    auto: textAttribute(node, "auto_pad", "NOTSET"),
  };
  const { stride, dilation, pads } = window;
  const positive = [...kernel, ...stride, ...dilation].every((n) => n > 0);
  if (
    !positive ||
    kernel.length !== rank ||
    stride.length !== rank ||
    dilation.length !== rank ||
    pads.length !== 2 * rank
  ) {
    fail(c, `its kernel, strides, dilations or pads do not fit ${rank} dimensions of space.`);
  }
  return window;
}

// out = ⌊(in + pads - dilation (kernel - 1) - 1) / stride⌋ + 1
function slide(c: InferContext, space: readonly number[], w: Window, ceil: boolean): number[] {
  return space.map((size, i) => {
    const stride = w.stride[i]!;
    if (w.auto.startsWith("SAME")) return Math.ceil(size / stride);
    const before = w.auto === "VALID" ? 0 : w.pads[i]!;
    const padded = w.auto === "VALID" ? size : size + before + w.pads[space.length + i]!;
    const steps = (padded - w.dilation[i]! * (w.kernel[i]! - 1) - 1) / stride;
    if (steps < 0) fail(c, `a kernel of ${shapeText(w.kernel)} is larger than the space ${shapeText(space)}.`);
    const out = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window that would start beyond the input and its leading pad is left out.
    return ceil && (out - 1) * stride >= size + before ? out - 1 : out;
  });
}

function bias(c: InferContext, channels: number): void {
  const dims = c.inputs[2]?.dims;
  if (dims && (dims.length !== 1 || dims[0] !== channels)) {
    fail(c, `its bias has shape ${shapeText(dims)}, there are ${channels} channels.`);
  }
}

export const Conv: InferRule = (c) => {
  const [x, w] = [rankedType(c, 0, 3).dims, rankedType(c, 1, 3).dims];
  const [batch = 0, channels = 0, ...space] = x;
  const [filters = 0, perGroup = 0, ...kernel] = w;
  const group = intAttribute(c.node, "group", 1);
  if (w.length !== x.length || channels !== perGroup * group || filters % group !== 0) {
    fail(c, `filters of shape ${shapeText(w)} do not fit ${shapeText(x)} in ${group} groups.`);
  }
  bias(c, filters);
  return [
    { dtype: sameDtype(c, 0, 2), dims: [batch, filters, ...slide(c, space, windowOf(c, kernel, space.length), false)] },
  ];
};

// out = stride (in - 1) + output padding + dilation (kernel - 1) + 1 - pads
export const ConvTranspose: InferRule = (c) => {
  const [x, w] = [rankedType(c, 0, 3).dims, rankedType(c, 1, 3).dims];
  const [batch = 0, channels = 0, ...space] = x;
  const [inputs = 0, perGroup = 0, ...kernel] = w;
  if (w.length !== x.length || channels !== inputs)
    fail(c, `filters of shape ${shapeText(w)} do not fit ${shapeText(x)}.`);
  const filters = perGroup * intAttribute(c.node, "group", 1);
  bias(c, filters);
  const { stride, dilation, pads, auto } = windowOf(c, kernel, space.length);
  const extra = intsAttribute(c.node, "output_padding") ?? space.map(() => 0);
  const out =
    intsAttribute(c.node, "output_shape") ??
    space.map((size, i) => {
      if (auto.startsWith("SAME")) return size * stride[i]!;
      const cut = auto === "VALID" ? 0 : pads[i]! + pads[space.length + i]!;
      return stride[i]! * (size - 1) + (extra[i] ?? 0) + dilation[i]! * (kernel[i]! - 1) + 1 - cut;
    });
  if (out.length !== space.length)
    fail(c, `its output_shape ${shapeText(out)} does not fit ${space.length} dimensions of space.`);
  return [{ dtype: sameDtype(c, 0, 2), dims: [batch, filters, ...out] }];
};

const pool: InferRule = (c) => {
  const { dtype, dims } = rankedType(c, 0, 3);
  const [batch = 0, channels = 0, ...space] = dims;
  const window = windowOf(c, intsAttribute(c.node, "kernel_shape") ?? [], space.length);
  const out = [batch, channels, ...slide(c, space, window, intAttribute(c.node, "ceil_mode", 0) !== 0)];
  return [
    { dtype, dims: out },
    { dtype: "int64", dims: out },
  ];
};

export { pool as MaxPool };
export const AveragePool: InferRule = (c) => [pool(c)[0]!];

const global: InferRule = (c) => {
  const { dtype, dims } = rankedType(c, 0, 3);
  return [{ dtype, dims: dims.map((d, i) => (i < 2 ? d : 1)) }];
};

export { global as GlobalAveragePool, global as GlobalMaxPool };
