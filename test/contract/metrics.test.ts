// What every metric promises: the values of lists worked by hand, bounds, and that better lists get better values.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../src/evidence/catalogue.ts";
import type { MetricMethod } from "../../src/kinds/metric.ts";
import { all } from "../../src/metrics/index.ts";

const metrics = all as readonly MetricMethod[];

/** Lists worked by hand: hits by rank, relevant items in all, and the value of each metric. */
const worked: { hits: number[]; relevant: number; values: Record<string, number> }[] = [
  {
    hits: [1, 0, 1, 0, 0],
    relevant: 3,
    // ndcg: (1 + 1/log2 4) / (1 + 1/log2 3 + 1/log2 4) = 1.5 / 2.130930;  map: (1/1 + 2/3) / 3
    values: { recall: 2 / 3, precision: 2 / 5, hit: 1, mrr: 1, map: 5 / 9, ndcg: 0.703918 },
  },
  {
    hits: [0, 0, 0, 1, 0],
    relevant: 7,
    // ndcg: (1/log2 5) / Σ_{r<5} 1/log2(r+2) = 0.430677 / 2.948459;  map: (1/4) / 5
    values: { recall: 1 / 7, precision: 1 / 5, hit: 1, mrr: 1 / 4, map: 1 / 20, ndcg: 0.146068 },
  },
  { hits: [0, 0, 0], relevant: 1, values: { recall: 0, precision: 0, hit: 0, mrr: 0, map: 0, ndcg: 0 } },
  { hits: [1], relevant: 1, values: { recall: 1, precision: 1, hit: 1, mrr: 1, map: 1, ndcg: 1 } },
];

const lists = fc
  .tuple(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 30 }), fc.nat(20))
  .map(([hits, missed]) => ({
    hits: Uint8Array.from(hits),
    relevant: Math.max(1, hits.filter(Boolean).length + missed),
  }));

const nobody = { items: new Int32Array(0), history: new Int32Array(0) };
const catalogue = (items: number) => {
  const indptr = new Int32Array(1);
  return catalogueOf({ users: 0, items, indptr, indices: new Int32Array(0), values: new Float32Array(0) });
};

test("every metric measures either a user or all lists", () => {
  for (const { name, perUser, overall } of metrics) expect([name, !perUser !== !overall]).toEqual([name, true]);
});

describe.each(metrics.filter((m) => m.perUser))("$name", ({ name, perUser, better }) => {
  const measure = (hits: ArrayLike<number>, relevant: number) =>
    perUser!({ ...nobody, hits: Uint8Array.from(hits), relevant }, catalogue(6));
  const sign = better === "high" ? 1 : -1;

  test("has the value worked by hand", () => {
    for (const { hits, relevant, values } of worked) expect(measure(hits, relevant)).toBeCloseTo(values[name]!, 6);
  });

  test("stays between 0 and 1", () => {
    fc.assert(
      fc.property(lists, ({ hits, relevant }) => {
        const value = measure(hits, relevant);
        expect(value >= 0 && value <= 1 + 1e-12).toBe(true);
      }),
    );
  });

  test("no list beats the perfect one, none is worse than one without hits", () => {
    fc.assert(
      fc.property(lists, ({ hits, relevant }) => {
        const perfect = hits.map((_, r) => (r < relevant ? 1 : 0));
        const value = sign * measure(hits, relevant);
        expect(value).toBeLessThanOrEqual(sign * measure(perfect, relevant) + 1e-12);
        expect(value).toBeGreaterThanOrEqual(
          sign *
            measure(
              hits.map(() => 0),
              relevant,
            ),
        );
      }),
    );
  });

  test("moving a hit up never makes it worse", () => {
    fc.assert(
      fc.property(lists, fc.nat(), ({ hits, relevant }, at) => {
        const r = at % Math.max(1, hits.length - 1);
        fc.pre(hits.length > 1 && hits[r] === 0 && hits[r + 1] === 1);
        const better = hits.slice();
        [better[r], better[r + 1]] = [1, 0];
        expect(sign * measure(better, relevant)).toBeGreaterThanOrEqual(sign * measure(hits, relevant) - 1e-12);
      }),
    );
  });
});

describe.each(metrics.filter((m) => m.overall))("$name", ({ name, overall }) => {
  // Two users' lists of three over six items; the second list is one short.
  const items = Int32Array.of(0, 1, 2, 1, 5, -1);
  const byHand: Record<string, number> = { coverage: 4 / 6 };

  test("has the value worked by hand", () => {
    expect(overall!({ k: 3, items }, catalogue(6))).toBeCloseTo(byHand[name]!, 12);
  });

  test("stays between 0 and 1, and empty lists are the least", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 40 }),
        (k, flat) => {
          const shown = Int32Array.from(flat.slice(0, flat.length - (flat.length % k)));
          const value = overall!({ k, items: shown }, catalogue(10));
          expect(value >= 0 && value <= 1).toBe(true);
          expect(overall!({ k, items: new Int32Array(2 * k).fill(-1) }, catalogue(10))).toBeLessThanOrEqual(value);
        },
      ),
    );
  });
});
