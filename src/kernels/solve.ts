// The inverse of a large symmetric positive definite matrix (EASE), by block sweeps near the speed of gemm.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";

const BLOCK = 128;

/**
 * Overwrites the symmetric A (n×n float32 in kernel memory, its lower triangle is read) by its inverse; false, with A
 * undefined, where A is not positive definite. Same bits for any number of threads.
 */
export async function invertSpd(k: Kernels, A: Float32Array, n: number): Promise<boolean> {
  checkLength("A", A, n * n);
  const scope = k.scope();
  try {
    const a = A.byteOffset;
    const { sweepPivot, packPanels, gemmScratch } = k.exports;
    const blocks = Array.from({ length: Math.ceil(n / BLOCK) }, (_, i) => [i * BLOCK, Math.min(n, (i + 1) * BLOCK)]);
    const groups = ranges(blocks.length, parts(k)).map(([b0, b1]) => [b0 * BLOCK, Math.min(n, b1 * BLOCK)]);
    const pivot = scope.f32(BLOCK * BLOCK).byteOffset;
    const pivotPanels = scope.f32(BLOCK * BLOCK).byteOffset;
    const work = scope.f64(BLOCK * BLOCK).byteOffset;
    const column = scope.f32(n * BLOCK).byteOffset;
    const panels = scope.f32(Math.ceil(n / 8) * 8 * BLOCK).byteOffset;
    const solved = scope.f32(n * BLOCK).byteOffset;
    const bytes = gemmScratch!();
    const scratch = scope.u8(bytes * Math.max(1, blocks.length)).byteOffset;
    for (const [k0, k1] of blocks) {
      const nb = k1! - k0!;
      if (!sweepPivot!(a, n, k0!, nb, pivot, work)) return false;
      packPanels!(pivot, nb, 1, nb, nb, 0, Math.ceil(nb / 8), pivotPanels);
      await k.parallel(
        "sweepColumn",
        groups.map(([r0, r1], i) => [
          ...[a, n, k0!, nb, pivotPanels, column, panels, solved, r0!, r1!, scratch + i * bytes],
        ]),
      );
      await k.parallel(
        "sweepUpdate",
        blocks.map(([m0, m1], i) => [a, n, k0!, nb, pivot, panels, solved, m0!, m1!, scratch + i * bytes]).reverse(),
      );
    }
    await k.parallel("sweepFinish", blocks.map(([r0, r1]) => [a, n, r0!, r1!]).reverse());
    return true;
  } finally {
    scope.free();
  }
}
