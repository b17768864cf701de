// Pairs of shapes that broadcast against each other, for property tests.

import fc from "fast-check";

const dims = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 4 });

/** A shape of up to four dimensions, and another with some of them cut off in front or 1. */
export const broadcastPair: fc.Arbitrary<[number[], number[]]> = fc
  .tuple(dims, fc.nat(4), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([a, cut, ones, swap]) => {
    const b = a.slice(cut).map((d, i) => (ones[i] ? 1 : d));
    return swap ? [b, a] : [a, b];
  });
