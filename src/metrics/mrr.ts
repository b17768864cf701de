// MRR@k: the reciprocal rank of the first relevant item.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "mrr",
  summary: "Mean of 1 / rank of the first relevant item; 0 when none is in the first k.",
  better: "high",
  judges: "hits",
  perUser({ hits }) {
    const first = hits.indexOf(1);
    return first < 0 ? 0 : 1 / (first + 1);
  },
});
