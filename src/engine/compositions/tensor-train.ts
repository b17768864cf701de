// Tensor train (TT-Rec: Yin et al., MLSys 2021, arXiv 2101.11714): the table as a product of three small cores, indexed by
// the digits of the id.
//
//     row(i) = G1[i1] · G2[i2] · G3[i3],   i = (i1 · n2 + i2) · n3 + i3;   Gk[ik] is r(k-1) × dk·rk

import type { Init } from "../../kinds/network.ts";
import { normal } from "../layers/init.ts";
import type { Composition } from "./composition.ts";

export const tensorTrain: Composition = {
  name: "tensor-train",
  rows({ g, table }, { name, rows, d, init }, ids, ratio) {
    const third = Math.ceil(Math.cbrt(rows));
    const sizes = [Math.ceil(rows / (third * third)), third, third] as const;
    const [a, b, c] = widthsOf(d);
    const rank = rankFor(sizes, [a, b, c], (rows * d) / ratio);
    // A row is a sum of rank² products of three numbers, each of deviation s: init's, where rank² s⁶ is its square.
    const like: Init = (rng, dims) => normal(Math.cbrt(deviation(init(rng.fork("like"), [64, d])) / rank))(rng, dims);
    const core = (k: 0 | 1 | 2, width: number, digit: string) =>
      g.gather(table(`${name}.core${k + 1}`, sizes[k], width, like), digit, 0);
    const [n2, n3] = [g.ints(sizes[1]), g.ints(sizes[2])];
    const above = g.div(ids, n3);
    const first = g.reshape(core(0, a * rank, g.div(above, n2)), [-1, a, rank]);
    const second = g.reshape(core(1, rank * b * rank, g.node("Mod", [above, n2])), [-1, rank, b * rank]);
    const last = g.reshape(core(2, rank * c, g.node("Mod", [ids, n3])), [-1, rank, c]);
    const both = g.reshape(g.matmul(first, second), [-1, a * b, rank]);
    return g.reshape(g.matmul(both, last), [-1, g.dims(ids)[1]!, d]);
  },
};

/** Three factors of d, as equal as they can be. */
export function widthsOf(d: number): [number, number, number] {
  let best: [number, number, number] = [1, 1, d];
  for (let a = 1; a * a * a <= d; a++) {
    if (d % a !== 0) continue;
    for (let b = a; a * b * b <= d; b++) if ((d / a) % b === 0) best = [a, b, d / (a * b)];
  }
  return best;
}

/** A row of the middle core holds rank² · d2 numbers: beyond this a batch's lookups are what takes the memory. */
const mostRank = 32;

/** The largest rank whose cores hold at most `budget` numbers, from 1 to mostRank. */
function rankFor(
  [n1, n2, n3]: readonly [number, number, number],
  [a, b, c]: readonly [number, number, number],
  budget: number,
): number {
  let rank = 1;
  const numbers = (r: number) => n1 * a * r + n2 * b * r * r + n3 * c * r;
  while (rank < mostRank && numbers(rank + 1) <= budget) rank++;
  return rank;
}

const deviation = (drawn: Float32Array): number => Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0) / drawn.length);
