// Items as directions with a bias each, which learn as they will ship: what losses read is a projection of the latent
// numbers that Adam moves, and its gradient is taken for that of the direction (straight-through: Bengio et al.,
// arXiv 1308.3432).
//
//     row_j = level(√d · w_j / |w_j|) / √d,   level(x) = the nearest of a few levels, or x itself
//
// Every row has about the length 1, so that levels need no scale a row: 2 of them are 1 bit a number and nothing more.

import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { adamRows } from "../kernels/optimizers.ts";
import { normalLevels } from "./row-levels.ts";

export interface CosineRows {
  /** Of a row: d numbers, the bias, and zeros up to whole vectors of four. */
  readonly width: number;
  /** (items + queries) × width: the items as they will ship, and behind them rows for queries. */
  readonly rows: Float32Array;
  /** Of the same shape; whoever knows a loss adds to it. */
  readonly gradient: Float32Array;
  /** Takes directions (items × d, whose zero rows stay where they are) and biases to begin with. */
  start(directions: Float32Array, bias: ArrayLike<number>): void;
  /** One Adam step, after which the gradient is zero. */
  step(learningRate: number): Promise<void>;
}

/** `levels` 0 keeps every number as it is. */
export function createCosineRows(
  kernels: Kernels,
  scope: Scope,
  { items, queries, d, levels }: { items: number; queries: number; d: number; levels: number },
): CosineRows {
  const width = 4 * Math.ceil((d + 1) / 4);
  const [latent, m, v] = [0, 1, 2].map(() => scope.f32(items * width)) as [Float32Array, Float32Array, Float32Array];
  const [rows, gradient] = [0, 1].map(() => scope.f32((items + queries) * width)) as [Float32Array, Float32Array];
  const own = gradient.subarray(0, items * width);
  const nearest = levels === 0 ? undefined : levelPicker(levels, d);
  let taken = 0;

  function project(): void {
    for (let at = 0; at < items * width; at += width) {
      const inverse = 1 / lengthAt(latent, at, d);
      for (let x = at; x < at + d; x++) {
        const direction = latent[x]! * inverse;
        rows[x] = nearest ? nearest(direction) : direction;
      }
      rows[at + d] = latent[at + d]!;
    }
  }

  return {
    ...{ width, rows, gradient },
    start(directions, bias) {
      for (let j = 0; j < items; j++) {
        const length = lengthAt(directions, j * d, d);
        for (let x = 0; x < d; x++) latent[j * width + x] = directions[j * d + x]! / length;
        latent[j * width + d] = bias[j]!;
      }
      project();
    },
    // ∂L/∂w = (g - ŵ(ŵ·g)) / |w|,  ŵ = w / |w|,  g = ∂L/∂row
    async step(learningRate) {
      for (let at = 0; at < items * width; at += width) {
        // A batch leaves most rows alone.
        if (untouched(own, at, d)) continue;
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
  };
}

/** The level for a number of a direction of d numbers, as it stands in a row. */
function levelPicker(count: number, d: number): (x: number) => number {
  const { levels, spread } = normalLevels(count);
  // Lloyd and Max's levels lose a part of the length, which is the same for all: it is given back.
  const sigmas = Float64Array.from(levels, (level) => level / spread);
  const cuts = sigmas.slice(1).map((level, k) => (level + sigmas[k]!) / 2 / Math.sqrt(d));
  const root = Math.sqrt(d);
  const kept = sigmas.map((level) => level / root / (count === 2 ? sigmas[1]! : 1));
  return (x) => {
    let k = 0;
    while (k < cuts.length && x > cuts[k]!) k++;
    return kept[k]!;
  };
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
