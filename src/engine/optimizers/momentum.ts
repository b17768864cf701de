// Heavy-ball momentum as in PyTorch: v ← momentum·v + G; w ← w − rate·v, with G = g + weightDecay·w.

import { decayed, type UpdateRule } from "./rule.ts";

interface MomentumOptions {
  readonly momentum: number;
  readonly weightDecay: number;
}

export const momentum = ({ momentum, weightDecay }: MomentumOptions): UpdateRule => ({
  state: { velocity: 0 },
  scalars: (_step, rate) => ({ rate }),
  update(g, w, gradient, { velocity }, { rate }) {
    const next = g.add(g.mul(velocity!, g.scalar(momentum)), decayed(g, w, gradient, weightDecay));
    return { w: g.sub(w, g.mul(next, rate!)), state: { velocity: next } };
  },
});
