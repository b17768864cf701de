import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type RawColumn, type RawTable, wordsOf } from "../raw-table.ts";
import { type ColumnOptions, fitColumns, openColumns } from "./columns.ts";

type Given = (string | null)[] | Float64Array | (string | null)[][];
const raw = (given: Given): RawColumn => {
  if (given instanceof Float64Array) return { kind: "numbers", values: given };
  if (!given.some(Array.isArray)) return wordsOf(given as (string | null)[]);
  const lists = given as (string | null)[][];
  const start = new Uint32Array(lists.length + 1);
  for (const [r, list] of lists.entries()) start[r + 1] = start[r]! + list.length;
  return { kind: "lists", start, of: wordsOf(lists.flat()) };
};
const table = (columns: Record<string, Given>): RawTable => ({
  n: Object.values(columns)[0]!.length,
  columns: new Map(Object.entries(columns).map(([name, given]) => [name, raw(given)])),
});
const one = (train: Given, options: object, rows: Given = train) =>
  fitColumns(table({ x: train }), [{ column: "x", ...options } as ColumnOptions]).encode(table({ x: rows }));
const list = (values: ArrayLike<number>) => Array.from(values);

describe("category", () => {
  test("rows: 0 missing, 1 unknown, then the most frequent first, equals by name", () => {
    const train = ["b", "a", null, "c", "c", ""];
    expect(list(one(train, { kind: "category" }, ["c", "a", "b", "zz", null, ""]).ids)).toEqual([2, 3, 4, 1, 0, 0]);
  });
  test("rare values are unknown; at most `most` are kept", () => {
    const train = ["a", "b", "b", "c", "c", "c"];
    expect(list(one(train, { kind: "category", minCount: 2 }).ids)).toEqual([1, 3, 3, 2, 2, 2]);
    expect(list(one(train, { kind: "category", most: 1 }).ids)).toEqual([1, 1, 1, 2, 2, 2]);
  });
  test("numbers are taken by their shortest text", () => {
    expect(
      list(one(Float64Array.of(7, 7, Number.NaN, 0.5), { kind: "category" }, ["7", "0.5", "7.0", ""]).ids),
    ).toEqual([2, 3, 1, 0]);
  });
});

test("hash: 0 missing, 1 + murmur3 mod buckets, whatever was seen in train", () => {
  const found = one([], { kind: "hash", buckets: 1000, seed: 0 }, ["", "The quick brown fox jumps over the lazy dog"]);
  const h = 0x2e4ff723; // published, of this text with seed 0
  expect(list(found.ids)).toEqual([0, 1 + (h % 1000)]);
  expect(() => one(["a"], { kind: "hash", buckets: 0 })).toThrow();
});

describe("number", () => {
  test("train has mean 0 and deviation 1; missing is the mean", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 2 }), fc.boolean(), (xs, log) => {
        const { numeric } = one(Float64Array.of(...xs, Number.NaN), { kind: "number", log });
        expect(numeric[xs.length]).toBe(0);
        const ys = list(numeric.subarray(0, xs.length));
        const mean = ys.reduce((sum, y) => sum + y, 0) / ys.length;
        const square = ys.reduce((sum, y) => sum + (y - mean) ** 2, 0) / ys.length;
        // float32 of values around 1, and a constant column that rounding keeps from being one
        if (Math.max(...xs) - Math.min(...xs) > 1e-3) {
          expect(Math.abs(mean)).toBeLessThan(1e-4);
          expect(square).toBeCloseTo(1, 4);
        }
        expect(numeric.every(Number.isFinite)).toBe(true);
      }),
    );
  });
  test("log, indicator, and what is not standardised", () => {
    const raw = { kind: "number", standardise: false };
    expect(list(one(["3", "-2.5", ""], { ...raw, indicator: true }).numeric)).toEqual([3, 0, -2.5, 0, 0, 1]);
    const [a, b, c] = list(one(Float64Array.of(Math.E - 1, 1 - Math.E, 0), { ...raw, log: true }).numeric);
    expect([a, b, c]).toEqual([1, -1, 0]);
  });
  test("a constant column, an empty one, and a value far outside stay finite", () => {
    expect(list(one(Float64Array.of(5, 5), { kind: "number" }).numeric)).toEqual([0, 0]);
    expect(list(one(Float64Array.of(Number.NaN), { kind: "number" }).numeric)).toEqual([0]);
    expect(
      one(Float64Array.of(1, 2), { kind: "number" }, Float64Array.of(1e300, -1e300)).numeric.every(Number.isFinite),
    ).toBe(true);
  });
  test("a word is named", () => {
    expect(() => one(["1", "old"], { kind: "number" })).toThrow('column "x": "old" is not a finite number');
    expect(() => one(["1", "Infinity"], { kind: "number" })).toThrow(UserError);
  });
});

