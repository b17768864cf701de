// Gini@k: how unequally the places of all lists are shared out among the items of the catalogue.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "gini",
  summary: "Inequality of how often items are shown: 0 all alike, near 1 a few items only.",
  better: "low",
  judges: "lists",
  // Σ_i (2i - n - 1) c_i / (n Σ c_i) over the n counts c in rising order, i = 1 … n
  overall({ items }, { items: n }) {
    const counts = new Float64Array(n);
    for (const item of items) if (item >= 0) counts[item]!++;
    counts.sort();
    let [weighted, total] = [0, 0];
    for (let i = 0; i < n; i++) {
      weighted += (2 * (i + 1) - n - 1) * counts[i]!;
      total += counts[i]!;
    }
    return total > 0 ? weighted / (n * total) : 0;
  },
});
