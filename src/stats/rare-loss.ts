// How large the share of units with an event can be when few or none of a sample had it: where that is so, neither the
// spread of a sample nor its bootstrap knows what it has not seen. With none of n it is the rule of three, 3 / n.

/** The bound of the share, at confidence 1 - alpha, from `events` among n units: Poisson's, exact, above the binomial's. */
export function rareShare(events: number, n: number, alpha: number): number {
  // P(N ≤ events) falls as the mean grows; find the mean where it is alpha.
  const tail = (mean: number) => {
    let [term, sum] = [Math.exp(-mean), 0];
    for (let k = 0; k <= events; k++) {
      sum += term;
      term *= mean / (k + 1);
    }
    return sum;
  };
  let [low, high] = [events, 1];
  while (tail(high) > alpha) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (tail(middle) > alpha) low = middle;
    else high = middle;
  }
  return Math.min(1, high / n);
}
