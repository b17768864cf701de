// Projections of a student's vectors into the teacher's space that specialise: each entity goes through the expert that
// a selector picks from its teacher's vector (DE, Kang et al. CIKM 2020, arXiv 2012.04357; HTD groups entities by the
// same selector, KDD 2021, arXiv 2106.08700).
//
//     p = softmax((log softmax(V e_t) + gumbel) / τ),  τ falling from 1 to 1e-10 over the training
//     E_m: d_s → (d_s + d_t) / 2 → relu → d_t;   L = Σ_e ‖e_t - E_m(e_s)‖², m = argmax p
//
// The authors mix all experts by p, which is one-hot but for the first epochs; here one expert works from the start and
// the selector learns by its gate p_m / stop(p_m), as in a mixture with one expert a token (Switch, arXiv 2101.03961):
// a thirtieth of the work. Entities are sorted by expert into blocks, so that each expert is a product over its own.

import type { EmbeddedSide, EmbeddingContext } from "../../kinds/embedding-loss.ts";
import { linearUniform } from "../layers/init.ts";
import { linear } from "../layers/mlp.ts";

const lastTemperature = 1e-10;
/** Entities of one product. */
const block = 64;

/** Entities sorted by expert into slots, `block` a block; an expert has as many blocks as it needs. */
export interface Sorted {
  readonly blocks: number;
  /** [blocks, count]: 1 for the expert that a block belongs to. */
  readonly owner: string;
  /** [blocks, block, width] of [n, width]; slots that no entity fills hold zeros. */
  slots(rows: string): string;
}

export interface Selection extends Sorted {
  /** [n, count]: 1 for the expert that is picked; no gradient goes through it. */
  readonly member: string;
  /** [n]: 1, with the gradient of p_m / stop(p_m). */
  readonly gate: string;
}

/** Hard choices among `count`, which sharpen as training goes on. */
export function select(c: EmbeddingContext, side: "user" | "item", teacher: string, count: number): Selection {
  const { g } = c;
  const logits = linear(c, teacher, count, `${side}.selector`, linearUniform(g.dims(teacher)[1]!));
  const temperature = g.exp(g.mul(c.progress, g.scalar(Math.log(lastTemperature))));
  const noisy = g.div(g.add(g.logSoftmax(logits), c.gumbel(side, count)), temperature);
  const member = g.oneHot(g.argmax(noisy, 1), count);
  const chosen = g.sum(g.mul(g.softmax(noisy), member), [1]);
  // Floor has no gradient: the same number to 24 bits, held still.
  const held = g.div(g.floor(g.mul(chosen, g.scalar(2 ** 24))), g.scalar(2 ** 24));
  return { member, gate: g.div(chosen, held), ...sort(c, side, member) };
}

/** Σ_e weight_e ‖teacher_e - gate_e E_m(student_e)‖². */
export function rebuilt(c: EmbeddingContext, name: string, side: EmbeddedSide, chosen: Selection): string {
  const { g } = c;
  const [from, to] = [g.dims(side.student)[1]!, g.dims(side.teacher)[1]!];
  const hidden = Math.floor((from + to) / 2);
  const { slots, blocks, owner } = chosen;
  const count = g.dims(owner)[1]!;
  // A product with the owners and no Gather: its gradient is a product, too, and adds up by expert.
  const owned = (layer: string, dims: readonly [number, number]) => {
    const weight = c.weight(
      `${name}.${layer}`,
      [count, ...dims],
      linearUniform(layer.startsWith("in") ? from : hidden),
    );
    return g.reshape(g.matmul(owner, g.reshape(weight, [count, dims[0] * dims[1]])), [blocks, ...dims]);
  };
  const layer = (x: string, part: string, width: number, out: number) =>
    g.add(g.matmul(x, owned(part, [width, out])), owned(`${part}.shift`, [1, out]));
  const inner = g.relu(layer(slots(side.student), "in", from, hidden));
  const out = layer(inner, "out", hidden, to);
  const gap = g.sub(slots(side.teacher), g.mul(out, slots(g.unsqueeze(chosen.gate, 1))));
  return g.sum(g.mul(g.sum(g.square(gap), [2], true), slots(g.unsqueeze(side.weight, 1))), []);
}

function sort({ g }: EmbeddingContext, side: string, member: string): Sorted {
  const [n, count] = g.dims(member) as [number, number];
  const blocks = Math.ceil(n / block) + count;
  const needed = g.node("Ceil", [g.div(g.sum(member, [0]), g.scalar(block))]);
  const first = g.cumsum(needed, 0, { exclusive: true });
  const before = g.sum(g.mul(g.cumsum(member, 0, { exclusive: true }), member), [1]);
  const start = g.matmul(member, g.unsqueeze(g.mul(first, g.scalar(block)), 1));
  const slot = g.cast(g.add(g.squeeze(start, 1), before), "int64");
  const whole = (name: string, length: number, value: (at: number) => number) =>
    g.constant(`${side}.${name}`, {
      ...{ dtype: "int64", dims: [length] },
      data: BigInt64Array.from({ length }, (_, at) => BigInt(value(at))),
    });
  const none = whole("none", blocks * block, () => n);
  const entities = whole("entities", n, (at) => at);
  const rowOf = g.scatterElements(none, slot, entities, 0);
  const numbers = g.float(
    `${side}.blocks`,
    [blocks, 1],
    Float32Array.from({ length: blocks }, (_, b) => b),
  );
  const begun = g.cast(g.not(g.greater(g.unsqueeze(first, 0), numbers)), "float32");
  const owner = g.oneHot(g.cast(g.sub(g.sum(begun, [1]), g.scalar(1)), "int64"), count);
  return {
    ...{ blocks, owner },
    slots(rows) {
      const width = g.dims(rows)[1]!;
      const padded = g.concat([rows, g.full([1, width], 0)], 0);
      return g.reshape(g.gather(padded, rowOf, 0), [blocks, block, width]);
    },
  };
}

/** Σ_n weight_n ‖teacher_n - projected_n‖². */
export const distance = (c: EmbeddingContext, { teacher, weight }: EmbeddedSide, projected: string): string =>
  c.g.sum(c.g.mul(c.g.sum(c.g.square(c.g.sub(teacher, projected)), [1]), weight), []);
