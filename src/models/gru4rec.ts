// GRU4Rec: gated recurrent units read the latest items in their order and predict the next one (Hidasi et al., ICLR 2016,
// arXiv 1511.06939; trained at every place of a sequence at once instead of by session-parallel batches).

import { z } from "zod";
import { constant, xavierNormalOf } from "../engine/layers/init.ts";
import { linear } from "../engine/layers/mlp.ts";
import { fitSequences } from "../engine/sequences/fit-sequences.ts";
import { sequenceOptions } from "../engine/sequences/options.ts";
import type { SequenceBody, SequenceContext } from "../engine/sequences/sequence-model.ts";
import { defineModel } from "../kinds/model.ts";

/** σ of it is 1 in float32. */
const OPEN = 64;

export default defineModel({
  name: "gru4rec",
  summary: "Gated recurrent units read a user's latest items, in their order, and predict the next one.",
  options: z.strictObject({
    ...sequenceOptions,
    hidden: z.number().int().min(1).max(4096).default(128).describe("numbers in a layer's state"),
    layers: z.number().int().min(1).max(8).default(1).describe("recurrent layers, one on the other"),
  }),
  guided: ["candidates"],
  fit(train, options, context) {
    const { hidden, layers, dropout } = options;
    const body: SequenceBody = (c) => {
      const { g, d } = c;
      const absent = g.unsqueeze(g.sub(g.scalar(1), c.mask), 2);
      let x = c.dropout(c.rows, dropout);
      for (let layer = 0; layer < layers; layer++) x = gru(c, x, absent, hidden, `gru.${layer}`);
      return hidden === d ? x : linear(c, x, d, "output");
    };
    return fitSequences(train, body, options, context);
  },
});

// z = σ(x Wz + 64 absent + h Rz + bz): where there is no row, z is 1 and h stays what it is, at the start 0.
/** [batch, length, in] → the states [batch, length, hidden] after each place. */
function gru(c: SequenceContext, x: string, absent: string, hidden: number, name: string): string {
  const { g, weight } = c;
  const width = g.dims(x)[2]!;
  const gates = 3 * hidden;
  const keep = new Float32Array(gates).fill(OPEN, 0, hidden);
  const w = weight(`${name}.w`, [1, gates, width], xavierNormalOf(width, hidden));
  const r = weight(`${name}.r`, [1, gates, hidden], xavierNormalOf(hidden, hidden));
  const b = weight(`${name}.b`, [1, 2 * gates], constant(0));
  const steps = g.transpose(g.concat([x, absent], 2), [1, 0, 2]);
  const kept = g.concat([w, g.float(`${name}.keep`, [1, gates, 1], keep)], 2);
  const [states] = g.nodes("GRU", [steps, kept, r, b], { hidden_size: hidden, linear_before_reset: 1 }, 1);
  return g.transpose(g.squeeze(states!, 1), [1, 0, 2]);
}
