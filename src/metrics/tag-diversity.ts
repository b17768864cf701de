// Tag diversity@k: how far the items of one list are from each other by their tags.

import { defineMetric } from "../kinds/metric.ts";

export default defineMetric({
  name: "tag-diversity",
  summary: "1 - mean Jaccard similarity between the tags of a list's items; an item without tags counts nowhere.",
  better: "high",
  judges: "lists",
  needs: "tags",
  // mean over pairs of 1 - |T_i ∩ T_j| / |T_i ∪ T_j|
  perUser({ items }, { tags }) {
    if (!tags) return Number.NaN;
    const { start, code } = tags;
    const size = (item: number) => start[item + 1]! - start[item]!;
    const shown = items.filter((item) => item >= 0 && size(item) > 0);
    let apart = 0;
    for (let i = 1; i < shown.length; i++) {
      for (let j = 0; j < i; j++) {
        const both = common(code, start[shown[i]!]!, start[shown[i]! + 1]!, start[shown[j]!]!, start[shown[j]! + 1]!);
        apart += 1 - both / (size(shown[i]!) + size(shown[j]!) - both);
      }
    }
    return (2 * apart) / (shown.length * (shown.length - 1));
  },
});

/** How many codes two ascending ranges share. */
function common(code: Int32Array, a: number, aEnd: number, b: number, bEnd: number): number {
  let both = 0;
  while (a < aEnd && b < bEnd) {
    const [x, y] = [code[a]!, code[b]!];
    if (x === y) both++;
    if (x <= y) a++;
    if (y <= x) b++;
  }
  return both;
}
