// Dropout's random masks, made outside the graph so that a step repeats whatever ran before it.

/**
 * Fills `mask` with 0 (probability `rate`) and 1 / (1 - rate), by xorshift32 (Marsaglia, 2003) from `seed`, an unsigned
 * 32-bit integer; each draw gives two numbers of 16 bits.
 */
export function fillDropoutMask(mask: Float32Array, rate: number, seed: number): void {
  const kept = 1 / (1 - rate);
  const limit = Math.round(rate * 0x10000);
  let x = seed | 0 || 0x9e3779b9;
  for (let i = 0; i < mask.length; i += 2) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    mask[i] = (x & 0xffff) < limit ? 0 : kept;
    // A store past the end of a typed array does nothing.
    mask[i + 1] = x >>> 16 < limit ? 0 : kept;
  }
}
