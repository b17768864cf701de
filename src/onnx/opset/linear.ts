// Products, recurrences, convolutions, quantised forms, random numbers and control flow: as they were in 7, Scan aside.

import { type Family, refuseLift, unchanged } from "./lift.ts";

export const linear: Family = {
  ...unchanged(
    "AveragePool Conv ConvTranspose DequantizeLinear DynamicQuantizeLinear Einsum GRU Gemm GlobalAveragePool",
  ),
  ...unchanged("GlobalMaxPool LSTM MatMul MatMulInteger MaxPool QLinearMatMul QuantizeLinear RNN"),
  ...unchanged("Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike"),
  ...unchanged("If Loop SequenceAt SequenceConstruct SequenceEmpty SequenceInsert SequenceLength ConcatFromSequence"),
  Scan: { 9: (node) => refuseLift(node, "its batches became axes in opset 9") },
};
