// Hit rate@k: whether the list holds anything relevant at all.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "hit",
  summary: "Share of users with at least one relevant item in the first k.",
  better: "high",
  judges: "hits",
  perUser: ({ hits }) => (hits.includes(1) ? 1 : 0),
});
