// What every metric promises: values worked by hand, bounds, that better lists get better values, and that it reads no
// more than it declares.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../src/evidence/catalogue.ts";
import type { Catalogue } from "../../src/kinds/catalogue.ts";
import type { MetricMethod, Places } from "../../src/kinds/metric.ts";
import { all } from "../../src/metrics/index.ts";

const metrics = all as readonly MetricMethod[];
const judging = (judges: MetricMethod["judges"]) => metrics.filter((m) => m.perUser && m.judges === judges);

/** Metrics that have no upper bound of 1. */
const unbounded = new Set(["average-popularity", "entropy", "novelty", "tag-calibration"]);
const inBounds = (name: string, value: number) => value >= 0 && (unbounded.has(name) || value <= 1 + 1e-12);

/** Lists worked by hand: hits by rank, relevant items in all, and the value of each metric that judges hits. */
const worked: { hits: number[]; relevant: number; values: Record<string, number> }[] = [
  {
    hits: [1, 0, 1, 0, 0],
    relevant: 3,
    // ndcg: (1 + 1/log2 4) / (1 + 1/log2 3 + 1/log2 4) = 1.5 / 2.130930;  map: (1/1 + 2/3) / 3;  f1: 2·2 / (5 + 3)
    // auc of 5 irrelevant candidates: (5/5 + 4/5 + 0/5) / 3;  serendipity: 2 / 5, for nobody took anything in train
    values: {
      ...{ recall: 2 / 3, precision: 2 / 5, f1: 1 / 2, hit: 1, mrr: 1, map: 5 / 9, ndcg: 0.703918 },
      ...{ auc: 0.6, serendipity: 0.4 },
    },
  },
  {
    hits: [0, 0, 0, 1, 0],
    relevant: 7,
    // ndcg: (1/log2 5) / Σ_{r<5} 1/log2(r+2) = 0.430677 / 2.948459;  map: (1/4) / 5;  auc: (3/6 + 6 · 0) / 7
    values: {
      ...{ recall: 1 / 7, precision: 1 / 5, f1: 1 / 6, hit: 1, mrr: 1 / 4, map: 1 / 20, ndcg: 0.146068 },
      ...{ auc: 1 / 14, serendipity: 1 / 5 },
    },
  },
  {
    hits: [0, 0, 0],
    relevant: 1,
    values: { recall: 0, precision: 0, f1: 0, hit: 0, mrr: 0, map: 0, ndcg: 0, auc: 0, serendipity: 0 },
  },
  {
    hits: [1],
    relevant: 1,
    values: { recall: 1, precision: 1, f1: 1, hit: 1, mrr: 1, map: 1, ndcg: 1, auc: 1, serendipity: 1 },
  },
];

const lists = fc
  .tuple(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 30 }), fc.nat(20))
  .map(([hits, missed]) => ({
    hits: Uint8Array.from(hits),
    relevant: Math.max(1, hits.filter(Boolean).length + missed),
  }));

const nobody = { indptr: new Int32Array(1), indices: new Int32Array(0), values: new Float32Array(0) };
const unknown = (items: number) => catalogueOf({ users: 0, items, ...nobody });

/** The list 0, 1, 2 … whose missed relevant items come after all others, of which two are not in the list. */
function ranked(hits: Uint8Array, relevant: number) {
  const found = hits.reduce((sum, hit) => sum + hit, 0);
  const others = hits.length - found + 2;
  const above = Array.from({ length: relevant }, () => others);
  for (let r = 0, e = 0, misses = 0; r < hits.length; r++) {
    if (hits[r]) above[e++] = misses;
    else misses++;
  }
  const places: Places = { above: Int32Array.from(above), tied: new Int32Array(relevant), others };
  return { hits, relevant, items: Int32Array.from(hits.keys()), history: Int32Array.of(40), places };
}

test("every metric measures either a user or all lists", () => {
  for (const { name, perUser, overall } of metrics) expect([name, !perUser !== !overall]).toEqual([name, true]);
});

