// AUC: over the whole ranking, how often a relevant item comes before an irrelevant one. Every user counts the same.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "auc",
  summary: "Share of pairs of a relevant and an irrelevant candidate in the right order, a tie half; whatever k is.",
  better: "high",
  judges: "hits",
  needs: "places",
  // mean over relevant items of 1 - (above + tied / 2) / others; a user without an irrelevant candidate has none
  perUser({ places }) {
    if (!places) return Number.NaN;
    const { above, tied, others } = places;
    let wrong = 0;
    for (let e = 0; e < above.length; e++) wrong += above[e]! + tied[e]! / 2;
    return 1 - wrong / (above.length * others);
  },
});
