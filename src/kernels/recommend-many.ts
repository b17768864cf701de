// Full ranking for many users at once: scores a block at a time, never the whole users × items matrix. Equal scores
// rank by lower item index; an item whose score is NaN or −∞ is never returned.

import { checkCsr, checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";

interface Ranking {
  /** Users. */
  readonly b: number;
  /** Items. */
  readonly n: number;
  /** Items that user u must not get: excludeIndices[excludeIndptr[u] … excludeIndptr[u+1]), in any order. */
  readonly excludeIndptr: Int32Array;
  readonly excludeIndices: Int32Array;
  readonly top: number;
  /** b × top, best first; −1 where a user has fewer. */
  readonly outItems: Int32Array;
  /** b × top; −∞ where a user has fewer. */
  readonly outScores: Float32Array;
}

/** Below so many products a block is not worth waking threads for. */
const WORTH_THREADS = 1 << 21;

/** Ranks by (user · item) · gain + bias; users b × d, items n × d, gain and bias n, all float32 in kernel memory. */
export async function recommendFactors(
  k: Kernels,
  ranking: Ranking & {
    readonly users: Float32Array;
    readonly items: Float32Array;
    readonly d: number;
    readonly gain?: Float32Array;
    readonly bias?: Float32Array;
  },
): Promise<void> {
  const { users, items, b, n, d, gain, bias, excludeIndptr, excludeIndices, top, outItems, outScores } = ranking;
  checkRanking(ranking);
  checkLength("users", users, b * d);
  checkLength("items", items, n * d);
  if (gain) checkLength("gain", gain, n);
  if (bias) checkLength("bias", bias, n);
  const scope = k.scope();
  try {
    const panels = Math.ceil(n / 8);
    const packed = scope.f32(panels * 8 * d).byteOffset;
    await k.parallel(
      "packPanels",
      ranges(panels, panels > 1024 ? parts(k) : 1).map(([p0, p1]) => [items.byteOffset, 1, d, d, n, p0, p1, packed]),
    );
    const calls = ranges(b, b * n * d < WORTH_THREADS ? 1 : parts(k));
    const bytes = k.exports["recommendScratch"]!(n);
    const scratch = scope.u8(bytes * calls.length).byteOffset;
    await k.parallel(
      "recommendFactorRows",
      calls.map(([b0, b1], i) => [
        ...[users.byteOffset, packed, n, d, gain?.byteOffset ?? 0, bias?.byteOffset ?? 0],
        ...[excludeIndptr.byteOffset, excludeIndices.byteOffset, top, outItems.byteOffset, outScores.byteOffset],
        ...[b0, b1, scratch + i * bytes],
      ]),
    );
  } finally {
    scope.free();
  }
}

/** Ranks by ready-made scores (b × n float32 in kernel memory), which it destroys. */
export async function recommendScores(k: Kernels, ranking: Ranking & { readonly scores: Float32Array }): Promise<void> {
  const { scores, b, n, excludeIndptr, excludeIndices, top, outItems, outScores } = ranking;
  checkRanking(ranking);
  checkLength("scores", scores, b * n);
  await k.parallel(
    "recommendScoreRows",
    ranges(b, b * n < 1 << 17 ? 1 : parts(k)).map(([b0, b1]) => [
      ...[scores.byteOffset, n, b0, b1, excludeIndptr.byteOffset, excludeIndices.byteOffset],
      ...[top, outItems.byteOffset, outScores.byteOffset],
    ]),
  );
}

function checkRanking(ranking: Ranking): void {
  const { b, excludeIndptr, excludeIndices, top, outItems, outScores } = ranking;
  checkCsr("exclude", { indptr: excludeIndptr, indices: excludeIndices }, b);
  checkLength("outItems", outItems, b * top);
  checkLength("outScores", outScores, b * top);
}
