// F1@k: the harmonic mean of precision and recall.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "f1",
  summary: "Harmonic mean of precision and recall of the first k.",
  better: "high",
  judges: "hits",
  // 2PR / (P + R), P = found / k, R = found / relevant
  perUser({ hits, relevant }) {
    let found = 0;
    for (const hit of hits) found += hit;
    return (2 * found) / (hits.length + relevant);
  },
});
