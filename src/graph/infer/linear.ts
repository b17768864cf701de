// Products of matrices.

import { einsumTerms, productDims } from "./forms.ts";
import {
  broadcastDims,
  fail,
  type InferRule,
  inputType,
  intAttribute,
  rankedType,
  sameDtype,
  shapeText,
  textAttribute,
} from "./rule.ts";

export const MatMul: InferRule = (c) => [
  { dtype: sameDtype(c, 0, 2), dims: productDims(c, inputType(c, 0).dims, inputType(c, 1).dims) },
];

export const MatMulInteger: InferRule = (c) => [
  { dtype: "int32", dims: productDims(c, inputType(c, 0).dims, inputType(c, 1).dims) },
];

export const Gemm: InferRule = (c) => {
  const [a, b] = [rankedType(c, 0, 2, 2).dims, rankedType(c, 1, 2, 2).dims];
  const [m, k] = intAttribute(c.node, "transA", 0) ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [n, k2] = intAttribute(c.node, "transB", 0) ? [b[0]!, b[1]!] : [b[1]!, b[0]!];
  if (k !== k2) fail(c, `shapes ${shapeText(a)} and ${shapeText(b)} do not fit.`);
  const dims = [m, n];
  const bias = c.inputs[2];
  if (bias && broadcastDims(bias.dims, dims)?.join() !== dims.join()) {
    fail(c, `its input 2 has shape ${shapeText(bias.dims)}, which does not broadcast to ${shapeText(dims)}.`);
  }
  return [{ dtype: sameDtype(c, 0, bias ? 3 : 2), dims }];
};

export const Einsum: InferRule = (c) => {
  const equation = textAttribute(c.node, "equation", "");
  const { inputs, output } = einsumTerms(equation);
  const isTerm = (term: string) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term);
  if (inputs.length !== c.inputs.length || ![...inputs, output].every(isTerm)) {
    fail(c, `the equation "${equation}" does not fit ${c.inputs.length} inputs.`);
  }
  const sizes = new Map<string, number>();
  let shared: readonly number[] = [];
  inputs.forEach((term, i) => {
    const { dims } = inputType(c, i);
    const [head = "", tail] = term.split("...");
    const letters = head + (tail ?? "");
    const free = dims.length - letters.length;
    if (free < 0 || (free > 0 && tail === undefined)) {
      fail(c, `"${term}" does not fit its input ${i} of shape ${shapeText(dims)}.`);
    }
    const middle = dims.slice(head.length, head.length + free);
    shared =
      broadcastDims(shared, middle) ?? fail(c, `shapes ${shapeText(shared)} and ${shapeText(middle)} do not fit.`);
    [...letters].forEach((letter, at) => {
      const size = dims[at < head.length ? at : at + free]!;
      const before = sizes.get(letter) ?? size;
      if (before !== size && before !== 1 && size !== 1)
        fail(c, `"${letter}" of "${equation}" is ${before} and ${size}.`);
      sizes.set(letter, Math.max(before, size));
    });
  });
  const size = (letter: string) => sizes.get(letter) ?? fail(c, `"${letter}" of "${equation}" is in no input.`);
  const [head = "", tail] = output.split("...");
  const dims = [...[...head].map(size), ...(tail === undefined ? [] : shared), ...[...(tail ?? "")].map(size)];
  return [{ dtype: sameDtype(c, 0, c.inputs.length), dims }];
};
