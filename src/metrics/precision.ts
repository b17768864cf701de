// Precision@k: the share of the list that is relevant.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "precision",
  summary: "Share of the first k that is relevant.",
  better: "high",
  judges: "hits",
  // hits / k
  perUser: ({ hits }) => hits.reduce((sum, hit) => sum + hit, 0) / hits.length,
});
