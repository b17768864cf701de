// The best way to cut sorted numbers into runs: optimal one-dimensional k-means by dynamic programming
// (Wang & Song, The R Journal 2011), divide and conquer over the monotone cuts: O(k · b · log b) for b places to cut.

/**
 * Cuts [0, edges.length - 1) into `runs` non-empty runs with the least Σ squared deviations; sums and squares are prefix
 * sums by element, and run i of places lies between elements edges[a] and edges[b]. Returns runs + 1 places, from 0.
 */
export function optimalCuts(sums: Float64Array, squares: Float64Array, edges: Int32Array, runs: number): Int32Array {
  const places = edges.length - 1;
  const [s, q] = [Float64Array.from(edges, (e) => sums[e]!), Float64Array.from(edges, (e) => squares[e]!)];
  const cost = (a: number, b: number) => {
    const sum = s[b]! - s[a]!;
    return q[b]! - q[a]! - (sum * sum) / (edges[b]! - edges[a]!);
  };
  let best = Float64Array.from(edges, (_, b) => (b === 0 ? 0 : cost(0, b)));
  const cutOf: Int32Array[] = [new Int32Array(places + 1)];
  for (let run = 1; run < runs; run++) {
    const next = new Float64Array(places + 1).fill(Number.POSITIVE_INFINITY);
    const cuts = new Int32Array(places + 1);
    const solve = (low: number, high: number, from: number, to: number): void => {
      if (low > high) return;
      const b = (low + high) >> 1;
      let [least, cut] = [Number.POSITIVE_INFINITY, from];
      for (let a = Math.max(from, run); a <= Math.min(to, b - 1); a++) {
        const total = best[a]! + cost(a, b);
        if (total < least) [least, cut] = [total, a];
      }
      next[b] = least;
      cuts[b] = cut;
      solve(low, b - 1, from, cut);
      solve(b + 1, high, cut, to);
    };
    solve(run + 1, places, run, places - 1);
    best = next;
    cutOf.push(cuts);
  }
  const cuts = new Int32Array(runs + 1);
  cuts[runs] = places;
  for (let run = runs - 1; run > 0; run--) cuts[run] = cutOf[run]![cuts[run + 1]!]!;
  return cuts;
}
