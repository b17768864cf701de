// Where a student ranks the items of a list in the whole catalogue, by what it says of them and of a sample of the rest.

/**
 * Of the leading `listed` scores, ranks from 0: how many of the list are above, and of the others of the catalogue as many
 * as the sample, the scores that follow, has above in proportion.
 */
export function studentRanks(scores: Float32Array, listed: number, catalogue: number): Int32Array {
  const [inside, outside] = [scores.slice(0, listed).sort(), scores.slice(listed).sort()];
  return Int32Array.from({ length: listed }, (_, r) => {
    const elsewhere = outside.length > 0 ? above(outside, scores[r]!) / outside.length : 0;
    return above(inside, scores[r]!) + Math.floor(elsewhere * (catalogue - listed));
  });
}

/** How many of the rising `scores` are higher. */
function above(scores: Float32Array, score: number): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! > score) high = middle;
    else low = middle + 1;
  }
  return scores.length - low;
}
