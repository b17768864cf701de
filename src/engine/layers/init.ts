// How weights start.

import type { Init } from "../../kinds/network.ts";

const fill = (dims: readonly number[], draw: () => number): Float32Array =>
  Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, draw);

export const constant =
  (value: number): Init =>
  (_rng, dims) =>
    fill(dims, () => value);

export const normal =
  (deviation: number): Init =>
  (rng, dims) =>
    fill(dims, () => rng.normal() * deviation);

/** Glorot and Bengio (AISTATS 2010): uniform in ±√(6 / (fan in + fan out)), of the last two dims. */
export const xavierUniform: Init = (rng, dims) => {
  const bound = Math.sqrt(6 / ((dims.at(-2) ?? 1) + (dims.at(-1) ?? 1)));
  return fill(dims, () => (2 * rng.uniform() - 1) * bound);
};

/** What PyTorch's Linear starts from: uniform in ±1/√(fan in), for a weight of [fan in, fan out] and its bias. */
export const linearUniform =
  (fanIn: number): Init =>
  (rng, dims) =>
    fill(dims, () => (2 * rng.uniform() - 1) / Math.sqrt(fanIn));
