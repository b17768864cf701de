// Recall@k: the share of a user's relevant items that are in the list.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "recall",
  summary: "Share of the user's relevant items found in the first k.",
  better: "high",
  judges: "hits",
  // hits / relevant
  perUser: ({ hits, relevant }) => hits.reduce((sum, hit) => sum + hit, 0) / relevant,
});
