// How the teacher's part of an objective changes over the epochs: when it begins, how fast it grows, how hot its terms are.
//
//     α_e = 0 for e < after,   α · min(1, (e - after + 1) / (ramp + 1)) from then on;   T_e = T · (T_end / T)^(e / last)

import type { Guidance, Term } from "../../kinds/guidance.ts";
import type { LossMethod } from "../../kinds/loss.ts";

/** The teacher's share of the objective in `epoch`, counted from 0; 0 without a teacher. */
export function shareIn(guidance: Guidance | undefined, epoch: number): number {
  if (!guidance) return 0;
  const { alpha, after = 0, ramp = 0 } = guidance;
  return epoch < after ? 0 : alpha * Math.min(1, (epoch - after + 1) / (ramp + 1));
}

/** A term's options at `progress` from 0, the first epoch, to 1, the last. */
export function optionsAt<L extends LossMethod>({ options, coolTo }: Term<L>, progress: number): Term<L>["options"] {
  const { temperature } = options as { temperature?: number };
  if (coolTo === undefined || temperature === undefined) return options;
  return { ...(options as object), temperature: temperature * (coolTo / temperature) ** progress };
}
