// w ← w − rate·G with G = g + weightDecay·w, as w·(1 − rate·weightDecay) − rate·g.

import type { UpdateRule } from "./rule.ts";

export const sgd = ({ weightDecay }: { readonly weightDecay: number }): UpdateRule => ({
  state: {},
  scalars: (_step, rate) => ({ rate, ...(weightDecay > 0 && { keep: 1 - rate * weightDecay }) }),
  update(g, w, gradient, _state, { rate, keep }) {
    return { w: g.sub(keep === undefined ? w : g.mul(w, keep), g.mul(gradient, rate!)), state: {} };
  },
});
