// SASRec: self-attention over the latest items predicts the next one (Kang and McAuley, ICDM 2018, arXiv 1808.09781).

import { z } from "zod";
import { causalBias, layerNorm, transformerBlock } from "../engine/layers/attention.ts";
import { normal } from "../engine/layers/init.ts";
import { fitSequences } from "../engine/sequences/fit-sequences.ts";
import { sequenceOptions } from "../engine/sequences/options.ts";
import type { SequenceBody } from "../engine/sequences/sequence-model.ts";
import { defineModel } from "../kinds/model.ts";

export default defineModel({
  name: "sasrec",
  summary: "Self-attention over a user's latest items, in their order, predicts the next one.",
  options: z
    .strictObject({
      ...sequenceOptions,
      blocks: z.number().int().min(1).max(16).default(2).describe("Transformer blocks"),
      heads: z.number().int().min(1).max(16).default(1).describe("attention heads; d must be a multiple"),
    })
    .refine(({ d, heads }) => d % heads === 0, { path: ["heads"], error: "must divide d" }),
  guided: ["candidates"],
  fit(train, options, context) {
    const { blocks, heads, dropout } = options;
    const body: SequenceBody = (c) => {
      const { g, rows, d, length, places, weight } = c;
      // Places are counted from the latest one, so that a short sequence meets the same ones whatever its padding.
      const all = weight("positions", [length, d], normal(0.02));
      const positions = g.node("Slice", [all, g.neg(places), g.ints(length), g.ints(0)]);
      const bias = causalBias(c);
      let x = c.dropout(g.add(g.mul(rows, g.scalar(Math.sqrt(d))), positions), dropout);
      for (let block = 0; block < blocks; block++) {
        x = transformerBlock(c, x, bias, { heads, dropout, name: `block.${block}` });
      }
      return layerNorm(c, x, "norm");
    };
    return fitSequences(train, body, options, context);
  },
});
