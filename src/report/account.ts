// Where the logged events went, in plain text: dropped in cleaning, used by the split, in no part.

import { formatCount } from "../base/format.ts";
import { mainOf, metricLabel } from "./measures.ts";
import type { Results } from "./results.ts";

/** Interactions that no part holds: repeats of a pair, and what a split leaves out. */
export const unusedOf = ({ dataset, split }: Results): number =>
  dataset.interactions - split.train - split.validation - split.test;

/** Why some interactions are in no part. */
export const unusedWhy = "repeats of the same user and item, or events of users unknown to training";

/** What was ranked for each user, as the beginning of a sentence: all figures are of it. */
export function rankedWords({ candidates }: Pick<Results, "candidates">): string {
  if (!candidates) return "Full ranking over the whole catalogue";
  const { kind, perUser, added } = candidates;
  const origin = kind === "file" ? "from a file" : kind === "uniform" ? "drawn uniformly" : "drawn by popularity";
  const given = added > 0 ? `, ${formatCount(added)} relevant ones added` : "";
  return `Sampled: ranked among ${formatCount(Math.round(perUser))} candidates a user ${origin}${given}, not the whole catalogue`;
}

/** What no figure rests on, a teacher's own, and what the figures are of if not the whole catalogue; none where all is as usual. */
export function evaluatedLines({
  candidates,
  leftOut = [],
  teacher,
}: Pick<Results, "candidates" | "leftOut" | "teacher">): string[] {
  const left = leftOut.map(({ what, count }) => `${formatCount(count)} ${what}`).join(", ");
  return [
    ...(left === "" ? [] : [`Left out: ${left}.`]),
    ...(teacher ? [listedWords(teacher)] : []),
    ...(candidates ? [`${rankedWords({ candidates })}; their fingerprint is ${candidates.fingerprint}.`] : []),
  ];
}

/** What a teacher reaches that stands in no table. */
function listedWords({ method, metrics }: NonNullable<Results["teacher"]>): string {
  const name = mainOf(metrics);
  return `The teacher (${method}) has lists and no model: they reach ${metricLabel(name)} ${(metrics[name] ?? Number.NaN).toFixed(4)}.`;
}

/** Lines for what cleaning dropped, what the parts hold, and what was left out or sampled in the evaluation. */
export function accountLines(results: Results): string[] {
  const { dataset, split } = results;
  const drops = dataset.dropped.filter(({ dropped }) => dropped > 0);
  const unused = unusedOf(results);
  const parts = [
    `${formatCount(split.train)} to train`,
    ...(split.validation > 0 ? [`${formatCount(split.validation)} to validate`] : []),
    `${formatCount(split.test)} to test`,
    ...(unused > 0 ? [`${formatCount(unused)} in no part (${unusedWhy})`] : []),
  ];
  return [
    ...drops.map(({ step, dropped, why }) => `Dropped ${formatCount(dropped)} (${step}): ${why}.`),
    `Data: ${formatCount(dataset.users)} users, ${formatCount(dataset.items)} items, ${formatCount(dataset.interactions)} interactions: ${parts.join(", ")}.`,
    ...evaluatedLines(results),
  ];
}
