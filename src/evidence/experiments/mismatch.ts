// Sample-ratio mismatch: users who are not divided as planned. What divides them wrongly (lost logs, bots, redirects)
// also makes the variants differ in who is in them, so that no difference between them can be believed (Fabijan et al.,
// "Diagnosing sample ratio mismatch", KDD 2019).

import { chiSquaredTail } from "../../stats/distributions.ts";

/** Below this p-value the division is not what was planned: so small that looking daily does not cry wolf. */
const ALARM = 5e-4;

export interface Mismatch {
  readonly p: number;
  /** Why differences are not to be read, where they are not. */
  readonly refused?: string;
}

/** Chi-squared test of counts against planned shares, which add up to 1. */
export function mismatch(counts: readonly number[], planned: readonly number[], what: string): Mismatch {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return { p: 1 };
  const statistic = counts.reduce((sum, n, v) => sum + (n - total * planned[v]!) ** 2 / (total * planned[v]!), 0);
  const p = chiSquaredTail(statistic, counts.length - 1);
  if (p >= ALARM) return { p };
  const got = counts.map((n) => `${((100 * n) / total).toFixed(2)} %`).join(" : ");
  const want = planned.map((share) => `${(100 * share).toFixed(2)} %`).join(" : ");
  return {
    p,
    refused: `${what} ${got}, not ${want} (p = ${p.toExponential(1)}); find out why before reading any difference.`,
  };
}
