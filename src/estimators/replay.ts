// Replay: the mean reward of the rows in which the target policy would have shown the same (Li et al., WSDM 2011,
// arXiv 1003.5956). Unbiased where the log was made by showing every item as often as any other.

import { z } from "zod";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "replay",
  summary: "Mean reward where the target would have shown what was shown; for logs made uniformly at random.",
  options: z.strictObject({}),
  uses: ["matches"],
  // V = Σ 1[π_e(a|x) = 1] r / Σ 1[π_e(a|x) = 1]
  terms({ reward, chosen }) {
    const matches = chosen.map((p) => (p === 1 ? 1 : 0));
    return [matches.map((match, r) => match * reward[r]!), matches];
  },
  value: ([rewards, matches]) => rewards! / matches!,
});
