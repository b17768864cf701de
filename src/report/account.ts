// Where the logged events went, in plain text: dropped in cleaning, used by the split, in no part.

import { formatCount } from "../base/format.ts";
import type { Results } from "./results.ts";

/** Interactions that no part holds: repeats of a pair, and what a split leaves out. */
export const unusedOf = ({ dataset, split }: Results): number =>
  dataset.interactions - split.train - split.validation - split.test;

/** Why some interactions are in no part. */
export const unusedWhy = "repeats of the same user and item, or events of users unknown to training";

/** One line for what cleaning dropped, where it did, and one for what the parts hold. */
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
  ];
}
