import fc from "fast-check";
import { expect, test } from "vitest";
import { growing } from "./growing.ts";

test("gives what was added, however much", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), (n) => {
      const numbers = growing(Int32Array);
      for (let i = 0; i < n; i++) numbers.add(i * 7);
      expect(numbers.done()).toEqual(Int32Array.from({ length: n }, (_, i) => i * 7));
    }),
    { numRuns: 20 },
  );
  const values = growing(Float64Array);
  values.add(Number.NaN);
  values.add(1e300);
  expect([...values.done()]).toEqual([Number.NaN, 1e300]);
});
