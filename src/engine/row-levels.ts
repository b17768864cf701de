// Non-uniform levels for rows:  x ≈ scale_row · level. Levels come in pairs ± (an odd number of them holds 0) and the
// largest is 1, so that a row's scale is the largest number that it can hold. They start as the best ones for a normal
// distribution (Max 1960; Lloyd 1982), which a rotated row is close to, and may then be learned from the table.

import type { Kernels } from "../kernels/kernels.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { fromHalf } from "../tables/half.ts";
import type { RowScales } from "../tables/row-scales.ts";

/** Alternations of scale and digits for a row, and of levels and rows for a table. */
const ROW_STEPS = 4;
const TABLE_STEPS = 12;

/** The density beyond this many standard deviations, and what is between, in so many points. */
const REACH = 6;
const POINTS = 3000;
const LLOYD_STEPS = 300;

interface NormalLevels {
  readonly levels: Float32Array;
  readonly spread: number;
}
const found = new Map<number, NormalLevels>();

/** The levels of least squared error for a normal distribution, ascending, the largest 1; and their root mean square. */
export function normalLevels(count: number): NormalLevels {
  const known = found.get(count) ?? lloydLevels(count);
  found.set(count, known);
  return known;
}

function lloydLevels(count: number): NormalLevels {
  // Running sums of the density and of its mean, read between points in a straight line.
  const [mass, moment] = [new Float64Array(POINTS + 1), new Float64Array(POINTS + 1)];
  for (let i = 0; i < POINTS; i++) {
    const x = ((i + 0.5) / POINTS - 0.5) * 2 * REACH;
    const density = Math.exp((-x * x) / 2);
    mass[i + 1] = mass[i]! + density;
    moment[i + 1] = moment[i]! + x * density;
  }
  const upTo = (sums: Float64Array, x: number) => {
    const at = Math.min(POINTS, Math.max(0, (x / (2 * REACH) + 0.5) * POINTS));
    const i = Math.min(POINTS - 1, Math.floor(at));
    return sums[i]! + (at - i) * (sums[i + 1]! - sums[i]!);
  };
  let levels = Float64Array.from({ length: count }, (_, k) => ((2 * k + 1) / count - 1) * 2);
  for (let step = 0; step < LLOYD_STEPS; step++) {
    const cuts = [-REACH, ...levels.subarray(1).map((level, k) => (level + levels[k]!) / 2), REACH];
    const mean = (k: number) => {
      const [from, to] = [cuts[k]!, cuts[k + 1]!];
      return (upTo(moment, to) - upTo(moment, from)) / (upTo(mass, to) - upTo(mass, from));
    };
    levels = levels.map((_, k) => (mean(k) - mean(count - 1 - k)) / 2);
  }
  const most = levels[count - 1]!;
  return { levels: Float32Array.from(levels, (level) => level / most), spread: 1 / most };
}

export interface FittedRows {
  readonly levels: Float32Array;
  readonly scales: Float32Array;
  /** rows × cols digits. */
  readonly indices: Uint8Array;
}

/** Digits and scales of least squared error, row by row; with `learn` the levels are moved to their numbers' means. */
export function fitRowLevels(
  data: Float32Array,
  rows: number,
  cols: number,
  options: { readonly levels: number; readonly learn: boolean },
): FittedRows {
  const start = normalLevels(options.levels);
  let levels = start.levels;
  const indices = new Uint8Array(rows * cols);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let at = r * cols; at < (r + 1) * cols; at++) sum += data[at]! * data[at]!;
    scales[r] = Math.sqrt(sum / cols) / start.spread;
  }
  const refit = (steps: number) => {
    for (let r = 0; r < rows; r++) {
      const row = data.subarray(r * cols, (r + 1) * cols);
      const digits = indices.subarray(r * cols, (r + 1) * cols);
      for (let step = 0; step < steps; step++) {
        assignDigits(row, levels, scales[r]!, digits);
        scales[r] = bestScale(row, levels, digits);
      }
      assignDigits(row, levels, scales[r]!, digits);
    }
  };
  refit(ROW_STEPS);
  for (let step = 0; options.learn && step < TABLE_STEPS; step++) {
    levels = learned(data, cols, levels, scales, indices);
    refit(1);
  }
  return { levels, scales, indices };
}

/** The digit of the nearest level, of rows whose scale or levels have been rounded since. */
export function assignDigits(row: Float32Array, levels: Float32Array, scale: number, digits: Uint8Array): void {
  const most = levels.length - 1;
  for (let c = 0; c < row.length; c++) {
    const x = row[c]!;
    let k = 0;
    while (k < most && x > (scale * (levels[k]! + levels[k + 1]!)) / 2) k++;
    digits[c] = k;
  }
}

/** argmin_s Σ (x - s·level)² = Σ x·level / Σ level², held to the largest number of the row. */
function bestScale(row: Float32Array, levels: Float32Array, digits: Uint8Array): number {
  let [dot, square, most] = [0, 0, 0];
  for (let c = 0; c < row.length; c++) {
    const level = levels[digits[c]!]!;
    dot += row[c]! * level;
    square += level * level;
    most = Math.max(most, Math.abs(row[c]!));
  }
  return square > 0 ? Math.min(most, dot / square) : most;
}

/** argmin over levels ±l of Σ (x - s·l)², the rows' scales held, then the largest made 1 again. */
function learned(
  data: Float32Array,
  cols: number,
  levels: Float32Array,
  scales: Float32Array,
  indices: Uint8Array,
): Float32Array {
  const count = levels.length;
  const [dots, squares] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < data.length; i++) {
    const scale = scales[Math.floor(i / cols)]!;
    const k = indices[i]!;
    dots[k]! += scale * data[i]!;
    squares[k]! += scale * scale;
  }
  const moved = levels.map((old, k) => {
    const weight = squares[k]! + squares[count - 1 - k]!;
    return weight > 0 ? (dots[k]! - dots[count - 1 - k]!) / weight : old;
  });
  const most = moved[count - 1]!;
  // Levels that have run into each other, as those of constant rows, are left where they were.
  if (!moved.every((level, k) => k === 0 || level > moved[k - 1]!)) return levels;
  scales.forEach((scale, r) => {
    scales[r] = scale * most;
  });
  return moved.map((level) => level / most);
}

/** Scales as float16 bits or as bytes of their range, and what they then are. */
export function keptScales(
  kernels: Kernels,
  scales: Float32Array,
  as: "f16" | "u8",
): { readonly kept: RowScales; readonly values: Float32Array } {
  if (as === "f16") {
    const bits = halvesOf(kernels, scales);
    return { kept: { scales: bits }, values: Float32Array.from(bits, fromHalf) };
  }
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const scale of scales) [least, most] = [Math.min(least, scale), Math.max(most, scale)];
  const range = Float32Array.of(least, (most - least) / 255);
  const bytes = Uint8Array.from(scales, (scale) => (range[1]! > 0 ? Math.round((scale - range[0]!) / range[1]!) : 0));
  return { kept: { scales: bytes, range }, values: Float32Array.from(bytes, (b) => range[0]! + b * range[1]!) };
}
