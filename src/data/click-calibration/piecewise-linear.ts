// A rising map of straight pieces on the logit. Where it bends follows from isotonic regression (pool adjacent
// violators; Ayer et al. 1955, Zadrozny & Elkan 2002), what it gives there from each block's own rows:
//
//   1. pool adjacent violators over rows sorted by logit: blocks of rising click rate
//   2. merge neighbours, those first that cost the least likelihood, while there are more than 16, or while a merge costs
//      less than ½ ln n (a knot must earn its place: BIC, Schwarz 1978)
//   3. a block's knot lies at its mean logit z̄ and is shifted to z̄ + δ, where δ maximises the likelihood of its rows
//      with logits z + δ, less δ²/2: blocks of few rows stay where the model has them
//   4. slopes are kept in [1/20, 20], so that the map rises everywhere

import { UserError } from "../../base/errors.ts";
import type { Bent } from "./logit-map.ts";
import { type Block, joined, pooled } from "./pool.ts";
import { refuseOneClass } from "./soft.ts";

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
  if (blocks.length < 2)
    throw new UserError(
      "scores do not rise with clicks, so that no calibration which keeps their order can mend them; train the model again.",
    );
  const from: number[] = [];
  const to: number[] = [];
  for (const block of blocks) {
    const own = z.subarray(block.from, block.end);
    const at = own.reduce((sum, x) => sum + x, 0) / own.length;
    const before = from.length - 1;
    const wanted = at + shiftOf(own, block.clicks);
    const width = at - (from[before] ?? at);
    const floor = (to[before] ?? wanted) + width / steepest;
    const ceiling = (to[before] ?? wanted) + width * steepest;
    from.push(at);
    to.push(Math.min(ceiling, Math.max(floor, wanted)));
  }
  return { method: "piecewise-linear", from, to };
}

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

/** δ: Σ σ(z + δ) + δ = clicks, by Newton's method with halving; the left side rises. */
function shiftOf(z: Float64Array, clicks: number): number {
  let [low, high, shift] = [-clicksBound(z.length), clicksBound(z.length), 0];
  for (let step = 0; step < 100 && high - low > 1e-12; step++) {
    let [excess, slope] = [shift - clicks, 1];
    for (const x of z) {
      const p = 1 / (1 + Math.exp(-(x + shift)));
      excess += p;
      slope += p * (1 - p);
    }
    if (excess > 0) high = shift;
    else low = shift;
    const next = shift - excess / slope;
    if (Math.abs(next - shift) < 1e-12) break;
    shift = next > low && next < high ? next : (low + high) / 2;
  }
  return shift;
}

/** |δ| is never larger: Σ (y - σ) is at most the number of rows. */
const clicksBound = (rows: number): number => rows + 1;
