import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { type RawTable, wordsOf } from "../../data/raw-table.ts";
import { readInterleaved } from "./interleaved-rows.ts";
import { balanced, balancedCredit, preferences, teamDraft } from "./interleaving.ts";

const rankings = fc
  .tuple(fc.integer({ min: 2, max: 12 }), fc.integer(), fc.integer(), fc.integer({ min: 1, max: 12 }))
  .map(([n, a, b, k]) => {
    const shuffled = (seed: number) => [...createRng(seed).shuffle(Int32Array.from({ length: n }, (_, i) => i))];
    return { first: shuffled(a), second: shuffled(b), k, n, seed: a };
  });

test("both ways of mixing give k different items of both rankings, each ranking in its own order", () => {
  fc.assert(
    fc.property(rankings, fc.boolean(), ({ first, second, k, n, seed }, starts) => {
      const drafted = teamDraft(first, second, k, createRng(seed));
      const mixed = balanced(first, second, k, starts);
      for (const items of [drafted.items, mixed]) {
        expect(items.length).toBe(Math.min(k, n));
        expect(new Set(items).size).toBe(items.length);
      }
      const own = (team: number, ranking: number[]) =>
        drafted.items.filter((_, i) => drafted.team[i] === team).map((item) => ranking.indexOf(item));
      for (const places of [own(0, first), own(1, second)]) expect(places).toEqual(places.toSorted((a, b) => a - b));
      const sizes = [0, 1].map((team) => drafted.team.filter((t) => t === team).length);
      expect(Math.abs(sizes[0]! - sizes[1]!)).toBeLessThanOrEqual(1);
      // A balanced list is the first a places of one and the first b of the other, a and b at most one apart.
      const made = (a: number, b: number) => new Set([...first.slice(0, a), ...second.slice(0, b)]);
      const sorted = (items: Iterable<number>) => [...items].sort((x, y) => x - y).join();
      const depths = Array.from(
        { length: n + 1 },
        (_, d) =>
          [
            [d, d],
            [d, d + 1],
            [d + 1, d],
          ] as const,
      ).flat();
      expect(depths.some(([a, b]) => sorted(made(a, b)) === sorted(mixed))).toBe(true);
    }),
  );
});

test("equal rankings are mixed into themselves, and short ones end the list", () => {
  expect(balanced([1, 2, 3], [1, 2, 3], 3, true)).toEqual([1, 2, 3]);
  expect(balanced([1, 2, 3], [4, 5, 6], 4, false)).toEqual([4, 1, 5, 2]);
  expect(balanced([], [7, 8], 5, true)).toEqual([7, 8]);
  expect(teamDraft([1], [1], 5, createRng(1)).items).toEqual([1]);
});

test("credit of a balanced list counts clicks among equally many of both rankings' first places", () => {
  // a: 1 2 3 4, b: 2 5 1 6. Clicks on 5 (b's second) and 1: n = 2; a has 1 within two places, b has 5.
  const lacks = Number.POSITIVE_INFINITY;
  expect(
    balancedCredit([
      { first: lacks, second: 2 },
      { first: 1, second: 3 },
    ]),
  ).toEqual([1, 1]);
  expect(balancedCredit([{ first: 1, second: 3 }])).toEqual([1, 0]);
  expect(balancedCredit([])).toEqual([0, 0]);
});

describe("a test over users", () => {
  const simulate = (better: number, seed: string) => {
    const rng = createRng(seed);
    // Each user has a side of their own, and several lists: lists of one user are not independent.
    const lists = Array.from({ length: 60 }, (_, user) => {
      const side = better + 0.3 * rng.normal();
      return Array.from({ length: 1 + rng.below(8) }, () => ({
        user,
        ...(rng.uniform() < 0.5 + side ? { first: 1, second: 0 } : { first: 0, second: 1 }),
      }));
    }).flat();
    return preferences(lists, 60, 0.95);
  };

  test("finds no preference where there is none, as often as stated, and one where there is", () => {
    let [sign, t, found] = [0, 0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const none = simulate(0, `none ${seed}`);
      if (none.p! < 0.05) sign++;
      if (none.interval![0] > 0 || none.interval![1] < 0) t++;
      if (simulate(0.2, `some ${seed}`).interval![0] > 0) found++;
    }
    // Of 400 at 5 %: 20, standard deviation 4.4; the exact sign test is below its level.
    expect(sign).toBeLessThan(34);
    expect(t).toBeGreaterThan(6);
    expect(t).toBeLessThan(34);
    expect(found).toBeGreaterThan(300);
  });

  test("is refused where hardly anybody prefers either", () => {
    const lists = [
      { user: 0, first: 1, second: 0 },
      { user: 1, first: 1, second: 1 },
    ];
    expect(preferences(lists, 3, 0.95)).toEqual({
      ...{ users: 2, wins: 1, losses: 0, ties: 1 },
      refused: "only 1 users prefer either; at least 10 are needed.",
    });
  });
});

describe("from rows of clicks", () => {
  const words = (values: string[]) => wordsOf(values);
  const numbers = (values: number[]) => ({ kind: "numbers" as const, values: Float64Array.from(values) });
  const table = (
    columns: Record<string, ReturnType<typeof words> | ReturnType<typeof numbers>>,
    n: number,
  ): RawTable => ({
    n,
    columns: new Map(Object.entries(columns)),
  });
  const users = Array.from({ length: 24 }, (_, u) => `u${u >> 1}`);
  const lists = users.map((_, r) => `l${r}`);

  test("team draft counts each list for whose items were clicked more", () => {
    const team = users.map((_, r) => (r % 6 === 0 ? "old" : "new"));
    const found = readInterleaved(
      table({ user: words(users), list: words(lists), team: words(team) }, 24),
      "c.csv",
      0.95,
    );
    expect(found).toMatchObject({ first: "new", second: "old", lists: 24, users: 12, wins: 8, losses: 0, ties: 4 });
  });

  test("balanced reads places", () => {
    const first = users.map(() => 1);
    const second = users.map((_, r) => (r % 2 ? 4 : Number.NaN));
    const columns = { user: words(users), list: words(lists), first: numbers(first), second: numbers(second) };
    expect(readInterleaved(table(columns, 24), "c.csv", 0.95)).toMatchObject({ wins: 12, losses: 0 });
  });

  test("mistakes are sentences", () => {
    const base = { user: words(users), list: words(lists) };
    const read = (more: object) => () => readInterleaved(table({ ...base, ...more }, 24), "c.csv", 0.95);
    expect(read({ team: words(users.map((_, r) => `t${r % 3}`)) })).toThrow(
      /team must name two rankings, got 3 \(t0, t1, t2\)/,
    );
    expect(read({ team: words(users.map((_, r) => `t${r % 2}`)), list: words(users.map(() => "l")) })).toThrow(
      /list "l" belongs to two users/,
    );
    const nowhere = users.map(() => Number.NaN);
    expect(read({ first: numbers(nowhere), second: numbers(nowhere) })).toThrow(/is in neither ranking/);
    expect(read({ first: numbers(users.map(() => 0)), second: numbers(nowhere) })).toThrow(
      /row 1: first must be a place from 1/,
    );
  });
});
