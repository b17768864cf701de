// Diversity@k: how far the items of one list are from each other by who took them (intra-list diversity, Ziegler et al.,
// WWW 2005, with the cosine of the items' columns of train).

import { nearness } from "../evidence/nearness.ts";
import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "diversity",
  summary: "1 - mean cosine between the items of a list, each as the users who took it.",
  better: "high",
  judges: "lists",
  // 1 - Σ_{i≠j} cos(i, j) / (n (n - 1)); cos(i, i) = 1 unless nobody took i
  perUser({ items }, catalogue) {
    const { popularity } = catalogue;
    const shown = items.filter((item) => item >= 0);
    const n = shown.length;
    if (n < 2) return Number.NaN;
    let near = 0;
    for (const sum of nearness(shown, shown, catalogue)) near += sum;
    for (const item of shown) if (popularity[item]! > 0) near -= 1;
    return Math.min(1, Math.max(0, 1 - near / (n * (n - 1))));
  },
});
