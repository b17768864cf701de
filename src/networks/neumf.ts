// NeuMF (arXiv 1708.05031): the product of a user's and an item's factors beside an MLP over two further embeddings of
// them. Trained from scratch, without the paper's pre-training. Defaults and starts are the authors' code's.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { flat } from "../engine/layers/columns.ts";
import { normal, xavierUniform } from "../engine/layers/init.ts";
import { head, mlp } from "../engine/layers/mlp.ts";
import { dropoutOption, hiddenOption, widthOption } from "../engine/layers/options.ts";
import { defineNetwork } from "../kinds/network.ts";

export default defineNetwork({
  name: "neumf",
  summary: "Elementwise product of a user's and an item's factors beside an MLP over both.",
  options: z.strictObject({
    d: widthOption(8, "factors of the product"),
    mlpD: widthOption(32, "dimensions of each side's embedding for the MLP"),
    hidden: hiddenOption([32, 16, 8], "widths of the MLP's layers"),
    dropout: dropoutOption(0),
  }),
  // logit = w · [p_u ⊙ q_i ; MLP([p'_u ; q'_i])] + b
  build(c, { d, mlpD, hidden, dropout }) {
    const { g, inputs } = c;
    const others = inputs.numeric + inputs.bags.length + inputs.dense.length;
    if (inputs.fields !== 2 || others > 0) {
      throw new UserError(
        `neumf: it reads two single-valued columns, the user and the item; got ${inputs.fields} and ${others} others. Leave out the rest, or use deepfm or dcnv2.`,
      );
    }
    const factors = c.embed(d, "factors", normal(0.01));
    const side = (at: number) => flat(c, g.slice(factors, 1, at, at + 1));
    const deep = flat(c, c.embed(mlpD, "embedding", normal(0.01)));
    return head(c, [g.mul(side(0), side(1)), mlp(c, deep, hidden, "mlp", { dropout, init: xavierUniform })]);
  },
});
