import { expect, test } from "vitest";
import { describe, rowsFor, titlesAndFeatures } from "./describing.ts";
import { type RawColumn, wordsOf } from "./raw-table.ts";

const list = {
  ...{ file: "films", delimiter: "|", quoted: false, header: false, id: 0 },
  columns: [
    { name: "title", at: 1 },
    { name: "tags", at: 2, separator: "," },
    { name: "flags", at: 3, flags: ["a", "b"] },
  ],
};
const wordsAt = (column: unknown, row: number) => {
  const { start, of } = column as { start: Uint32Array; of: { words: string[]; code: Int32Array } };
  return [...of.code.subarray(start[row], start[row + 1])].map((c) => of.words[c]);
};

test("reads words, cut lists and flags for the ids asked for, in their order", () => {
  const { titles, itemFeatures } = titlesAndFeatures(
    ["9", "2", "1"],
    describe(["9", "2", "1"], "1| One |x,y|1|0\n2|Two||1|1\n", list),
  );
  expect(titles).toEqual(["9", "Two", "One"]);
  expect(itemFeatures?.n).toBe(3);
  expect([...itemFeatures!.columns.keys()]).toEqual(["tags", "flags"]);
  expect([0, 1, 2].map((row) => wordsAt(itemFeatures!.columns.get("tags"), row))).toEqual([[], [], ["x", "y"]]);
  expect([0, 1, 2].map((row) => wordsAt(itemFeatures!.columns.get("flags"), row))).toEqual([[], ["a", "b"], ["a"]]);
});

test("a line that is too short is one sentence with its number", () => {
  expect(() => describe(["1"], "1|One|x|1|0\n2\n", list)).toThrow(
    'films: line 2: expected at least 2 fields separated by "|", got 1; correct the line.',
  );
});

test("rows of a table go to the ids that its key names, the last of several, missing for none", () => {
  const table = {
    n: 3,
    columns: new Map<string, RawColumn>([
      ["id", wordsOf(["b", "a", "b"])],
      ["age", { kind: "numbers", values: Float64Array.of(1, 2, 3) }],
    ]),
  };
  const found = rowsFor(["a", "b", "c"], table, "id", "users");
  expect([...found.columns.keys()]).toEqual(["age"]);
  expect([...(found.columns.get("age") as { values: Float64Array }).values]).toEqual([2, 3, Number.NaN]);
});
