// Kendall's τ of two top-k lists over the union of their items (Fagin, Kumar & Sivakumar, "Comparing top k lists", SIAM J.
// Discrete Math. 2003, K^(p) with the neutral p = ½). A pair of items is penalised by
//
//   1   where both lists hold both in opposite order; where one list holds both and puts first the one that the other
//       lacks; where each list holds but one of the two
//   ½   where one list holds both and the other neither, whose order of the two is not known
//
// and τ = 1 - 2 K / K of disjoint lists: 1 for equal lists, -1 for disjoint ones, about ⅓ for one that is turned round.

/** In [-1, 1]; of lists without repeats or padding. NaN where one is empty. */
export function kendallTau(a: Int32Array, b: Int32Array): number {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return Number.NaN;
  const placeInA = places(a);
  const placeInB = places(b);
  const common: number[] = [];
  for (const item of b) if (placeInA.has(item)) common.push(placeInA.get(item)!);
  const [onlyA, onlyB] = [n - common.length, m - common.length];
  const apart = inversions(common, n) + strangersAhead(a, placeInB) + strangersAhead(b, placeInA) + onlyA * onlyB;
  const unknown = (pairs(onlyA) + pairs(onlyB)) / 2;
  return 1 - (2 * (apart + unknown)) / (n * m + (pairs(n) + pairs(m)) / 2);
}

const pairs = (n: number): number => (n * (n - 1)) / 2;
const places = (list: Int32Array): Map<number, number> => new Map(Array.from(list, (item, place) => [item, place]));

/** Pairs of an item that the other list lacks and, further down, one that it holds. */
function strangersAhead(list: Int32Array, other: ReadonlyMap<number, number>): number {
  let [strangers, sum] = [0, 0];
  for (const item of list) {
    if (other.has(item)) sum += strangers;
    else strangers++;
  }
  return sum;
}

/** Pairs of different numbers below n that stand in falling order, by a Fenwick tree of those seen. */
function inversions(numbers: readonly number[], n: number): number {
  const tree = new Int32Array(n + 1);
  let sum = 0;
  for (const [seen, x] of numbers.entries()) {
    let smaller = 0;
    for (let i = x; i > 0; i -= i & -i) smaller += tree[i]!;
    sum += seen - smaller;
    for (let i = x + 1; i <= n; i += i & -i) tree[i]!++;
  }
  return sum;
}
