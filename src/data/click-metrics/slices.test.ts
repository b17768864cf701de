import { describe, expect, test } from "vitest";
import { parseOptions } from "../../kinds/options.ts";
import { type RawColumn, wordsOf } from "../raw-table.ts";
import { sliceOptions, slicesOf } from "./slices.ts";

// Train: rows 0-5; validation: 6; test: 7-11, which are places 0-4 of what is measured.
const part = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2);
const options = (more: object) => sliceOptions.parse({ column: "c", minRows: 2, ...more });
const found = (raw: RawColumn, more: object = {}) => {
  const { slices, leftOut } = slicesOf(raw, part, 2, options(more));
  return [Object.fromEntries(slices.map(({ name, rows }) => [name, [...rows]])), leftOut];
};
const words = (text: string) => wordsOf([...text].map((w) => (w === "." ? null : w)));
const numbers = (...values: number[]): RawColumn => ({ kind: "numbers", values: Float64Array.from(values) });

describe("slices", () => {
  test("a value each, the largest first; small ones are counted", () => {
    expect(found(words("aaabbbxbbbba"))).toEqual([
      { "c = b": [0, 1, 2, 3] },
      { "slices of c that are too small or too many": 1 },
    ]);
    expect(found(words("aaabbbxa..bb"))).toEqual([
      { "c = b": [3, 4], "c missing": [1, 2] },
      { "slices of c that are too small or too many": 1 },
    ]);
  });
  test("a row with a list is in the slice of each of its elements", () => {
    const start = Uint32Array.from([0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 4, 6, 6]);
    const raw: RawColumn = { kind: "lists", start, of: words("abacbb") };
    const texts = wordsOf([...Array.from({ length: 7 }, () => null), "a|b", "a", null, "b|b", null]);
    expect(found(texts, { separator: "|" })[0]).toEqual({ "c = a": [0, 1], "c = b": [0, 3], "c missing": [2, 4] });
    expect(found(raw)).toEqual([
      { "c = a": [0, 1], "c = b": [0, 3], "c missing": [2, 4] },
      { "slices of c that are too small or too many": 1 },
    ]);
  });
  test("intervals of a number follow from train alone; so do bands and what is cold", () => {
    const raw = numbers(1, 2, 3, 4, 5, 6, 99, 0, 3, 4, 1000, Number.NaN);
    expect(found(raw, { buckets: 2 })).toEqual([
      { "c below 4": [0, 1], "c from 4": [2, 3] },
      { "slices of c that are too small or too many": 1 },
    ]);
    expect(found(numbers(7, 7, 7, 7, 7, 7, 1, 2, 3, 7, 7, 7))).toEqual([{ "c any": [0, 1, 2, 3, 4] }, {}]);
    // In train: a 3, b 2, c 1; a third of six rows is a's, two thirds end within b.
    const raws = words("aaabbcdabcdd");
    expect(found(raws, { by: "popularity" })[0]).toEqual({ "c tail": [2, 3, 4] });
    expect(found(words("aaabbcdaabcb"), { by: "popularity" })).toEqual([
      { "c head": [0, 1], "c mid": [2, 4] },
      { "slices of c that are too small or too many": 1 },
    ]);
    expect(found(raws, { by: "cold", few: 3 })[0]).toEqual({
      "c not in train": [3, 4],
      "c with 1 to 2 rows in train": [1, 2],
    });
    expect(found(words("aaabbbaaa..b"), { by: "cold", few: 2 })[0]).toEqual({
      "c with 2 or more rows in train": [0, 1, 4],
      "c missing": [2, 3],
    });
  });
  test("a column of words is no number", () => {
    expect(() => found(words("aaabbbaaabab"), { by: "quantile" })).toThrow(/slice "c": "a" is not a finite number/);
  });
  test("at most fifty values of a column", () => {
    const many = Uint8Array.from({ length: 240 }, (_, r) => (r < 120 ? 0 : 2));
    const raw = wordsOf(Array.from({ length: 240 }, (_, r) => `w${r % 60}`));
    const { slices, leftOut } = slicesOf(raw, many, 2, options({}));
    expect([slices.length, Object.values(leftOut)]).toEqual([50, [10]]);
  });
});

test.each([
  [{ column: "c", by: "colour" }, "slices.by must be one of value, quantile, popularity, cold"],
  [{ column: "" }, "slices.column must have at least 1 character"],
  [{ column: "c", minRows: 1 }, "slices.minRows must be at least 2, got 1."],
  [{ column: "c", bucket: 3 }, 'there is no option "bucket". Did you mean "buckets"?'],
])("%j", (given, message) => {
  expect(() => parseOptions(sliceOptions, given, "slices")).toThrow(message.replace("slices.", ""));
});
