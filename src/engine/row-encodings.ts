// Dense float32 rows in the forms that keep each by itself: halves, 8 bits, a few levels.

import type { Kernels } from "../kernels/kernels.ts";
import { halvesOf, quantizeInt8Rows, toHalf } from "../kernels/quantize.ts";
import { fromHalf } from "../tables/half.ts";
import { int8RowBytes } from "../tables/int8-row.ts";
import { levelsRowTable } from "../tables/levels-row.ts";
import type { Table } from "../tables/table.ts";
import { numbersOf } from "./factor-space.ts";
import { assignDigits, fitRowLevels, keptScales } from "./row-levels.ts";

/** In IEEE halves. */
export function halfRows(kernels: Kernels, dense: Table): Table {
  const { rows, cols } = dense;
  const scope = kernels.scope();
  try {
    const out = scope.u8(rows * cols * 2);
    toHalf(kernels, scope.copy(numbersOf(dense)), out);
    return { encoding: "f16", rows, cols, tensors: { data: new Uint16Array(new Uint8Array(out).buffer) } };
  } finally {
    scope.free();
  }
}

/** FBGEMM's fused 8-bit rows. */
export function int8Rows(kernels: Kernels, dense: Table): Table {
  const { rows, cols } = dense;
  const scope = kernels.scope();
  try {
    const out = scope.u8(rows * int8RowBytes(cols));
    quantizeInt8Rows(kernels, scope.copy(numbersOf(dense)), rows, cols, out);
    return { encoding: "int8-row", rows, cols, tensors: { data: new Uint8Array(out) } };
  } finally {
    scope.free();
  }
}

export interface LevelsOptions {
  readonly levels: number;
  readonly learn: boolean;
  readonly scales: "f16" | "u8";
  /** Rows as long in their own direction as they were, so that products keep their mean; else of least squared error. */
  readonly unbiased?: boolean;
}

/** A few levels of all rows and a scale each. */
export function levelRows(kernels: Kernels, dense: Table, options: LevelsOptions): Table {
  const { rows, cols } = dense;
  const { levels, scales, indices } = fitRowLevels(numbersOf(dense), rows, cols, options);
  const bits = halvesOf(kernels, levels);
  const rounded = Float32Array.from(bits, fromHalf);
  const visit = (then: (row: Float32Array, digits: Uint8Array, r: number) => void) => {
    for (let r = 0; r < rows; r++) {
      const [from, to] = [r * cols, (r + 1) * cols];
      then(numbersOf(dense).subarray(from, to), indices.subarray(from, to), r);
    }
  };
  if (options.unbiased) {
    visit((row, digits, r) => {
      scales[r] = unbiasedScale(row, digits, rounded);
    });
  }
  const { kept, values } = keptScales(kernels, scales, options.scales);
  // Digits are chosen again for what became of scales and levels; not where scales are not those of least error.
  if (!options.unbiased) visit((row, digits, r) => assignDigits(row, rounded, values[r]!, digits));
  return levelsRowTable(rows, cols, bits, kept, indices);
}

/** The scale s with x · x̂ = ‖x‖², x̂ = s · levels: that of least error makes x̂ shorter, the more so the fewer levels. */
function unbiasedScale(row: Float32Array, digits: Uint8Array, levels: Float32Array): number {
  let [square, dot] = [0, 0];
  for (let c = 0; c < row.length; c++) {
    square += row[c]! * row[c]!;
    dot += row[c]! * levels[digits[c]!]!;
  }
  return dot > 0 ? square / dot : 0;
}
