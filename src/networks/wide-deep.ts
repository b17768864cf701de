// Wide & Deep (arXiv 1606.07792): logistic regression beside an MLP over embeddings. Crossed columns of the wide part are
// columns of the data. Defaults are those of BARS on Frappe.

import { z } from "zod";
import { flatColumns, linearTerm } from "../engine/layers/columns.ts";
import { head, mlp } from "../engine/layers/mlp.ts";
import { batchNormOption, dropoutOption, hiddenOption, widthOption } from "../engine/layers/options.ts";
import { defineNetwork } from "../kinds/network.ts";

export default defineNetwork({
  name: "wide-deep",
  summary: "Logistic regression and an MLP over embeddings, added.",
  options: z.strictObject({
    d: widthOption(10),
    hidden: hiddenOption([400, 400, 400], "widths of the MLP's layers"),
    dropout: dropoutOption(0.6),
    batchNorm: batchNormOption(true),
  }),
  // logit = Σ w_i x_i + w · MLP([e_i ; numeric]) + b
  build(c, { d, hidden, ...layers }) {
    return c.g.add(linearTerm(c), head(c, [mlp(c, flatColumns(c, d), hidden, "mlp", layers)]));
  },
});
