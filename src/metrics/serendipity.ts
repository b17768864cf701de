// Serendipity@k: relevant and unlike what the user took before (Zhang et al., Auralist, WSDM 2012, in the form of
// Microsoft's recommenders: unexpectedness by co-occurrence times relevance, a mean over the list).

import { nearness } from "../evidence/nearness.ts";
import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "serendipity",
  summary: "Mean over the first k of relevance times 1 - mean cosine to what the user took before.",
  better: "high",
  judges: "hits",
  // Σ_{i: hit} (1 - mean_{h ∈ history} cos(i, h)) / shown; a user without a history has none
  perUser({ hits, items, history }, catalogue) {
    if (history.length === 0) return Number.NaN;
    const found = items.filter((item, r) => item >= 0 && hits[r]);
    const shown = items.reduce((n, item) => n + (item >= 0 ? 1 : 0), 0);
    if (found.length === 0) return 0;
    let unexpected = 0;
    for (const near of nearness(found, history, catalogue)) unexpected += Math.max(0, 1 - near / history.length);
    return unexpected / shown;
  },
});
