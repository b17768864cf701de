// GAUC: the AUC of each user, weighted by how many relevant items the user has (arXiv 1706.06978, and RecBole's GAUC).

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "gauc",
  summary: "AUC of each user, weighted by relevant items; whatever k is.",
  better: "high",
  judges: "hits",
  needs: "places",
  // Σ over all relevant items of 1 - (above + tied / 2) / others, by their number
  overall({ places = [] }) {
    let [sum, items] = [0, 0];
    for (const { above, tied, others } of places) {
      if (others === 0) continue;
      items += above.length;
      for (let e = 0; e < above.length; e++) sum += 1 - (above[e]! + tied[e]! / 2) / others;
    }
    return items > 0 ? sum / items : 0;
  },
});
