// When a loss is no number any more: names the first tensor that went wrong, and says what to try.

import { UserError } from "../../base/errors.ts";
import type { RunTensor } from "../../graph/runtime.ts";

/** Throws a UserError for a step whose loss is not finite; `outputs` are the step's, by name. */
export function diverged(step: number, loss: number, outputs: Readonly<Record<string, RunTensor>>): never {
  const bad = Object.entries(outputs).find(([name, { data }]) => name !== "loss" && data.some((x) => notFinite(x)));
  const where = bad ? ` The first tensor that is not finite is "${bad[0]}".` : "";
  throw new UserError(
    `training diverged: the loss of update ${step + 1} is ${loss}.${where} Lower the learning rate, or set clipNorm; what was saved before stays.`,
  );
}

const notFinite = (x: number | bigint): boolean => typeof x === "number" && !Number.isFinite(x);

/** Recognises a loss that explodes without being infinite: far above the best so far, for several steps on end. */
export function createExplosionGuard(): (step: number, loss: number) => void {
  let best = Number.POSITIVE_INFINITY;
  let worse = 0;
  return (step, loss) => {
    best = Math.min(best, loss);
    worse = loss > 1e3 * (1 + Math.abs(best)) ? worse + 1 : 0;
    if (worse < 10) return;
    throw new UserError(
      `training diverged: the loss stayed above ${(1e3 * (1 + Math.abs(best))).toPrecision(3)} for 10 steps up to update ${step + 1} (best ${best.toPrecision(3)}). Lower the learning rate, or set clipNorm; what was saved before stays.`,
    );
  };
}
