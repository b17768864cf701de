// A ValueInfoProto as a typed value.

import type { GraphValue } from "../graph/graph.ts";
import { dtypeOfCode } from "../graph/infer/dtypes.ts";
import { type Message, restOf, type ValueMessage, whole } from "./messages.ts";

/** The value, or undefined where it is no tensor of a number type that we have, or says more than has a place. */
export function readValue(message: ValueMessage, file: string): GraphValue | undefined {
  const { name, type } = message;
  const tensor = type?.tensor_type;
  const dtype = tensor && dtypeOfCode(tensor.elem_type);
  if (!tensor || !dtype) return undefined;
  const dims = tensor.shape?.dim ?? [];
  if ([type, tensor, ...(tensor.shape ? [tensor.shape] : []), ...dims].some(hasMore)) return undefined;
  const denotations = [type.denotation, ...dims.map((d) => d.denotation)];
  const shape = dims.map((d) => {
    const size = Object.hasOwn(d, "dim_value") ? whole(d.dim_value, `${file}: value "${name}"`) : -1;
    // A negative size is how some exporters write a free dimension.
    return d.dim_param || (size < 0 ? "?" : size);
  });
  return {
    ...{ name, dtype, shape },
    ...(!tensor.shape && { unranked: true as const }),
    ...(denotations.some((text) => text !== "") && { denotations }),
    ...restOf(message),
  };
}

const hasMore = ({ $unknowns }: Message) => $unknowns !== undefined && $unknowns.length > 0;
