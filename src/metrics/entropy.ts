// Entropy@k: Shannon's, of which item a place in anybody's list holds.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "entropy",
  summary: "Shannon entropy in bits of the items shown; 2 to its power is how many items are shown in effect.",
  better: "high",
  judges: "lists",
  // - Σ_i p_i log2 p_i,  p_i = c_i / Σ c
  overall({ items }, catalogue) {
    const counts = new Float64Array(catalogue.items);
    let total = 0;
    for (const item of items) {
      if (item < 0) continue;
      counts[item]!++;
      total++;
    }
    let entropy = 0;
    for (const count of counts) if (count > 0) entropy -= (count / total) * Math.log2(count / total);
    return Math.max(0, entropy);
  },
});
