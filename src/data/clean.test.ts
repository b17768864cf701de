import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "./clean.ts";
import { cleanOptions } from "./clean-options.ts";
import { toEvents } from "./events.ts";

type Row = [user: string, item: string, value: number, time: number];

const setOf = (rows: Row[], part?: number[]) => ({
  events: toEvents({
    user: rows.map((r) => r[0]),
    item: rows.map((r) => r[1]),
    value: rows.map((r) => r[2]),
    time: Float64Array.from(rows, (r) => r[3]),
  }),
  ...(part && { part: Uint8Array.from(part) }),
});
const rowsOf = ({ events }: ReturnType<typeof setOf>): Row[] =>
  Array.from(events.user, (u, e) => [
    events.users[u]!,
    events.items[events.item[e]!]!,
    events.value[e]!,
    events.time![e]!,
  ]);
const run = (rows: Row[], options: object, part?: number[]) => {
  const { dataset, dropped } = clean(setOf(rows, part), cleanOptions.parse(options));
  return { rows: rowsOf(dataset), dropped, dataset };
};

const rows: Row[] = [
  ["a", "x", 3, 10],
  ["a", "x", 5, 20],
  ["a", "x", 4, 30],
  ["b", "y", 1, 40],
];

describe("duplicates", () => {
  test.each([
    ["first", 3],
    ["last", 4],
    ["max", 5],
  ])("%s keeps the value %d", (duplicates, value) => {
    const { rows: left, dropped } = run(rows, { duplicates });
    expect(left.map((r) => r[2])).toEqual([value, 1]);
    expect(dropped).toEqual([
      { step: "duplicates", dropped: 2, left: 2, why: expect.stringContaining("repeated user-item pair") },
    ]);
  });

  test("of equal time: first is the first row, last the last", () => {
    const same: Row[] = [
      ["a", "x", 1, 5],
      ["a", "x", 2, 5],
    ];
    expect(run(same, { duplicates: "first" }).rows[0]![2]).toBe(1);
    expect(run(same, { duplicates: "last" }).rows[0]![2]).toBe(2);
  });

  test("in different parts of a given split are no duplicates", () => {
    expect(run(rows, { duplicates: "last" }, [0, 0, 1, 2]).rows.map((r) => r[2])).toEqual([5, 4, 1]);
  });
});

test("window keeps from ≤ time < to and says so", () => {
  const { rows: left, dropped } = run(rows, { window: { from: 20, to: 40 } });
  expect(left.map((r) => r[3])).toEqual([20, 30]);
  expect(dropped[0]!.why).toContain("1970-01-01T00:00:20");
});

test("minValue keeps values at or above it", () => {
  expect(run(rows, { minValue: 4 }).rows.map((r) => r[2])).toEqual([5, 4]);
});

test("bots: a user over the limit within one stretch goes whole, one exactly at it stays", () => {
  const burst = (user: string, n: number, step: number): Row[] =>
    Array.from({ length: n }, (_, i) => [user, `i${i}`, 1, 1000 + i * step]);
  const { rows: left, dropped } = run(
    [...burst("bot", 4, 1000), ...burst("keen", 3, 1000), ...burst("slow", 4, 1200)],
    {
      bots: { maxEvents: 3, per: "hour" },
    },
  );
  expect(new Set(left.map((r) => r[0]))).toEqual(new Set(["keen", "slow"]));
  expect(dropped[0]).toEqual({
    step: "bots",
    dropped: 4,
    left: 7,
    why: "user with more than 3 events within one hour",
  });
});

const logs = fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 1, maxLength: 60 });

test("kCore leaves the largest set in which everyone has enough", () => {
  fc.assert(
    fc.property(logs, fc.integer({ min: 1, max: 4 }), (pairs, k) => {
      const given: Row[] = pairs.map(([u, i], e) => [`u${u}`, `i${i}`, 1, e]);
      let expected = given;
      for (let size = -1; size !== expected.length; ) {
        size = expected.length;
        const enough = (at: 0 | 1) => (r: Row) => expected.filter((o) => o[at] === r[at]).length >= k;
        expected = expected.filter(enough(0)).filter(enough(1));
      }
      if (expected.length === 0) expect(() => run(given, { kCore: k })).toThrow(/clean\.kCore: dropped all of the/);
      else expect(run(given, { kCore: k }).rows).toEqual(expected);
    }),
  );
});

test("what is left has compact vocabularies with parts and titles in step, and the account adds up", () => {
  fc.assert(
    fc.property(logs, (pairs) => {
      const given: Row[] = pairs.map(([u, i], e) => [`u${u}`, `i${i}`, e % 3, e]);
      const set = setOf(
        given,
        given.map((_, e) => e % 3),
      );
      const titles = set.events.items.map((id) => `title of ${id}`);
      const options = cleanOptions.parse({ minValue: 1, duplicates: "last" });
      if (given.every((r) => r[2] < 1)) return;
      const { dataset, dropped } = clean({ ...set, titles }, options);
      const { users, items, user, item } = dataset.events;
      expect(new Set(user)).toEqual(new Set(users.keys()));
      expect(new Set(item)).toEqual(new Set(items.keys()));
      expect(dataset.titles).toEqual(items.map((id) => `title of ${id}`));
      expect(Array.from(dataset.part!)).toEqual(Array.from(dataset.events.time!, (t) => t % 3));
      expect(dropped.reduce((sum, d) => sum + d.dropped, user.length)).toBe(given.length);
    }),
  );
});

test("without options nothing is dropped and nothing is copied", () => {
  const set = setOf(rows);
  expect(clean(set, cleanOptions.parse({}))).toEqual({ dataset: set, dropped: [] });
});

test.each([
  [{ minValue: 9 }, /clean\.minValue: dropped all of the 4 events that were left \(value below 9\); loosen it/],
  [{ window: { to: "1960-01-01" } }, /clean\.window: dropped all/],
  [{ bots: { maxEvents: 1 }, window: { from: 41 } }, /clean\.window: dropped all of the 1 event that were left/],
])("an emptied set names the step: %j", (options, message) => expect(() => run(rows, options)).toThrow(message));

test("steps that need times refuse a set without", () => {
  const { time: _, ...events } = setOf(rows).events;
  expect(() => clean({ events }, cleanOptions.parse({ window: { from: 0 } }))).toThrow(/clean\.window: needs times/);
});

test.each([{ kCore: 0 }, { kCore: { user: 5 } }, { minValue: Number.NaN }, { window: { from: "soon" } }, { kcore: 5 }])(
  "refuses %j",
  (options) => expect(cleanOptions.safeParse(options).success).toBe(false),
);
