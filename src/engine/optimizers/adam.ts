// Adam (arXiv 1412.6980) and AdamW (arXiv 1711.05101), whose weight decay passes the moments by.
//   m ← β₁m + (1−β₁)G;  v ← β₂v + (1−β₂)G²;  w ← w − rate·m̂ / (√v̂ + epsilon),  m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ)
// The state holds m/(1−β₁) and v/(1−β₂), which saves two passes; the scalars take the factors up:
//   w ← w − size·m' / (√v' + floor),  c = √((1−β₂)/(1−β₂ᵗ)), size = rate·(1−β₁)/((1−β₁ᵗ)·c), floor = epsilon/c

import { decayed, type UpdateRule } from "./rule.ts";

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** G = g + weightDecay·w. */
export const adam = (options: AdamOptions): UpdateRule => moments(options, false);

/** G = g, and w is multiplied by 1 − rate·weightDecay. */
export const adamw = (options: AdamOptions): UpdateRule => moments(options, true);

const moments = ({ beta1, beta2, epsilon, weightDecay }: AdamOptions, decoupled: boolean): UpdateRule => ({
  state: { m: 0, v: 0 },
  scalars(step, rate) {
    const t = step + 1;
    const c = Math.sqrt((1 - beta2) / (1 - beta2 ** t));
    const size = (rate * (1 - beta1)) / ((1 - beta1 ** t) * c);
    return { size, floor: epsilon / c, ...(decoupled && weightDecay > 0 && { keep: 1 - rate * weightDecay }) };
  },
  update(g, w, gradient, { m, v }, { size, floor, keep }) {
    const G = decoupled ? gradient : decayed(g, w, gradient, weightDecay);
    const first = g.add(g.mul(m!, g.scalar(beta1)), G);
    const second = g.add(g.mul(v!, g.scalar(beta2)), g.square(G));
    const move = g.mul(g.div(first, g.add(g.sqrt(second), floor!)), size!);
    return { w: g.sub(keep === undefined ? w : g.mul(w, keep), move), state: { m: first, v: second } };
  },
});
