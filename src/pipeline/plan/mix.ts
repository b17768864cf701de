// What to begin with, by what the teacher gives and the student can learn by. docs/distil.md has the figures behind it.

import type { Fit, Mix } from "../../report/plan.ts";
import { isModel, type Teacher } from "../teachers/teacher.ts";

/**
 * mf under a factor model of more dimensions: it starts as its best stand-in and learns from its lists and their scores,
 * and, below an `alpha` of 1, from the interactions, which keeps more of the tail.
 */
export const factorMix = ({ alpha, temperature }: { readonly alpha: number; readonly temperature: number }) => ({
  ...{ use: "mf", start: "teacher", epochs: 30, batch: 512, learningRate: 0.02, finalRate: 0.05, decay: 0 },
  distill: { topN: 100, alpha, terms: [{ use: "soft-label", listed: 100, unlisted: 300, temperature }] },
});

export function mixOf(fits: readonly Fit[], student: string, teacher: Teacher): Mix {
  const can = (loss: string) => fits.some((fit) => fit.loss === loss && fit.fits);
  const scores = can("soft-label");
  if (!scores) {
    return {
      student: { use: student, distill: { topN: 100, alpha: 0.5, terms: [{ use: "rrd" }] } },
      reason:
        "the teacher gives an order and no scores: its first items in their order, above items that it does not list.",
    };
  }
  if (student === "mf" && can("ftd") && isModel(teacher)) {
    return {
      student: factorMix({ alpha: 0.9, temperature: 2 }),
      reason:
        "the teacher is a factor model: the student starts as its best stand-in in fewer dimensions, its lists with their scores repair what that lost, and a little of the interactions keeps the tail.",
    };
  }
  return {
    student: {
      use: student,
      distill: {
        topN: 100,
        alpha: 0.7,
        terms: [
          { use: "soft-label", temperature: 2 },
          { use: "rrd", weight: 0.5 },
        ],
      },
    },
    reason: "the teacher gives scores: by how much one item is better than another, and the order at the top.",
  };
}
