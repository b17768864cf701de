// Random by user: each user's pairs are shuffled; the first go to test, the next to validation, at least one stays.

import { z } from "zod";
import { groupPairs, share } from "../data/pairs.ts";
import { defineSplit } from "../kinds/split.ts";

const fraction = z.number().min(0).max(0.9);

export default defineSplit({
  name: "random",
  summary: "Hold out a random share of each user's items.",
  needsTime: false,
  options: z.strictObject({
    test: fraction.default(0.2).describe("Share of each user's items, rounded, at least one; 0 for none."),
    validation: fraction.default(0).describe("The same for validation, out of what test leaves."),
  }),
  split({ events }, { test, validation }, rng) {
    const { indptr, of } = groupPairs(events);
    const partOf = new Uint8Array(indptr.at(-1)!);
    for (let u = 0; u < events.users.length; u++) {
      const [from, to] = [indptr[u]!, indptr[u + 1]!];
      const n = to - from;
      if (n < 2) continue;
      const order = rng.shuffle(Int32Array.from({ length: n }, (_, k) => from + k));
      const tests = Math.min(n - 1, share(n, test));
      const validations = Math.min(n - 1 - tests, share(n, validation));
      for (let k = 0; k < tests + validations; k++) partOf[order[k]!] = k < tests ? 2 : 1;
    }
    return Uint8Array.from(of, (pair) => partOf[pair]!);
  },
});
