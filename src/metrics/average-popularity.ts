// Average popularity@k: how well known what is shown already is (arXiv 1205.6700).

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "average-popularity",
  summary: "How many users took an item of the first k in train, on average.",
  better: "low",
  judges: "lists",
  perUser({ items }, { popularity }) {
    let [sum, shown] = [0, 0];
    for (const item of items) {
      if (item < 0) continue;
      sum += popularity[item]!;
      shown++;
    }
    return sum / shown;
  },
});
