// AUC within each user, averaged with the user's impressions as weights (Zhu et al. 2017, arXiv 1703.02091): how well
// what one user sees is ordered, blind to who clicks much. Users whose rows are all of one class have no AUC.
//
//   GAUC = Σ_u n_u AUC_u / Σ_u n_u        ψ_r = n / Σ_u n_u · (AUC_u - GAUC), r a row of u: users are what is drawn

import { auc } from "./auc.ts";
import type { ClickMetric } from "./metric.ts";

/** Rows of group -1 count nowhere. NaN where no user has both classes. */
export function gauc(
  label: Float32Array,
  score: Float32Array,
  group: Int32Array,
): { gauc: number; users: number; skipped: number; weight: number; ofUser: Float64Array } {
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
  const ofUser = new Float64Array(groups).fill(Number.NaN);
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
    ofUser[g] = auc(own, scores.subarray(from, end));
    sum += ofUser[g]! * own.length;
    weight += own.length;
    users++;
  }
  return { gauc: sum / weight, users, skipped, weight, ofUser };
}

export const gaucMetric: ClickMetric<"high"> = {
  summary: "Mean of each user's AUC, weighted by impressions; users with one class are left out.",
  ...{ better: "high", needs: "a user with clicks and others" },
  measure: ({ label, score, group }) => (group ? gauc(label, score, group).gauc : Number.NaN),
  influence({ label, score, group }) {
    const n = label.length;
    if (!group) return { value: Number.NaN, rows: new Float64Array(n).fill(Number.NaN) };
    const { gauc: value, weight, ofUser, skipped } = gauc(label, score, group);
    const strangers = group.reduce((sum, g) => sum + (g < 0 ? 1 : 0), 0);
    const rows = Float64Array.from(group, (g) => {
      const own = ofUser[g] ?? Number.NaN;
      return Number.isNaN(own) ? 0 : (n / weight) * (own - value);
    });
    const leftOut = { "users with one class": skipped, "rows without a user": strangers };
    return { value, rows, leftOut: Object.fromEntries(Object.entries(leftOut).filter(([, count]) => count > 0)) };
  },
  // The rows of a user count equally often, so that only the weight of the user changes.
  resampled({ label, score, group }) {
    if (!group) return () => Number.NaN;
    const { ofUser } = gauc(label, score, group);
    const own = Float64Array.from(group, (g) => ofUser[g] ?? Number.NaN);
    return (count) => {
      let [sum, weight] = [0, 0];
      for (let r = 0; r < own.length; r++) {
        if (Number.isNaN(own[r]!)) continue;
        sum += count[r]! * own[r]!;
        weight += count[r]!;
      }
      return sum / weight;
    };
  },
};
