// judge: how near every variant is to the teacher, and whether it passes the recipe's gates.

import { createRng } from "../base/rng.ts";
import type { Gate } from "../evidence/gates/gate.ts";
import type { Bench } from "./bench.ts";
import { nearnessTo } from "./compare-lists.ts";
import type { Parts } from "./divide.ts";
import { judgeGate } from "./judge-gate.ts";
import type { Reference } from "./measure.ts";
import type { Recipe } from "./recipe.ts";
import type { Sealed } from "./seal.ts";
import type { Surroundings } from "./surroundings.ts";

/** Every model with its fidelity to `teacher` and the outcome of each gate; the teacher as it is. */
export async function judge(
  sealed: readonly Sealed[],
  gates: readonly Gate[],
  bench: Bench,
  parts: Parts,
  { evaluate, seed }: Recipe,
  around: Surroundings,
  teacher: Reference | undefined = sealed.find(({ role }) => role === "teacher"),
): Promise<Sealed[]> {
  if (!teacher) return [...sealed];
  const nearness = nearnessTo(teacher, bench, parts, evaluate, around);
  const judged: Sealed[] = [];
  for (const own of sealed) {
    if (own === teacher) {
      judged.push(own);
      continue;
    }
    const near = await nearness(own);
    const rng = createRng(seed).fork(`gates/${own.name}`);
    const about = { teacher, own, nearness: near, cost: own.variant.cost };
    const outcomes = gates.map((gate) => judgeGate(gate, about, bench, evaluate.ks, rng));
    const variant = { ...own.variant, fidelity: near.fidelity, ...(outcomes.length > 0 && { gates: outcomes }) };
    judged.push({ ...own, variant });
  }
  return judged;
}
