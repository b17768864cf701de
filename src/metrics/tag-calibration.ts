// Tag calibration@k: whether a list has the user's mixture of tags, such as genres (Steck, RecSys 2018).

import type { Tags } from "../kinds/catalogue.ts";
import { defineMetric } from "../kinds/metric.ts";

/** α: so much of the history's mixture is in the list's, that a tag the list lacks costs something finite. */
const smoothing = 0.01;

export default defineMetric({
  name: "tag-calibration",
  summary: "Kullback-Leibler divergence of a list's tags from those of the user's history; 0 is the same mixture.",
  better: "low",
  judges: "lists",
  needs: "tags",
  // Σ_g p(g) ln(p(g) / ((1 - α) q(g) + α p(g))); an item spreads its weight evenly over its tags
  perUser({ items, history }, { tags }) {
    if (!tags) return Number.NaN;
    const wanted = mixture(history, tags);
    if (!wanted) return Number.NaN;
    const got = mixture(items, tags);
    let divergence = 0;
    for (let g = 0; g < tags.count; g++) {
      const p = wanted[g]!;
      if (p > 0) divergence += p * Math.log(p / ((1 - smoothing) * (got?.[g] ?? 0) + smoothing * p));
    }
    return Math.max(0, divergence);
  },
});

/** The share of each tag; undefined where no item has any. */
function mixture(items: Int32Array, { count, start, code }: Tags): Float64Array | undefined {
  const share = new Float64Array(count);
  let tagged = 0;
  for (const item of items) {
    if (item < 0) continue;
    const n = start[item + 1]! - start[item]!;
    if (n > 0) tagged++;
    for (let at = start[item]!; at < start[item + 1]!; at++) share[code[at]!]! += 1 / n;
  }
  return tagged > 0 ? share.map((sum) => sum / tagged) : undefined;
}
