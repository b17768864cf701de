// Distillation terms over candidates, for a factor model whose gradients gather in a table: one user at a time.

import type { Rng } from "../../base/rng.ts";
import { type Interactions, transpose } from "../../data/interactions.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { createGuide, type Guide } from "../guide.ts";
import { guideRows } from "../guided-rows.ts";
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
  const visit = guideRows(kernels, scope, guide, { rows, gradient, width: d });
  return {
    enter: guide.enter,
    visit: (row, times) => visit(row, { own: owners + row, first: others }, times),
  };
}
