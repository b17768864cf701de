import fc from "fast-check";
import { expect, test } from "vitest";
import { wordsOf } from "../data/raw-table.ts";
import { bucketSlices, valueSlices } from "./slices.ts";
import { tagsOf, usualTags } from "./tags.ts";

const genres = wordsOf(["Comedy|Drama", null, "Drama", "Drama|Drama", "Western", "Comedy"]);
const members = (slices: readonly { name: string; member: Uint8Array }[]) =>
  Object.fromEntries(slices.map(({ name, member }) => [name, [...member].join("")]));

test("the most frequent values of a column are slices; rows may be in several or in none", () => {
  const slices = valueSlices("items", "genres", genres, { separator: "|", top: 2 });
  expect(slices.map(({ of }) => of)).toEqual(["items", "items"]);
  expect(members(slices)).toEqual({ "genres=Drama": "101100", "genres=Comedy": "100001" });
  const apart = valueSlices("users", "city", wordsOf(["b|c", "a", "b|c", "z"]), { separator: ";", top: 9 });
  expect(members(apart)).toEqual({ "city=b|c": "1010", "city=a": "0100", "city=z": "0001" });
});

test("numbers are cut in parts of about equal size, whose names say where", () => {
  const ages = { kind: "numbers", values: Float64Array.of(18, 25, Number.NaN, 40, 61, 25) } as const;
  expect(members(bucketSlices("users", "age", ages, 2, "evaluate.slices[0]"))).toEqual({
    ...{ "age=[18, 25)": "100000", "age=[25, 61]": "010111" },
  });
  const words = wordsOf(["18", "61", null, "40"]);
  expect(members(bucketSlices("users", "age", words, 3, "evaluate.slices[0]"))).toEqual({
    ...{ "age=[18, 40)": "1000", "age=[40, 61)": "0001", "age=[61, 61]": "0100" },
  });
  expect(() => bucketSlices("users", "job", wordsOf(["cook"]), 2, "evaluate.slices[3]")).toThrow(
    'evaluate.slices[3].column job: "cook" is not a finite number',
  );
  expect(bucketSlices("users", "age", wordsOf([null]), 4, "evaluate.slices[0]")).toEqual([]);
});

test("every row with a number is in one bucket", () => {
  const numbers = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN)), { maxLength: 30 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 2, max: 9 }), (values, buckets) => {
      const slices = bucketSlices(
        "items",
        "x",
        { kind: "numbers", values: Float64Array.from(values) },
        buckets,
        "here",
      );
      for (const [row, value] of values.entries()) {
        expect(slices.filter(({ member }) => member[row]).length).toBe(Number.isNaN(value) ? 0 : 1);
      }
      expect(slices.length).toBeLessThanOrEqual(buckets);
      expect(new Set(slices.map(({ name }) => name)).size).toBe(slices.length);
    }),
  );
});

test("tags are the distinct values of each row, in the order of their codes", () => {
  const { count, start, code } = tagsOf(genres, "|");
  expect({ count, start: [...start], code: [...code] }).toEqual({
    ...{ count: 3, start: [0, 2, 2, 3, 4, 5, 6], code: [0, 1, 1, 1, 2, 0] },
  });
});

test("tags are looked for under the usual names", () => {
  const table = (...names: string[]) => ({ n: 6, columns: new Map(names.map((name) => [name, genres] as const)) });
  expect([table("year", "tags", "genres"), table("year"), undefined].map(usualTags)).toEqual([
    ...["genres", undefined, undefined],
  ]);
});
