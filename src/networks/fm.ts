// Factorization machine (Rendle, ICDM 2010) of degree 2 over all columns.

import { z } from "zod";
import { columnVectors, linearTerm, pairwiseSum } from "../engine/layers/columns.ts";
import { constant } from "../engine/layers/init.ts";
import { widthOption } from "../engine/layers/options.ts";
import { defineNetwork } from "../kinds/network.ts";

export default defineNetwork({
  name: "fm",
  summary: "Factorization machine: logistic regression and the dot products of all pairs of columns.",
  options: z.strictObject({ d: widthOption(10) }),
  // logit = b + Σ w_i x_i + Σ_{i<j} <v_i, v_j> x_i x_j
  build(c, { d }) {
    const linear = c.g.add(linearTerm(c), c.weight("bias", [1], constant(0)));
    return c.g.add(linear, pairwiseSum(c, columnVectors(c, d)));
  },
});
