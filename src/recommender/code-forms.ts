// Rows of byte codes as constants and operators: the vectors that a row's bytes name, joined or added up, times the row's
// scale.

import type { Builder } from "../graph/builder.ts";
import { dtypeCode } from "../graph/infer/dtypes.ts";
import { float32, int32, int64, uint8 } from "../graph/tensor.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { type KeptNumbers, joined as oneAfterAnother } from "../tables/kept-numbers.ts";
import type { LoweredTable } from "./lower-table.ts";

/** Adds the codes' constants under `name`; `books` are the codebooks where they ship in fewer bits. */
export function lowerCodes(
  b: Builder,
  name: string,
  coded: CodedRows,
  cols: number,
  books?: readonly KeptNumbers[],
): LoweredTable {
  const { parts, book, sub, step } = coded;
  const rows = parts === 0 ? 0 : coded.codes.length / parts;
  const codes = b.constant(`${name}.codes`, uint8([rows, parts], coded.codes));
  const vectors = books
    ? lowerKept(b, `${name}.codebook`, books, sub)
    : b.constant(`${name}.codebook`, float32([book.length / sub, sub], book));
  const length = books ? books[0]!.numbers.length / sub : 256;
  const scales = coded.scales && b.constant(`${name}.scales`, float32([rows, 1], coded.scales));
  const read = (code: string, scale: string | undefined): string => {
    let at = b.node("Cast", [code], { to: dtypeCode.int32 });
    if (book.length > 256 * sub) {
      const first = Int32Array.from({ length: parts }, (_, p) => p * length);
      at = b.node("Add", [at, b.constant("first", int32([parts], first))]);
    }
    const found = b.node("Gather", [vectors, at], { axis: 0 });
    const row =
      step === 0 ? b.node("ReduceSum", [found, b.constant("axis", int64(-2))], { keepdims: 0 }) : joined(found);
    return scale === undefined ? row : b.node("Mul", [row, scale]);
  };
  /** [..., parts, sub] → [..., cols]. */
  const joined = (found: string): string => {
    const lead = b.node("Shape", [found], { start: 0, end: -2 });
    const shape = b.node("Concat", [lead, b.constant("flat", int64(parts * sub))], { axis: 0 });
    const flat = b.node("Reshape", [found, shape]);
    if (parts * sub === cols) return flat;
    return b.node("Slice", [flat, ...[0, cols, -1].map((n) => b.constant("slice", int64(n)))]);
  };
  const pick = (constant: string, index: string) => b.node("Gather", [constant, index], { axis: 0 });
  return {
    all: () => read(codes, scales),
    rows: (index) => read(pick(codes, index), scales && pick(scales, index)),
  };
}

/** Numbers that are kept alike, as rows [..., sub], which a runtime unpacks once, when it opens the model. */
export function lowerKept(b: Builder, name: string, kept: readonly KeptNumbers[], sub: number): string {
  const data = oneAfterAnother(kept);
  const dims = [kept.length, data.length / kept.length / sub, sub];
  const halves = data instanceof Uint16Array;
  const stored = b.constant(name, halves ? { dtype: "float16", dims, data } : uint8(dims, data));
  let numbers = b.node("Cast", [stored], { to: dtypeCode.float32 });
  if (!halves) {
    const middle = b.constant("middle", float32([], Float32Array.of(128)));
    const scales = Float32Array.from(kept, ({ scale }) => scale!);
    numbers = b.node("Mul", [
      b.node("Sub", [numbers, middle]),
      b.constant(`${name}.scales`, float32([kept.length, 1, 1], scales)),
    ]);
  }
  return b.node("Reshape", [numbers, b.constant("flat", int64(-1, sub))]);
}
