// DeepFM (arXiv 1703.04247): a factorization machine and an MLP over the same embeddings. Defaults are those of BARS on
// Frappe.

import { z } from "zod";
import { columnVectors, flat, linearTerm, pairwiseSum } from "../engine/layers/columns.ts";
import { head, mlp } from "../engine/layers/mlp.ts";
import { batchNormOption, dropoutOption, hiddenOption, widthOption } from "../engine/layers/options.ts";
import { defineNetwork } from "../kinds/network.ts";

export default defineNetwork({
  name: "deepfm",
  summary: "Factorization machine and an MLP over the same embeddings, added.",
  options: z.strictObject({
    d: widthOption(10),
    hidden: hiddenOption([400, 400, 400], "widths of the MLP's layers"),
    dropout: dropoutOption(0.2),
    batchNorm: batchNormOption(true),
  }),
  // logit = Σ w_i x_i + Σ_{i<j} <v_i, v_j> x_i x_j + w · MLP([v_i x_i]) + b
  build(c, { d, hidden, ...layers }) {
    const vectors = columnVectors(c, d);
    const machine = c.g.add(linearTerm(c), pairwiseSum(c, vectors));
    return c.g.add(machine, head(c, [mlp(c, flat(c, vectors), hidden, "mlp", layers)]));
  },
});
