// The only source of randomness: xoshiro128** seeded by splitmix32 (Blackman & Vigna, arXiv 1805.01407).
// A generator is passed in where it is needed; there is no global one.

/** A seeded stream of random numbers. */
export interface Rng {
  /** A uniform 32-bit unsigned integer. */
  u32(): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** A uniform integer in [0, n), n ≤ 2³². */
  below(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Shuffles in place (Fisher-Yates). */
  shuffle<T extends { length: number; [i: number]: number }>(values: T): T;
  /** An independent stream named by `label`; does not advance this one. */
  fork(label: string): Rng;
}

/** A generator whose whole sequence follows from `seed` (any finite number or string). */
export function createRng(seed: number | string): Rng {
  let h = 0x811c9dc5;
  for (const c of String(seed)) h = Math.imul(h ^ c.codePointAt(0)!, 0x01000193);
  const split = () => {
    h = (h + 0x9e3779b9) | 0;
    let t = h ^ (h >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return (t ^ (t >>> 15)) | 0;
  };
  let [a, b, c, d] = [split(), split(), split(), split()];
  let spare = Number.NaN;
  const u32 = () => {
    const m = Math.imul(b, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  const uniform = () => ((u32() >>> 5) * 0x4000000 + (u32() >>> 6)) / 0x20000000000000;
  const below = (n: number) => Math.floor(uniform() * n);
  return {
    u32,
    uniform,
    below,
    normal() {
      if (!Number.isNaN(spare)) {
        const kept = spare;
        spare = Number.NaN;
        return kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const held = values[i]!;
        values[i] = values[j]!;
        values[j] = held;
      }
      return values;
    },
    fork: (label) => createRng(`${seed}/${label}`),
  };
}
