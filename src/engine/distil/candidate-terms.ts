// Distillation terms over candidates, for a factor model whose gradients gather in a table: one user at a time.

import type { Rng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { createGuide } from "../guide.ts";
import type { FactorTable } from "./factor-table.ts";

/** Adds the gradient of every term over a user's candidates; returns the weighted loss. */
export function candidateTerms(
  guidance: Guidance,
  train: Interactions,
  { rows, gradient }: FactorTable,
  d: number,
  rng: Rng,
): (user: number) => number {
  const guide = createGuide(guidance, train, rng);
  return (user) => {
    const own = user * d;
    return guide.visit(
      user,
      (ids, n, out) => {
        for (let c = 0; c < n; c++) {
          const at = (train.users + ids[c]!) * d;
          let sum = 0;
          for (let x = 0; x < d; x++) sum += rows[own + x]! * rows[at + x]!;
          out[c] = sum;
        }
      },
      (ids, n, slopes) => {
        for (let c = 0; c < n; c++) {
          const at = (train.users + ids[c]!) * d;
          const slope = slopes[c]!;
          for (let x = 0; x < d; x++) {
            gradient[own + x]! += slope * rows[at + x]!;
            gradient[at + x]! += slope * rows[own + x]!;
          }
        }
      },
    );
  };
}
