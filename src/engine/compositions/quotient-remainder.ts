// Quotient and remainder (Shi et al., KDD 2020, arXiv 1909.02107): every id has a row of its own, made of two that it
// shares.
//
//     row(i) = R[i mod m] · Q[⌊i / m⌋], elementwise;   Q starts about 1, so that rows start as the init has them

import type { Init } from "../../kinds/network.ts";
import { type Composition, rowsFor } from "./composition.ts";

const aboutOne: Init = (rng, dims) => {
  const values = new Float32Array(dims.reduce((n, d) => n * d, 1));
  return values.map(() => 1 + 0.1 * rng.normal());
};

export const quotientRemainder: Composition = {
  name: "quotient-remainder",
  rows({ g, table }, whole, ids, ratio) {
    const m = Math.max(remaindersFor(whole.rows, rowsFor(whole, ratio)), 1);
    const [remainder, quotient] = [g.node("Mod", [ids, g.ints(m)]), g.div(ids, g.ints(m))];
    const own = g.gather(table(`${whole.name}.remainder`, m, whole.d, whole.init), remainder, 0);
    const shared = table(`${whole.name}.quotient`, Math.ceil(whole.rows / m), whole.d, aboutOne);
    return g.mul(own, g.gather(shared, quotient, 0));
  },
};

/** The most remainders m for which m + ⌈rows / m⌉ rows are at most `budget`; √rows where no m is. */
function remaindersFor(rows: number, budget: number): number {
  const least = Math.ceil(Math.sqrt(rows));
  let m = Math.max(least, budget);
  while (m > least && m + Math.ceil(rows / m) > budget) m--;
  return m;
}
