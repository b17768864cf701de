// Diversity@k: how far the items of one list are from each other by who took them (intra-list diversity, Ziegler et al.,
// WWW 2005, with the cosine of the items' columns of train).

import { pairNearness } from "../evidence/nearness.ts";
import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "diversity",
  summary: "1 - mean cosine between the items of a list, each as the users who took it.",
  better: "high",
  judges: "lists",
  // 1 - Σ_{i<j} cos(i, j) / (n (n - 1) / 2)
  perUser({ items }, catalogue) {
    const shown = items.filter((item) => item >= 0);
    const n = shown.length;
    if (n < 2) return Number.NaN;
    return Math.max(0, 1 - (2 * pairNearness(shown, catalogue)) / (n * (n - 1)));
  },
});
