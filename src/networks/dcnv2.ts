// DCN-V2 (arXiv 2008.13535): cross layers, before an MLP or beside it, of full rank or as a mixture of low-rank experts.
// Defaults are those of BARS on Frappe.

import { z } from "zod";
import { flatColumns } from "../engine/layers/columns.ts";
import { crossLayers, mixedCrossLayers } from "../engine/layers/cross.ts";
import { head, mlp } from "../engine/layers/mlp.ts";
import { batchNormOption, dropoutOption, hiddenOption, widthOption } from "../engine/layers/options.ts";
import { defineNetwork } from "../kinds/network.ts";

export default defineNetwork({
  name: "dcnv2",
  summary: "Cross layers, each a bounded degree of feature products, with an MLP.",
  options: z.strictObject({
    d: widthOption(10),
    structure: z
      .enum(["parallel", "stacked"])
      .default("parallel")
      .describe("whether the MLP reads the columns or the last cross layer"),
    crossLayers: z
      .number()
      .int()
      .min(1)
      .max(32)
      .default(4)
      .describe("cross layers; n of them make products of up to n + 1 columns"),
    rank: z.number().int().min(0).max(4096).default(0).describe("rank of each cross matrix; 0 is full rank"),
    experts: z.number().int().min(1).max(64).default(4).describe("low-rank cross matrices mixed in a layer"),
    hidden: hiddenOption([400, 400, 400], "widths of the MLP's layers"),
    dropout: dropoutOption(0.4),
    batchNorm: batchNormOption(true),
  }),
  // parallel: logit = w · [cross(x) ; MLP(x)] + b;   stacked: logit = w · MLP(cross(x)) + b;   x = [e_i ; numeric]
  build(c, { d, structure, crossLayers: count, rank, experts, hidden, ...layers }) {
    const x = flatColumns(c, d);
    const crossed = rank > 0 ? mixedCrossLayers(c, x, count, rank, experts) : crossLayers(c, x, count);
    if (structure === "stacked") return head(c, [mlp(c, crossed, hidden, "mlp", layers)]);
    return head(c, [crossed, mlp(c, x, hidden, "mlp", layers)]);
  },
});
