// AUC within each user, averaged with the user's impressions as weights (Zhu et al. 2017, arXiv 1703.02091): how well
// what one user sees is ordered, blind to who clicks much. Users whose rows are all of one class have no AUC.

import { auc } from "./auc.ts";

/** Rows of group -1 count nowhere. NaN where no user has both classes. */
export function gauc(
  label: Float32Array,
  score: Float32Array,
  group: Int32Array,
): { gauc: number; users: number; skipped: number } {
  let groups = 0;
  for (const g of group) if (g >= groups) groups = g + 1;
  const start = new Uint32Array(groups + 1);
  for (const g of group) if (g >= 0) start[g + 1]!++;
  for (let g = 0; g < groups; g++) start[g + 1]! += start[g]!;
  const next = start.slice(0, groups);
  const labels = new Float32Array(start[groups]!);
  const scores = new Float32Array(start[groups]!);
  for (let r = 0; r < group.length; r++) {
    if (group[r]! < 0) continue;
    const at = next[group[r]!]!++;
    labels[at] = label[r]!;
    scores[at] = score[r]!;
  }
  let [sum, weight, users, skipped] = [0, 0, 0, 0];
  for (let g = 0; g < groups; g++) {
    const [from, end] = [start[g]!, start[g + 1]!];
    if (from === end) continue;
    const own = labels.subarray(from, end);
    const clicks = own.reduce((n, y) => n + y, 0);
    if (clicks === 0 || clicks === own.length) {
      skipped++;
      continue;
    }
    sum += auc(own, scores.subarray(from, end)).auc * own.length;
    weight += own.length;
    users++;
  }
  return { gauc: sum / weight, users, skipped };
}
