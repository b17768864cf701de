// FinalMLP (arXiv 2304.00902): two MLPs over the same embeddings, each seen through a gate of its own, joined by a
// bilinear form. Defaults are those of BARS on Frappe, whose contexts are the columns user and item.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { columnVectors, flat, vectorCount } from "../engine/layers/columns.ts";
import { constant, nearZero, xavierNormalOf } from "../engine/layers/init.ts";
import { head, linear, mlp } from "../engine/layers/mlp.ts";
import { batchNormOption, dropoutOption, hiddenOption, widthOption } from "../engine/layers/options.ts";
import { defineNetwork, type NetworkContext } from "../kinds/network.ts";

const contextOption = (stream: string) =>
  z
    .array(z.string())
    .max(64)
    .default([])
    .describe(`columns that set the ${stream} gate; without any it is one for all rows`);

export default defineNetwork({
  name: "finalmlp",
  summary: "Two gated MLPs over the same embeddings, joined by a bilinear form.",
  options: z.strictObject({
    d: widthOption(10),
    hidden1: hiddenOption([400], "widths of the first MLP's layers"),
    hidden2: hiddenOption([100], "widths of the second MLP's layers"),
    gates: z.boolean().default(true).describe("weigh the embeddings for each MLP"),
    gateHidden: hiddenOption([400], "widths of each gate's hidden layers"),
    context1: contextOption("first"),
    context2: contextOption("second"),
    heads: z
      .number()
      .int()
      .min(1)
      .max(256)
      .default(5)
      .describe("blocks of the bilinear form; divides both last widths"),
    dropout: dropoutOption(0.4),
    batchNorm: batchNormOption(true),
  }),
  // o_s = MLP_s(x ⊙ 2σ(gate_s(context_s)));   logit = b + w_1 · o_1 + w_2 · o_2 + Σ_heads o_1ᵀ W o_2
  build(c, { d, hidden1, hidden2, gates, gateHidden, context1, context2, heads, ...layers }) {
    const [last1, last2] = [hidden1.at(-1)!, hidden2.at(-1)!];
    if (last1 % heads !== 0 || last2 % heads !== 0) {
      throw new UserError(
        `finalmlp: heads must divide the last widths of hidden1 and hidden2, ${last1} and ${last2}; got ${heads}.`,
      );
    }
    const x = flat(c, columnVectors(c, d));
    const stream = (name: string, hidden: readonly number[], context: readonly string[]) => {
      const seen = gates ? c.g.mul(x, gate(c, `${name}.gate`, d, gateHidden, context)) : x;
      return mlp(c, seen, hidden, name, layers);
    };
    const [one, two] = [stream("mlp1", hidden1, context1), stream("mlp2", hidden2, context2)];
    return c.g.add(head(c, [one, two]), bilinear(c, one, two, heads));
  },
});

/** 2σ(MLP(context)), of [batch, width of x], or [1, width of x] where nothing of the row sets it. */
function gate(c: NetworkContext, name: string, d: number, hidden: readonly number[], context: readonly string[]) {
  const { g } = c;
  const columns = context.map((column) => flat(c, c.embedColumn(column, d, `${name}.${column}`, nearZero)));
  const read = columns.length > 0 ? g.concat(columns, 1) : c.weight(`${name}.context`, [1, d], constant(0));
  const open = linear(c, mlp(c, read, hidden, name), vectorCount(c) * d, `${name}.last`);
  return g.mul(g.sigmoid(open), g.scalar(2));
}

/** Σ_h x_hᵀ W_h y_h over equal blocks of x and y: [batch]. */
function bilinear({ g, weight }: NetworkContext, x: string, y: string, heads: number): string {
  const blocks = (v: string) => g.transpose(g.reshape(v, [0, heads, g.dims(v)[1]! / heads]), [1, 0, 2]);
  const [xs, ys] = [blocks(x), blocks(y)];
  const [m, n] = [g.dims(xs)[2]!, g.dims(ys)[2]!];
  const w = weight("bilinear", [heads, m, n], xavierNormalOf(heads * m * n, 1));
  return g.sum(g.mul(g.matmul(xs, w), ys), [0, 2]);
}
