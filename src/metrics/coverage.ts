// Coverage@k: how much of the catalogue anybody is shown.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "coverage",
  summary: "Share of the catalogue that appears in at least one user's first k.",
  better: "high",
  judges: "lists",
  overall({ items }, catalogue) {
    const seen = new Uint8Array(catalogue.items);
    for (const item of items) if (item >= 0) seen[item] = 1;
    return seen.reduce((sum, one) => sum + one, 0) / catalogue.items;
  },
});
