// The teacher's logits themselves (KD-DAGFM, Tian et al., WSDM 2023, arXiv 2211.11159). Sure rows count as much as others,
// where a cross-entropy hardly tells a logit of 6 from one of 9.

import { z } from "zod";
import { defineLogitLoss } from "../kinds/logit-loss.ts";

export default defineLogitLoss({
  name: "logit-mse",
  summary: "Squared difference of the logits of each row.",
  options: z.strictObject({}),
  // L = mean (z - t)²
  build: (g, { student, teacher }) => g.mean(g.square(g.sub(student, teacher)), []),
});
