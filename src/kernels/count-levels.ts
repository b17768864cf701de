// How many scores of a row are above a level, and how many equal to it, for many rows and levels at once.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";

/** Counts of row u are at indptr[u] … indptr[u + 1]); NaN counts nowhere. All arrays in kernel memory. */
export async function countLevels(
  k: Kernels,
  request: {
    /** b × n */
    readonly scores: Float32Array;
    readonly b: number;
    readonly n: number;
    readonly indptr: Int32Array;
    readonly levels: Float32Array;
    /** Zeroed; as long as levels. */
    readonly above: Int32Array;
    readonly equal: Int32Array;
  },
): Promise<void> {
  const { scores, b, n, indptr, levels, above, equal } = request;
  checkLength("scores", scores, b * n);
  checkLength("indptr", indptr, b + 1);
  for (const [name, array] of Object.entries({ levels, above, equal })) checkLength(name, array, indptr[b]!);
  await k.parallel(
    "countLevels",
    ranges(b, b * n < 1 << 17 ? 1 : parts(k)).map(([b0, b1]) => [
      ...[scores.byteOffset, n, b0, b1, indptr.byteOffset],
      ...[levels.byteOffset, above.byteOffset, equal.byteOffset],
    ]),
  );
}