describe.each(judging("hits"))("$name", ({ name, perUser, better }) => {
  const measure = (hits: ArrayLike<number>, relevant: number) =>
    perUser!(ranked(Uint8Array.from(hits), relevant), unknown(41));
  const sign = better === "high" ? 1 : -1;

  test("has the value worked by hand", () => {
    for (const { hits, relevant, values } of worked) expect(measure(hits, relevant)).toBeCloseTo(values[name]!, 6);
  });

  test("stays in bounds", () => {
    fc.assert(
      fc.property(lists, ({ hits, relevant }) => {
        const value = measure(hits, relevant);
        expect(inBounds(name, value)).toBe(true);
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

/**
 * Four users, six items and three tags. Who took what: u0 0 1, u1 0 1 2, u2 0 2, u3 3 4; nobody took 5. Tags a: items
 * 0 1 4, b: 1 2, c: 3; item 5 has none.
 */
const board: Catalogue = catalogueOf(
  {
    ...{ users: 4, items: 6, values: new Float32Array(9).fill(1) },
    ...{ indptr: Int32Array.of(0, 2, 5, 7, 9), indices: Int32Array.of(0, 1, 0, 1, 2, 0, 2, 3, 4) },
  },
  { count: 3, start: Uint32Array.of(0, 1, 3, 4, 5, 6, 6), code: Int32Array.of(0, 0, 1, 1, 2, 0) },
);
const shownTo = (items: readonly number[], history: readonly number[]) => ({
  ...{ hits: new Uint8Array(items.length), relevant: 1 },
  ...{ items: Int32Array.from(items), history: Int32Array.from(history) },
});

describe.each(judging("lists"))("$name", ({ name, perUser }) => {
  const byHand: Record<string, [items: number[], history: number[], value: number][]> = {
    "average-popularity": [[[0, 3, -1], [], 2]],
    novelty: [
      [[0, 1, 3], [], (Math.log2(4 / 3) + 1 + 2) / 3],
      [[5], [], 2],
    ],
    // cos(0, 1) = 2/√6, cos(0, 3) = cos(1, 3) = 0, and what nobody took is near to nothing
    diversity: [
      [[0, 1, 3], [], 1 - 2 / Math.sqrt(6) / 3],
      [[0, 1, -1], [], 1 - 2 / Math.sqrt(6)],
      [[3, 4], [], 0],
      [[0, 5], [], 1],
    ],
    // {a} and {a, b}: 1/2; {a} and {c}: 0; {a, b} and {c}: 0; item 5 counts nowhere
    "tag-diversity": [
      [[0, 1, 3, 5], [], (1 / 2 + 1 + 1) / 3],
      [[0, 4], [], 0],
    ],
    // history {0, 2}: half a, half b; list {1} is the same mixture, {0} is all a: ½ ln(½ / .995) + ½ ln(½ / .005)
    "tag-calibration": [
      [[1], [0, 2], 0],
      [[0], [0, 2], 0.5 * Math.log(0.5 / 0.995) + 0.5 * Math.log(0.5 / 0.005)],
      [[5], [0, 2], Math.log(100)],
    ],
  };

  test("has the values worked by hand", () => {
    for (const [items, history, value] of byHand[name]!)
      expect(perUser!(shownTo(items, history), board)).toBeCloseTo(value, 12);
  });

  test("stays in bounds, or has no value, and looks at neither hits, order nor padding", () => {
    const items = fc.uniqueArray(fc.nat(5), { minLength: 1 });
    fc.assert(
      fc.property(items, fc.uniqueArray(fc.nat(5)), (shown, history) => {
        const value = perUser!(shownTo(shown, history), board);
        expect(Number.isNaN(value) || inBounds(name, value)).toBe(true);
        const turned = shownTo([...shown].reverse().concat(-1, -1), history);
        const again = perUser!({ ...turned, hits: turned.hits.fill(1) }, board);
        if (Number.isNaN(value)) expect(again).toBeNaN();
        else expect(again).toBeCloseTo(value, 12);
      }),
    );
  });

  test("has no value for an empty list", () => {
    expect(perUser!(shownTo([-1, -1], []), board)).toBeNaN();
  });
});

describe.each(metrics.filter((m) => m.overall))("$name", ({ name, overall, better }) => {
  // Two users' lists of three over six items; the second list is one short. Items are shown 0, 0, 1, 1, 1, 2 times.
  const items = Int32Array.of(0, 1, 2, 1, 5, -1);
  const places = [
    { above: Int32Array.of(0, 2), tied: Int32Array.of(0, 1), others: 4 },
    { above: Int32Array.of(1), tied: Int32Array.of(0), others: 2 },
    { above: Int32Array.of(0), tied: Int32Array.of(0), others: 0 },
  ];
  const byHand: Record<string, number> = {
    coverage: 4 / 6,
    gini: (-1 * 1 + 1 * 1 + 3 * 1 + 5 * 2) / (6 * 5),
    entropy: 3 * 0.2 * Math.log2(5) + 0.4 * Math.log2(2.5),
    // two relevant items of the first user, 1 and (4 - 2.5)/4, one of the second; the third has nothing to come before
    gauc: (1 + 1.5 / 4 + 1 / 2) / 3,
  };

  test("has the value worked by hand", () => {
    expect(overall!({ k: 3, items, places }, unknown(6))).toBeCloseTo(byHand[name]!, 12);
  });

  test("stays in bounds, and is finite where nothing is shown", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 40 }),
        (k, flat) => {
          const shown = Int32Array.from(flat.slice(0, flat.length - (flat.length % k)));
          const value = overall!({ k, items: shown, places: [] }, unknown(10));
          expect(inBounds(name, value)).toBe(true);
          const nothing = overall!({ k, items: new Int32Array(2 * k).fill(-1), places: [] }, unknown(10));
          expect(Number.isFinite(nothing)).toBe(true);
          if (better === "high") expect(nothing).toBeLessThanOrEqual(value);
        },
      ),
    );
  });
});
