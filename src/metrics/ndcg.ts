// NDCG@k with binary relevance (Järvelin & Kekäläinen 2002), the form used by LightGCN, RecBole and BARS.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "ndcg",
  summary: "Discounted gain of the list over that of the best possible list of k.",
  better: "high",
  judges: "hits",
  // DCG = Σ_r hit_r / log2(r + 2), r = 0 … k-1;  NDCG = DCG / DCG of min(k, relevant) hits in front
  perUser({ hits, relevant }) {
    let gain = 0;
    let best = 0;
    for (let r = 0; r < hits.length; r++) {
      const discount = 1 / Math.log2(r + 2);
      if (hits[r]) gain += discount;
      if (r < relevant) best += discount;
    }
    return gain / best;
  },
});
