// ONNX's numbers of element types (TensorProto.DataType), as files write them, and Cast, EyeLike and QuantizeLinear.

import type { DType } from "../tensor.ts";

export const dtypeCode: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
};

const byCode = new Map(Object.entries(dtypeCode).map(([dtype, code]) => [code, dtype as DType]));

/** The dtype of a code; undefined for one that no tensor here can have. */
export const dtypeOfCode = (code: number): DType | undefined => byCode.get(code);
