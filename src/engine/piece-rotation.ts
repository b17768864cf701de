// Optimised product quantisation (Ge, He, Ke & Sun, CVPR 2013): the rotation under which pieces of rows are nearest to the
// few vectors that stand for them. In turn the vectors take a step of k-means over the pieces of Y = X R, and R goes to
// where Y would be nearest to what they make of it (learned-rotation.ts).
//
// Pieces with codebooks of their own start from the principal axes, dealt out so that each piece has about the same product
// of variances (the paper's parametric solution); pieces that share one start from a random rotation, under which they are alike.

import type { Rng } from "../base/rng.ts";
import { symmetricEigen } from "../kernels/eigen.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { f32Table, type Table } from "../tables/table.ts";
import { gramOf, numbersOf } from "./factor-space.ts";
import { learnedRotation } from "./learned-rotation.ts";
import { cut, learnVectors, nameVectors, type Pieces } from "./pieces.ts";
import { randomRotation } from "./rotations.ts";

/** Rows of a table that are looked at. */
const SAMPLE = 8192;
/** Vectors of a codebook, and the steps of k-means before the first turn. */
const VECTORS = 256;
const FIRST_STEPS = 10;

export interface Cutting {
  readonly pieces: number;
  readonly shared: boolean;
}

/** R (cols × cols) for the rows of all tables together; each table has codebooks of its own. */
export async function pieceRotation(
  kernels: Kernels,
  tables: readonly Table[],
  { pieces, shared }: Cutting,
  rng: Rng,
): Promise<Float32Array> {
  const samples = tables.map(sampled);
  const d = samples[0]!.cols;
  const { sub, parts } = cut(d, pieces);
  const rows = new Float32Array(samples.reduce((sum, one) => sum + one.rows * d, 0));
  let from = 0;
  const sides = samples.map((one) => {
    rows.set(numbersOf(one), from);
    const side = { from, length: one.rows * d, books: new Map<number, Float32Array>() };
    from += one.rows * d;
    return side;
  });
  const state = Uint32Array.from({ length: 4 }, () => rng.u32() | 1);
  const start = shared
    ? randomRotation(d, rng)
    : await dealtAxes(kernels, f32Table(rows.length / d, d, rows), sub, parts);
  return learnedRotation(kernels, rows, d, start, async (y, near) => {
    for (const { from, length, books } of sides) {
      const taken = shared ? parts : 1;
      const data = y.slice(from, from + length);
      for (let first = 0; first < parts; first += taken) {
        const own: Pieces = { data, cols: d, sub, first, taken, count: (length / d) * taken };
        const clusters = Math.min(VECTORS, own.count);
        const before = books.get(first) ?? (await learnVectors(kernels, own, clusters, FIRST_STEPS, state, rng));
        books.set(first, await moved(kernels, own, before, near.subarray(from, from + length)));
      }
    }
  });
}

/** The means of the pieces that each vector is nearest to, which also become those pieces of `near`. */
async function moved(
  kernels: Kernels,
  pieces: Pieces,
  vectors: Float32Array,
  near: Float32Array,
): Promise<Float32Array> {
  const { data, cols, sub, first, taken, count } = pieces;
  const [sums, counts] = [new Float64Array(vectors.length), new Uint32Array(vectors.length / sub)];
  const nearest = new Int32Array(count);
  /** Calls `each` with the place of every number of a piece in its row's and in its vector. */
  const over = (piece: number, each: (at: number, of: number) => void) => {
    const row = Math.floor(piece / taken);
    const from = (first + piece - row * taken) * sub;
    for (let c = 0; c < sub && from + c < cols; c++) each(row * cols + from + c, nearest[piece]! * sub + c);
  };
  await nameVectors(kernels, pieces, vectors, (piece, vector) => {
    nearest[piece] = vector;
    counts[vector]!++;
    over(piece, (at, of) => {
      sums[of]! += data[at]!;
    });
  });
  const means = vectors.map((x, i) => {
    const n = counts[Math.floor(i / sub)]!;
    return n > 0 ? sums[i]! / n : x;
  });
  for (let piece = 0; piece < count; piece++)
    over(piece, (at, of) => {
      near[at] = means[of]!;
    });
  return means;
}

/** Every so-manieth row. */
function sampled(table: Table): Table {
  const { rows, cols } = table;
  const step = Math.ceil(rows / SAMPLE);
  if (step <= 1) return table;
  const kept = Math.ceil(rows / step);
  const data = numbersOf(table);
  const out = new Float32Array(kept * cols);
  for (let r = 0; r < kept; r++) out.set(data.subarray(r * step * cols, (r * step + 1) * cols), r * cols);
  return f32Table(kept, cols, out);
}

/** The principal axes as columns, the largest first to the piece of the least product of variances that has room. */
async function dealtAxes(kernels: Kernels, table: Table, sub: number, parts: number): Promise<Float32Array> {
  const { rows, cols: d } = table;
  const [mean, data] = [new Float64Array(d), numbersOf(table)];
  for (let i = 0; i < rows * d; i++) mean[i % d]! += data[i]! / rows;
  const scope = kernels.scope();
  try {
    const gram = await gramOf(kernels, scope, table);
    for (let i = 0; i < d * d; i++) gram[i] = gram[i]! / rows - mean[Math.floor(i / d)]! * mean[i % d]!;
    const { values, vectors } = symmetricEigen(kernels, gram, d);
    const least = Math.max(values[0]! * 1e-9, Number.MIN_VALUE);
    const [product, taken] = [new Float64Array(parts), new Uint32Array(parts)];
    const out = new Float32Array(d * d);
    for (let axis = 0; axis < d; axis++) {
      let to = -1;
      for (let p = 0; p < parts; p++) {
        const room = Math.min(sub, d - p * sub) > taken[p]!;
        if (room && (to < 0 || product[p]! < product[to]!)) to = p;
      }
      product[to]! += Math.log(Math.max(values[axis]!, least) / least);
      const column = to * sub + taken[to]!++;
      for (let i = 0; i < d; i++) out[i * d + column] = vectors[axis * d + i]!;
    }
    return out;
  } finally {
    scope.free();
  }
}
