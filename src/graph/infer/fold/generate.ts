// Folding of operators that make tensors from attributes and sizes.

import { constantTensor, filling } from "../forms.ts";
import type { FoldRule } from "../rule.ts";
import { broadcastTo, put, reshaped, zeros } from "./tensors.ts";

export const Constant: FoldRule = (c) => [constantTensor(c)];

export const ConstantOfShape: FoldRule = (c, [type]) => [broadcastTo(reshaped(filling(c), []), type!.dims)];

export const Range: FoldRule = (c, [type]) => {
  const [start, step] = [c.constant(0)!.data[0]!, c.constant(2)!.data[0]!];
  const out = zeros(type!);
  for (let i = 0; i < out.data.length; i++) {
    put(out.data, i, typeof start === "bigint" ? start + BigInt(i) * BigInt(step) : Number(start) + i * Number(step));
  }
  return [out];
};
