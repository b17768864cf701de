// How weights start.

import { elements } from "../../graph/tensor.ts";
import type { Init } from "../../kinds/network.ts";

function fill(dims: readonly number[], draw: () => number): Float32Array {
  const values = new Float32Array(elements(dims));
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}

export const constant =
  (value: number): Init =>
  (_rng, dims) =>
    fill(dims, () => value);

export const normal =
  (deviation: number): Init =>
  (rng, dims) =>
    fill(dims, () => rng.normal() * deviation);

/**
 * How embeddings of click-through networks start, as in FuxiCTR: products of two of them are 1e-8, so a network starts
 * from its bias alone, and a row that training seldom meets adds next to nothing instead of noise.
 */
export const nearZero: Init = normal(1e-4);

/** Glorot and Bengio (AISTATS 2010): normal of variance 2 / (fan in + fan out). */
export const xavierNormalOf = (fanIn: number, fanOut: number): Init => normal(Math.sqrt(2 / (fanIn + fanOut)));

/** Of the last two dims. */
export const xavierNormal: Init = (rng, dims) => xavierNormalOf(dims.at(-2) ?? 1, dims.at(-1) ?? 1)(rng, dims);

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
