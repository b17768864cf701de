// Items as directions with a bias each, which learn as they will ship: what losses read is a projection of the latent
// numbers that Adam moves, and its gradient is taken for that of the direction (straight-through: Bengio et al.,
// arXiv 1308.3432).
//
//     row_j = level(√d · w_j / |w_j|) / √d,   level(x) = the nearest of a few levels, or x itself
//
// Every row has about the length 1, so that levels need no scale a row: 2 of them are 1 bit a number and nothing more.
// Items in bands have the d and the levels of their band, and zeros behind. They ship as a codebook, bands as mixed-rows.

import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { adamRows } from "../kernels/optimizers.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { codebookTable } from "../tables/codebook.ts";
import { columnCodesTable } from "../tables/column-codes.ts";
import { fromHalf } from "../tables/half.ts";
import { mixedRowsTable, rowsByBand } from "../tables/mixed-rows.ts";
import { f32Table, type Table } from "../tables/table.ts";
import { normalLevels } from "./row-levels.ts";

/** How items of a band are kept; `levels` 0 keeps every number as it is. */
export interface Band {
  readonly d: number;
  readonly levels: number;
}

export interface CosineRows {
  /** Of a row: d numbers, the bias, and zeros up to whole vectors of four. */
  readonly width: number;
  /** (items + queries) × width: the items as they will ship, and behind them rows for queries. */
  readonly rows: Float32Array;
  /** Of the same shape; whoever knows a loss adds to it. */
  readonly gradient: Float32Array;
  /** Takes directions (items × d of the widest band, whose zero rows stay where they are) and biases to begin with. */
  start(directions: Float32Array, bias: ArrayLike<number>): void;
  /** One Adam step, after which the gradient is zero. */
  step(learningRate: number): Promise<void>;
  /** The items without their biases, as they ship: it decodes to `rows`. */
  table(): Table;
}

/** Items of which each is in `bands[band[j]]`; the rows are as wide as the widest band. */
export function createCosineRows(
  kernels: Kernels,
  scope: Scope,
  { queries, band, bands }: { queries: number; band: Uint8Array; bands: readonly Band[] },
): CosineRows {
  const items = band.length;
  const most = Math.max(...bands.map(({ d }) => d));
  const width = 4 * Math.ceil((most + 1) / 4);
  const [latent, m, v] = [0, 1, 2].map(() => scope.f32(items * width)) as [Float32Array, Float32Array, Float32Array];
  const [rows, gradient] = [0, 1].map(() => scope.f32((items + queries) * width)) as [Float32Array, Float32Array];
  const own = gradient.subarray(0, items * width);
  const kept = bands.map(({ d, levels }) => ({ d, ...(levels > 0 && { book: levelBook(kernels, levels, d) }) }));
  let taken = 0;

  function project(): void {
    for (let j = 0, at = 0; j < items; j++, at += width) {
      const { d, book } = kept[band[j]!]!;
      const inverse = 1 / lengthAt(latent, at, d);
      for (let x = at; x < at + d; x++) {
        const direction = latent[x]! * inverse;
        rows[x] = book ? book.levels[nearest(book.cuts, direction)]! : direction;
      }
      rows[at + most] = latent[at + most]!;
    }
  }

  return {
    ...{ width, rows, gradient },
    start(directions, bias) {
      for (let j = 0; j < items; j++) {
        const { d } = kept[band[j]!]!;
        const length = lengthAt(directions, j * most, d);
        for (let x = 0; x < d; x++) latent[j * width + x] = directions[j * most + x]! / length;
        latent[j * width + most] = bias[j]!;
      }
      project();
    },
    // ∂L/∂w = (g - ŵ(ŵ·g)) / |w|,  ŵ = w / |w|,  g = ∂L/∂row
    async step(learningRate) {
      for (let j = 0, at = 0; j < items; j++, at += width) {
        // A batch leaves most rows alone.
        if (untouched(own, at, most)) continue;
        const { d } = kept[band[j]!]!;
        own.fill(0, at + d, at + most);
        const inverse = 1 / lengthAt(latent, at, d);
        let along = 0;
        for (let x = at; x < at + d; x++) along += latent[x]! * own[x]!;
        along *= inverse * inverse;
        for (let x = at; x < at + d; x++) own[x] = inverse * (own[x]! - along * latent[x]!);
      }
      taken++;
      const adam = { learningRate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: taken };
      await adamRows(kernels, latent, m, v, null, own, width, adam);
      gradient.fill(0);
      project();
    },
    table() {
      const parts = rowsByBand(band, bands.length).map((members, b) => bandTable(members, kept[b]!));
      return parts.length === 1 ? parts[0]! : mixedRowsTable(band, parts);
    },
  };

  function bandTable(members: Int32Array, { d, book }: (typeof kept)[number]): Table {
    const n = members.length;
    const numbers = new Float32Array(n * most);
    members.forEach((j, r) => {
      numbers.set(rows.subarray(j * width, j * width + most), r * most);
    });
    if (!book) return f32Table(n, most, numbers);
    const place = (x: number) => nearest(book.cuts, x);
    if (d === most) return codebookTable(n, d, book.bits, Uint8Array.from(numbers, place));
    const column = (c: number) => Uint8Array.from({ length: n }, (_, r) => place(numbers[r * most + c]!));
    const zeros = { levels: Uint16Array.of(0), indices: new Uint8Array(n) };
    return columnCodesTable(
      n,
      Array.from({ length: most }, (_, c) => (c < d ? { levels: book.bits, indices: column(c) } : zeros)),
    );
  }
}

/** Levels for the numbers of a direction of d as they are kept, and the cuts between them. */
function levelBook(kernels: Kernels, count: number, d: number) {
  const { levels, spread } = normalLevels(count);
  // Lloyd and Max's levels lose a part of the length. Of 2 that is the same for every row, and given back.
  const unit = (count === 2 ? 1 : 1 / spread) / Math.sqrt(d);
  const bits = halvesOf(
    kernels,
    levels.map((level) => level * unit),
  );
  const cuts = levels.slice(1).map((level, k) => (level + levels[k]!) / (2 * spread * Math.sqrt(d)));
  return { bits, levels: Float32Array.from(bits, fromHalf), cuts };
}

/** How many of the cuts, which ascend, x is above. */
function nearest(cuts: Float32Array, x: number): number {
  let k = 0;
  while (k < cuts.length && x > cuts[k]!) k++;
  return k;
}

function untouched(gradient: Float32Array, at: number, d: number): boolean {
  for (let x = at; x < at + d; x++) if (gradient[x] !== 0) return false;
  return true;
}

/** |x|, or 1 for a row of zeros. */
function lengthAt(data: Float32Array, at: number, d: number): number {
  let squares = 0;
  for (let x = at; x < at + d; x++) squares += data[x]! * data[x]!;
  return Math.sqrt(squares) || 1;
}
