// A rising map of straight pieces on the logit. Where it bends follows from isotonic regression (pool adjacent
// violators; Ayer et al. 1955, Zadrozny & Elkan 2002), how high it is there from likelihood (heights.ts):
//
//   1. pool adjacent violators over rows sorted by logit: blocks of rising click rate
//   2. merge neighbours, those first that cost the least likelihood, while there are more than 16, or while a merge costs
//      less than ½ ln n (a knot must earn its place: BIC, Schwarz 1978)
//   3. a knot at the mean logit of each block, all heights at once; the rates of blocks alone would be too far apart,
//      since pooling chooses where to cut by the same labels
//   4. while there are more than two, a knot next to a slope that is not in [1/20, 20] goes, and heights are found again:
//      the map rises everywhere, and float32 can still tell its values apart

import { UserError } from "../../base/errors.ts";
import { heights } from "./heights.ts";
import type { Bent } from "./logit-map.ts";
import { type Block, joined, pooled } from "./pool.ts";
import { refuseOneClass } from "./refuse-one-class.ts";

/** Fifteen segments; with one to fill up, sixteen floats are one cache line. */
const mostKnots = 16;
const steepest = 20;

/** One label or an order upside down, which no rising map mends, is a UserError. */
export function piecewiseLinear(label: Float32Array, logits: Float32Array): Bent {
  refuseOneClass(label);
  const order = Uint32Array.from(logits, (_, r) => r).sort((a, b) => logits[a]! - logits[b]! || a - b);
  const z = Float64Array.from(order, (r) => logits[r]!);
  const y = Float64Array.from(order, (r) => label[r]!);
  const blocks = merged(pooled(z, y), z.length);
  if (blocks.length < 2) throw upsideDown();
  let from = blocks.map(
    ({ from: start, end }) => z.subarray(start, end).reduce((sum, x) => sum + x, 0) / (end - start),
  );
  for (;;) {
    const to = heights(z, y, from);
    const slopes = to.slice(1).map((height, k) => (height - to[k]!) / (from[k + 1]! - from[k]!));
    if (from.length === 2 && !(slopes[0]! > 0)) throw upsideDown();
    const odd = slopes.findIndex((slope) => !(slope >= 1 / steepest && slope <= steepest));
    if (odd < 0 || from.length === 2) return { method: "piecewise-linear", from, to };
    const gone = odd === slopes.length - 1 ? odd : odd + 1;
    from = from.filter((_, k) => k !== gone);
  }
}

const upsideDown = () =>
  new UserError(
    "scores do not rise with clicks, so that no calibration which keeps their order can mend them; train the model again.",
  );

/** Fewer blocks: cheapest merges first. */
function merged(given: readonly Block[], rows: number): Block[] {
  const blocks = [...given];
  const cost = (b: number) =>
    likelihood(blocks[b]!) + likelihood(blocks[b + 1]!) - likelihood(joined(blocks[b]!, blocks[b + 1]!));
  const costs = blocks.slice(1).map((_, b) => cost(b));
  const worth = Math.log(rows) / 2;
  while (blocks.length > 2) {
    const cheapest = costs.reduce((best, c, b) => (c < costs[best]! ? b : best), 0);
    if (blocks.length <= mostKnots && costs[cheapest]! >= worth) break;
    blocks.splice(cheapest, 2, joined(blocks[cheapest]!, blocks[cheapest + 1]!));
    costs.splice(cheapest, 1);
    if (cheapest > 0) costs[cheapest - 1] = cost(cheapest - 1);
    if (cheapest < costs.length) costs[cheapest] = cost(cheapest);
  }
  return blocks;
}

/** ln of the likelihood of a block's clicks at its own rate. */
function likelihood(block: Block): number {
  const { from, end, clicks } = block;
  const others = end - from - clicks;
  const of = (count: number) => (count > 0 ? count * Math.log(count / (end - from)) : 0);
  return of(clicks) + of(others);
}
