// Folding of operators that make tensors from attributes and sizes.

import { constantTensor, filling } from "../forms.ts";
import type { FoldRule } from "../rule.ts";
import { broadcastTo, put, reshaped, zeros } from "./tensors.ts";

export const Constant: FoldRule = (c) => [constantTensor(c)];

export const ConstantOfShape: FoldRule = (c, [type]) => [broadcastTo(reshaped(filling(c), []), type!.dims)];

// Real numbers are added up one by one, as ONNX Runtime does, so they round alike.
export const Range: FoldRule = (c, [type]) => {
  const { data } = zeros(type!);
  const [start, step] = [c.constant(0)!.data[0]!, c.constant(2)!.data[0]!];
  for (let i = 0; i < data.length; i++) {
    const before = data[i - 1];
    if (before === undefined) put(data, i, start);
    else if (typeof before === "bigint") put(data, i, before + BigInt(step));
    else put(data, i, before + Number(step));
  }
  return [{ ...type!, data }];
};
