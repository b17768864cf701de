// MAP@k: precision at each hit, averaged over the hits that were possible.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "map",
  summary: "Mean over users of average precision in the first k.",
  better: "high",
  judges: "hits",
  // AP = Σ_{r: hit} (hits up to r) / (r + 1) / min(k, relevant)
  perUser({ hits, relevant }) {
    let found = 0;
    let sum = 0;
    for (let r = 0; r < hits.length; r++) if (hits[r]) sum += ++found / (r + 1);
    return sum / Math.min(hits.length, relevant);
  },
});
