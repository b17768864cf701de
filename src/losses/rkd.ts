// Relational knowledge distillation (Park et al., CVPR 2019, arXiv 1904.05068): the student keeps how far entities of a
// batch lie from each other, and the angles that pairs of them open at a third, users and items together. The authors
// take all pairs and triples of a batch of pictures; a batch here has thousands of entities and 10^10 triples, so each
// entity meets a few partners, spread evenly over the batch.

import { z } from "zod";
import type { Ops } from "../graph/ops.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "rkd",
  summary: "Huber loss of distances between entities of a batch, in their mean, and of angles at them.",
  options: z.strictObject({
    distance: z.number().min(0).max(1e3).default(1).describe("weight of distances"),
    angle: z.number().min(0).max(1e3).default(2).describe("weight of angles"),
    partners: z.number().int().min(2).max(64).default(8).describe("other entities that each is compared with"),
  }),
  // d_ij = ‖e_i - e_j‖ / mean of all pairs';  a_ijk = cos of the angle at i between j and k
  // L = Σ_i mean over partners j of [distance · h(d_ij^t - d_ij^s) + angle · h(a_ijk^t - a_ijk^s)],  k the partner after j
  // h(x) = x² / 2 up to |x| = 1, |x| - ½ beyond
  build({ g }, { user, item }, { distance, angle, partners }) {
    const both = (of: "teacher" | "student" | "weight") => g.concat([user[of], item[of]], 0);
    const weight = both("weight");
    const n = g.dims(weight)[0]!;
    const count = Math.min(partners, n - 1);
    if (count < 1) return g.scalar(0);
    const step = Math.floor(n / (count + 1));
    const shifts = Array.from({ length: count }, (_, p) => (p + 1) * step);
    const paired = shifts.map((by) => g.mul(weight, rolled(g, weight, by)));
    const [theirs, own] = ([both("teacher"), both("student")] as const).map((rows) =>
      relations(g, rows, shifts, paired),
    );
    const gap = (of: "distances" | "angles", p: number) => huber(g, g.sub(theirs![of][p]!, own![of][p]!));
    const terms = shifts.flatMap((_, p) => {
      const next = (p + 1) % count;
      const far = g.mul(g.mul(gap("distances", p), paired[p]!), g.scalar(distance / count));
      const open = g.mul(g.mul(gap("angles", p), g.mul(paired[p]!, paired[next]!)), g.scalar(angle / count));
      return [far, open];
    });
    return g.sum(
      terms.reduce((sum, term) => g.add(sum, term)),
      [],
    );
  },
});

/** [n, …], row i + by at place i, the first after the last. */
function rolled(g: Ops, rows: string, by: number): string {
  return g.concat([g.slice(rows, 0, by, g.dims(rows)[0]!), g.slice(rows, 0, 0, by)], 0);
}

/** Of every row to those `shifts` further on: distances in their mean over pairs that count, cosines of angles between neighbouring shifts; [n] each. */
function relations(g: Ops, rows: string, shifts: readonly number[], paired: readonly string[]) {
  const ways = shifts.map((by) => g.sub(rolled(g, rows, by), rows));
  const lengths = ways.map((way) => g.norm(way, [1], true));
  const add = (values: readonly string[]) => values.reduce((sum, value) => g.add(sum, value));
  const all = g.sum(add(lengths.map((length, p) => g.mul(g.squeeze(length, 1), paired[p]!))), []);
  const mean = g.max(g.div(all, g.max(g.sum(add(paired), []), g.scalar(1))), g.scalar(1e-8));
  const units = ways.map((way, p) => g.div(way, g.max(lengths[p]!, g.scalar(1e-8))));
  return {
    distances: lengths.map((length) => g.div(g.squeeze(length, 1), mean)),
    angles: units.map((unit, p) => g.sum(g.mul(unit, units[(p + 1) % units.length]!), [1])),
  };
}

function huber(g: Ops, x: string): string {
  const size = g.abs(x);
  const inner = g.min(size, g.scalar(1));
  return g.mul(inner, g.sub(size, g.mul(inner, g.scalar(0.5))));
}
