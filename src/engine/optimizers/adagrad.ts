// Adagrad (Duchi et al., JMLR 2011): a ← a + G²; w ← w − rate·G / (√a + epsilon), with G = g + weightDecay·w.

import { decayed, type UpdateRule } from "./rule.ts";

interface AdagradOptions {
  readonly epsilon: number;
  readonly initial: number;
  readonly weightDecay: number;
}

export const adagrad = ({ epsilon, initial, weightDecay }: AdagradOptions): UpdateRule => ({
  state: { accumulator: initial },
  scalars: (_step, rate) => ({ rate }),
  update(g, w, gradient, { accumulator }, { rate }) {
    const G = decayed(g, w, gradient, weightDecay);
    const next = g.add(accumulator!, g.square(G));
    const direction = g.div(G, g.add(g.sqrt(next), g.scalar(epsilon)));
    return { w: g.sub(w, g.mul(direction, rate!)), state: { accumulator: next } };
  },
});
