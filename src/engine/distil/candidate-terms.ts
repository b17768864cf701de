// Distillation terms over candidates, for a factor model whose gradients gather in a table: one user at a time.

import type { Rng } from "../../base/rng.ts";
import { type Interactions, transpose } from "../../data/interactions.ts";
import { pullCandidates, scoreCandidates } from "../../kernels/candidates.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { createGuide, type Guide } from "../guide.ts";
import type { FactorTable } from "./factor-table.ts";

export interface CandidateTerms extends Pick<Guide, "enter"> {
  /** Adds the gradient of every term over a row's candidates, `times` over; returns the weighted loss. */
  visit(row: number, times: number): number;
}

/** The terms over users' candidates, or with "users" those over items', whose candidates are users. */
export function candidateTerms(
  kernels: Kernels,
  scope: Scope,
  guidance: Guidance,
  train: Interactions,
  { rows, gradient }: FactorTable,
  d: number,
  rng: Rng,
  sees: "candidates" | "users" = "candidates",
): CandidateTerms {
  const turned = sees === "users";
  const guide = createGuide(guidance, turned ? transpose(train) : train, rng, sees);
  const [owners, others] = turned ? [train.users, 0] : [0, train.users];
  const most = guide.mostCandidates;
  const [ids, scores] = [scope.i32(most), scope.f32(most)];
  const visit = (user: number, times: number) => {
    const against = (items: Int32Array, n: number) => {
      const some = ids.subarray(0, n);
      some.set(items.subarray(0, n));
      return { table: rows, width: d, own: owners + user, first: others, ids: some };
    };
    return guide.visit(
      user,
      (items, n, out) => {
        scoreCandidates(kernels, against(items, n), scores);
        out.set(scores.subarray(0, n));
      },
      (items, n, slopes) => {
        scores.set(slopes.subarray(0, n));
        pullCandidates(kernels, against(items, n), scores, gradient);
      },
      times,
    );
  };
  return { enter: guide.enter, visit };
}
