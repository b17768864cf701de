// Novelty@k: the mean self-information of what is shown (Zhou et al., PNAS 107, 2010).

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "novelty",
  summary: "Mean self-information in bits of the first k: log2 of users by users who took the item.",
  better: "high",
  judges: "lists",
  // log2(users / popularity); an item that nobody took counts as taken once
  perUser({ items }, { users, popularity }) {
    let [sum, shown] = [0, 0];
    for (const item of items) {
      if (item < 0) continue;
      sum += Math.log2(users / Math.max(1, popularity[item]!));
      shown++;
    }
    return sum / shown;
  },
});
