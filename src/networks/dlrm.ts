// DLRM (arXiv 1906.00091): an MLP turns the numeric columns into one more vector, the vectors meet pairwise, an MLP reads
// the outcome. Defaults are those of BARS on Frappe, but for the interaction, which is the paper's.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { flat } from "../engine/layers/columns.ts";
import { nearZero } from "../engine/layers/init.ts";
import { head, linear, mlp } from "../engine/layers/mlp.ts";
import { batchNormOption, dropoutOption, hiddenOption, widthOption } from "../engine/layers/options.ts";
import { defineNetwork, type NetworkContext } from "../kinds/network.ts";

export default defineNetwork({
  name: "dlrm",
  summary: "Dot products of all pairs of embeddings and of an MLP over the numbers, read by an MLP.",
  options: z.strictObject({
    d: widthOption(10),
    bottom: hiddenOption([64, 64, 64], "hidden widths of the MLP over numeric columns; its last layer has d"),
    hidden: hiddenOption([400, 400, 400], "widths of the MLP that reads the pairs"),
    interaction: z
      .enum(["dot", "concat"])
      .default("dot")
      .describe("what the upper MLP reads: dot products and the numbers' vector, or the vectors themselves"),
    dropout: dropoutOption(0.4),
    batchNorm: batchNormOption(true),
  }),
  // z_0 = relu(W MLP(numeric) + b), z_i = e_i;   logit = w · MLP([z_0 ; <z_i, z_j> for i < j]) + b
  build(c, { d, bottom, hidden, interaction, dropout, batchNorm }) {
    const { g, numeric } = c;
    const numbers =
      numeric === undefined
        ? []
        : [g.relu(linear(c, mlp(c, numeric, bottom, "bottom", { batchNorm }), d, "bottom.last"))];
    const vectors = numbers.map((x) => g.unsqueeze(x, 1));
    if (c.columns > 0) vectors.push(c.embed(d, "embedding", nearZero));
    const all = g.concat(vectors, 1);
    const count = g.dims(all)[1]!;
    if (interaction === "dot" && numbers.length === 0 && count === 1) {
      throw new UserError("dlrm: one column has nothing to be multiplied with; use interaction: concat, or lr.");
    }
    const read = interaction === "concat" ? [flat(c, all)] : [...numbers, ...(count > 1 ? [pairs(c, all)] : [])];
    return head(c, [mlp(c, g.concat(read, 1), hidden, "mlp", { dropout, batchNorm })]);
  },
});

/**
 * The dot products of all pairs i < j: [batch, n (n - 1) / 2] for [batch, n, d]. Row i of the products is cut in what is
 * left of the diagonal or on it, and the rest: ONNX Runtime copies whole parts where Gather would copy number by number
 * (4096 rows of 27 vectors, forward and backward on one thread: 8 ms for 27).
 */
function pairs({ g }: NetworkContext, vectors: string): string {
  const n = g.dims(vectors)[1]!;
  const products = g.reshape(g.matmul(vectors, g.transpose(vectors, [0, 2, 1])), [0, n * n]);
  const sizes = Array.from({ length: n }, (_, i) => [i + 1, n - 1 - i]).flat();
  const parts = g.split(products, 1, sizes.slice(0, -1));
  return g.concat(
    parts.filter((_, at) => at % 2 === 1),
    1,
  );
}
