// Entropy-constrained scalar quantisation (Chou, Lookabaugh, Gray, 1989): a grid of one step, and for each number x not
// the nearest level but the one that is worth its bits,
//
//     argmin_k  ((x - level_k) / step)² + lambda · -log2 p_k,        level_k = mean of its numbers, p_k its share.

const ITERATIONS = 4;
/** How many levels up or down from the nearest one are weighed: no number comes to lie further from its place. */
export const REACH = 2;
/** Bits charged for a level that nothing has chosen yet: more than any that is in use costs. */
const UNUSED_BITS = 99;

export interface RatedNumbers {
  /** The levels in use, ascending. */
  readonly means: Float32Array;
  readonly indices: Uint8Array;
  /** The entropy of the indices, of all of them together. */
  readonly bits: number;
}

/** Numbers from min to max, on a grid of at most 256 places. */
export function rateQuantise(
  data: Float32Array,
  step: number,
  [min, max]: readonly [number, number],
  lambda: number,
): RatedNumbers {
  const first = Math.round(min / step);
  const count = Math.round(max / step) - first + 1;
  const levels = Float64Array.from({ length: count }, (_, k) => (first + k) * step);
  const bits = new Float64Array(count);
  const indices = new Uint8Array(data.length);
  let counts = assign(data, levels, bits, step, first, indices);
  for (let iteration = 0; lambda > 0 && iteration < ITERATIONS; iteration++) {
    for (let k = 0; k < count; k++) bits[k] = lambda * (counts[k] ? -Math.log2(counts[k]! / data.length) : UNUSED_BITS);
    counts = assign(data, levels, bits, step, first, indices);
  }
  // Only levels in use are kept.
  const place = new Uint8Array(count);
  const used = [...counts.keys()].filter((k) => counts[k]! > 0);
  used.forEach((k, i) => {
    place[k] = i;
  });
  const entropy = used.reduce((sum, k) => sum - counts[k]! * Math.log2(counts[k]! / data.length), 0);
  const means = Float32Array.from(used, (k) => levels[k]!);
  return { means, indices: indices.map((k) => place[k]!), bits: entropy };
}

/** Chooses each number's level, then moves the levels to their numbers' means; returns how many each has. */
function assign(
  data: Float32Array,
  levels: Float64Array,
  bits: Float64Array,
  step: number,
  first: number,
  indices: Uint8Array,
): Float64Array {
  const counts = new Float64Array(levels.length);
  const sums = new Float64Array(levels.length);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    const nearest = Math.round(x / step) - first;
    const last = Math.min(levels.length - 1, nearest + REACH);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let k = Math.max(0, nearest - REACH); k <= last; k++) {
      const away = (x - levels[k]!) / step;
      const cost = away * away + bits[k]!;
      if (cost < least) [best, least] = [k, cost];
    }
    indices[i] = best;
    counts[best]!++;
    sums[best]! += x;
  }
  for (let k = 0; k < levels.length; k++) if (counts[k]) levels[k] = sums[k]! / counts[k]!;
  return counts;
}