describe("buckets", () => {
  test("given edges: row 1 + how many edges are ≤ x", () => {
    const edges = [0, 10];
    expect(list(one([], { kind: "buckets", edges }, ["-1", "0", "9", "10", "99", null]).ids)).toEqual([
      1, 2, 2, 3, 3, 0,
    ]);
    expect(() => one([], { kind: "buckets", edges: [1, 1] })).toThrow(/must rise/);
  });
  test("quantiles: distinct values in parts of equal mass", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 30 }), (count, per) => {
        const xs = Float64Array.from({ length: count * per }, (_, r) => (r * 7919) % (count * per));
        if (new Set(xs).size < xs.length) return; // 7919 and the length have a common factor
        const mass = new Map<number, number>();
        for (const id of one(xs, { kind: "buckets", count }).ids) mass.set(id, (mass.get(id) ?? 0) + 1);
        expect([...mass.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, b) => b + 1));
        for (const n of mass.values()) expect(n).toBe(per);
      }),
    );
  });
  test("a value that is most of them gets one bucket", () => {
    expect(list(one(Float64Array.of(0, 0, 0, 0, 0, 9), { kind: "buckets", count: 3 }).ids)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe("lists", () => {
  const train = ["a|b", "b", "", null, "c|b|c"];
  test("tags are distinct, cut at `length`, and in the order of the row", () => {
    const { bags } = one(train, { kind: "tags", length: 2 }, ["c|zz|c|b", "", "b|b"]);
    expect([bags[0]!.pad, bags[0]!.length]).toEqual(["right", 2]);
    expect(list(bags[0]!.start)).toEqual([0, 2, 2, 3]);
    expect(list(bags[0]!.ids)).toEqual([3, 1, 2]); // b 2 (3 times), c 3, a 4; zz is unknown
  });
  test("a sequence keeps its last elements, repeats too", () => {
    const { bags } = one(train, { kind: "sequence", length: 2, minCount: 2 }, ["a|b|c|c", "b"]);
    expect([bags[0]!.pad, list(bags[0]!.start), list(bags[0]!.ids)]).toEqual(["left", [0, 2, 3], [3, 3, 2]]);
  });
  test("lists as lists, with elements that are missing; by hash", () => {
    const rows = [["a", null, "b"], [], ["b"]];
    const { bags } = one(rows, { kind: "tags" });
    expect([list(bags[0]!.start), list(bags[0]!.ids)]).toEqual([
      [0, 2, 2, 3],
      [3, 2, 2],
    ]);
    const hashed = one([], { kind: "sequence", hash: { buckets: 5 } }, rows).bags[0]!;
    expect(hashed.ids.every((id) => id >= 1 && id <= 5)).toBe(true);
    expect(hashed.ids[1]).toBe(hashed.ids[2]);
  });
  test("a category is no list", () => {
    expect(() => one([["a"]], { kind: "category" })).toThrow('column "x": holds lists');
  });
});

describe("vector", () => {
  test("reads text and lists; missing is zeros", () => {
    const options = { kind: "vector", width: 2, separator: " " };
    expect(list(one(["1 -2.5", "", "0  4"], options).dense[0]!.values)).toEqual([1, -2.5, 0, 0, 0, 4]);
    expect(list(one([["1", "2"], []], options).dense[0]!.values)).toEqual([1, 2, 0, 0]);
  });
  test.each([
    ["1 2 3", /row 1 has 3 numbers, not 2/],
    ["1 x", /"x" is not a finite number/],
    ["1 1e39", /row 1: number 2 is missing or too large/],
  ])("%j", (text, message) => {
    expect(() => one([text], { kind: "vector", width: 2, separator: " " })).toThrow(message);
  });
});

describe("many columns", () => {
  const word = fc.option(fc.constantFrom("1", "2", "30", "4", "55"), { nil: null });
  const rows = (n: number) => fc.array(fc.tuple(word, word, word), { minLength: n, maxLength: 20 });
  const asTable = (given: (string | null)[][]) =>
    table({ a: given.map((r) => r[0]!), b: given.map((r) => r[1]!), c: given.map((r) => r[2]!) });
  const options: ColumnOptions[] = [
    { kind: "tags", column: "b", name: "b list", separator: "," },
    { kind: "category", column: "a", minCount: 2 },
    { kind: "number", column: "c", indicator: true },
    { kind: "hash", column: "b", buckets: 4 },
    { kind: "number", column: "a", name: "a number", log: true },
    { kind: "buckets", column: "c", name: "c bucket", count: 3 },
    { kind: "sequence", column: "c", name: "c list" },
    { kind: "vector", column: "a", name: "a vector", width: 1 },
  ];

  test("ids lie in their own field's rows, whatever rows come; JSON gives the same columns", () => {
    fc.assert(
      fc.property(rows(1), rows(0), (train, others) => {
        const columns = fitColumns(asTable(train), options);
        const { inputs } = columns;
        expect([inputs.fields, inputs.numeric, inputs.bags.length, inputs.dense.length]).toEqual([3, 3, 2, 1]);
        expect(inputs.places.reduce((sum, place) => sum + place.rows, 0)).toBe(inputs.rows);
        const found = columns.encode(asTable(others));
        for (const [k, id] of found.ids.entries()) {
          const { first, rows } = inputs.places[k % 3]!;
          expect(id >= first && id < first + rows).toBe(true);
        }
        for (const [b, bag] of found.bags.entries()) {
          expect(bag.ids.every((id) => id >= 1 && id < inputs.bags[b]!.rows)).toBe(true);
        }
        const opened = openColumns(JSON.parse(JSON.stringify(columns.fitted)), "artifact");
        expect(opened.inputs).toEqual(inputs);
        expect(opened.encode(asTable(others))).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  test("numbers lie in their columns", () => {
    const columns = fitColumns(table({ a: ["1", "3"], c: ["", "7"] }), [options[2]!, options[4]!]);
    expect(columns.encode(table({ a: ["1"], c: [null] })).numeric.subarray(0, 2)).toEqual(Float32Array.of(0, 1));
    expect(columns.encode(table({ a: ["1"], c: [null] })).numeric[2]).toBeCloseTo(-1, 6);
  });

  test("a column that is not there, and a name twice", () => {
    const there = table({ a: ["1"] });
    expect(() => fitColumns(there, [{ kind: "number", column: "age" }])).toThrow(
      'column "age": the table has no column "age"; it has a.',
    );
    const twice: ColumnOptions[] = [
      { kind: "number", column: "a" },
      { kind: "category", column: "a" },
    ];
    expect(() => fitColumns(there, twice)).toThrow('two columns are called "a"');
    const fitted = fitColumns(there, [{ kind: "category", column: "a" }]);
    expect(() => fitted.encode(table({ b: ["1"] }))).toThrow(/has no column "a"; it has b/);
  });
});

describe("what an artifact says is read as hostile", () => {
  const whole = () => [
    { kind: "category", column: "a", words: ["x", "y"] },
    { kind: "number", column: "b", log: true, indicator: false, mean: 1, deviation: 2 },
    { kind: "tags", column: "c", separator: "|", length: 3, pool: "mean", words: ["x"] },
    { kind: "buckets", column: "d", edges: [1, 2] },
    { kind: "hash", column: "e", buckets: 7, seed: 1 },
  ];
  test("what is whole opens", () => expect(openColumns(whole(), "m").inputs.rows).toBe(4 + 4 + 8));

  test.each<[string, unknown]>([
    ["no list", {}],
    ["an empty list", []],
    ["another kind", [{ kind: "__proto__", column: "a" }]],
    ["a value twice", [{ kind: "category", column: "a", words: ["x", "x"] }]],
    ["a word that is none", [{ kind: "category", column: "a", words: ["x", 3] }]],
    ["a deviation of 0", [{ kind: "number", column: "a", log: false, indicator: false, mean: 0, deviation: 0 }]],
    ["an infinite mean", [{ kind: "number", column: "a", mean: JSON.parse("1e999"), deviation: 1 }]],
    ["falling edges", [{ kind: "buckets", column: "a", edges: [2, 1] }]],
    ["too many rows", [1, 2, 3].map((n) => ({ kind: "hash", column: `${n}`, buckets: 1e9, seed: 0 }))],
    ["neither vocabulary nor hash", [{ kind: "tags", column: "a", separator: "|", length: 3, pool: "mean" }]],
    ["a length without bound", [{ kind: "sequence", column: "a", separator: "|", length: 1e9, words: [] }]],
    ["a key that is none", [{ kind: "hash", column: "a", buckets: 1, seed: 0, more: 1 }]],
  ])("%s", (_, json) => expect(() => openColumns(json, "model")).toThrow(UserError));

  test("a changed entry opens or is one UserError, and never anything else", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(6), fc.jsonValue(), (at, key, value) => {
        const json = whole();
        const entry = json[at] as Record<string, unknown>;
        entry[Object.keys(entry)[key % Object.keys(entry).length]!] = value;
        try {
          openColumns(json, "model");
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
