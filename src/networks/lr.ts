// Logistic regression over all columns: the floor that every other network must beat.

import { z } from "zod";
import { linearTerm } from "../engine/layers/columns.ts";
import { constant } from "../engine/layers/init.ts";
import { defineNetwork } from "../kinds/network.ts";

export default defineNetwork({
  name: "lr",
  summary: "Logistic regression: one weight an id, a number and a vector's entry.",
  options: z.strictObject({}),
  // logit = Σ w[id] + numeric · w + b
  build: (c) => c.g.add(linearTerm(c), c.weight("bias", [1], constant(0))),
});
