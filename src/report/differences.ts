// What became of each metric from one model to another, with the interval of the difference user by user:
//
//   d = after - before        d ± 1.96 e_paired

import type { Figures } from "../evidence/evaluate.ts";
import { Z95 } from "./figures.ts";

export interface Difference {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** Absent where no paired error is known. */
  readonly interval?: readonly [number, number];
  /** The difference and its interval as shares of `before`; NaN where that is nought. */
  readonly share: number;
  readonly shares?: readonly [number, number];
}

/** A metric of the teacher's figures and of what is compared with it; undefined where either does not have it. */
export function differenceOf(
  metric: string,
  before: Figures | undefined,
  after: Figures | undefined,
): Difference | undefined {
  const [a, b] = [before?.metrics[metric], after?.metrics[metric]];
  if (a === undefined || b === undefined || !Number.isFinite(a) || !Number.isFinite(b)) return undefined;
  const half = Z95 * (after!.pairedError?.[metric] ?? Number.NaN);
  const difference = b - a;
  const per = a === 0 ? Number.NaN : Math.abs(a);
  if (!Number.isFinite(half)) return { before: a, after: b, difference, share: difference / per };
  const interval = [difference - half, difference + half] as const;
  return {
    ...{ before: a, after: b, difference, interval, share: difference / per },
    ...(a !== 0 && { shares: [interval[0] / per, interval[1] / per] as const }),
  };
}

/** What an interval says of a difference, in a word; less than nought is worse unless less is wanted. */
export function wordOf({ interval }: Difference, better: "high" | "low"): "better" | "worse" | "either" {
  if (!interval || (interval[0] <= 0 && interval[1] >= 0)) return "either";
  return interval[0] > 0 === (better === "high") ? "better" : "worse";
}
