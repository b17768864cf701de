// Dense products of row-major float32 matrices, any sizes, on all threads; the same bits for any number of threads.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";

const BLOCK = 64;
const SMALL = 1 << 18;

/** out (m×n) = A (m×d) · B (n×d)ᵀ; float32 arrays in kernel memory, out apart from A and B. */
export function gemmNT(
  k: Kernels,
  A: Float32Array,
  B: Float32Array,
  m: number,
  n: number,
  d: number,
  out: Float32Array,
): Promise<void> {
  return product(k, { at: A, rows: d, depth: 1 }, { at: B, depth: 1, columns: d }, m, n, d, out);
}

/** out (m×n) = A (m×p) · B (p×n). */
export function gemmNN(
  k: Kernels,
  A: Float32Array,
  B: Float32Array,
  m: number,
  p: number,
  n: number,
  out: Float32Array,
): Promise<void> {
  return product(k, { at: A, rows: p, depth: 1 }, { at: B, depth: n, columns: 1 }, m, n, p, out);
}

/** out (m×n) = A (p×m)ᵀ · B (p×n). */
export function gemmTN(
  k: Kernels,
  A: Float32Array,
  B: Float32Array,
  m: number,
  p: number,
  n: number,
  out: Float32Array,
): Promise<void> {
  return product(k, { at: A, rows: 1, depth: m }, { at: B, depth: n, columns: 1 }, m, n, p, out);
}

/** out[i, j] = Σ_t A[i·rows + t·depth] · B[t·depth + j·columns]. */
async function product(
  k: Kernels,
  a: { at: Float32Array; rows: number; depth: number },
  b: { at: Float32Array; depth: number; columns: number },
  m: number,
  n: number,
  p: number,
  out: Float32Array,
): Promise<void> {
  checkLength("A", a.at, m * p);
  checkLength("B", b.at, p * n);
  checkLength("out", out, m * n);
  if (m === 0 || n === 0) return;
  const scope = k.scope();
  try {
    const panels = Math.ceil(n / 8);
    const packed = scope.f32(panels * 8 * p).byteOffset;
    const packs = ranges(panels, panels * p * 8 < SMALL ? 1 : parts(k));
    await k.parallel(
      "packPanels",
      packs.map(([p0, p1]) => [b.at.byteOffset, b.depth, b.columns, p, n, p0, p1, packed]),
    );
    const wanted = m * n * p < SMALL ? 1 : parts(k);
    const rows = ranges(Math.ceil(m / BLOCK), wanted);
    const columns = ranges(panels, Math.ceil(wanted / rows.length));
    const bytes = k.exports["gemmScratch"]!();
    const scratch = scope.u8(bytes * rows.length * columns.length).byteOffset;
    const calls = rows.flatMap(([r0, r1]) =>
      columns.map(([c0, c1]) => [r0 * BLOCK, Math.min(m, r1 * BLOCK), c0 * 8, Math.min(n, c1 * 8)]),
    );
    await k.parallel(
      "gemmPanels",
      calls.map((range, i) => [
        ...[a.at.byteOffset, a.rows, a.depth, p, packed, out.byteOffset, n],
        ...[...range, 0, scratch + i * bytes],
      ]),
    );
  } finally {
    scope.free();
  }
}
