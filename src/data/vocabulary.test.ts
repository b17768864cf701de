import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeIds } from "./vocabulary.ts";

test("canonical integers sort as numbers, anything else by code unit", () => {
  expect(encodeIds(["10", "9", "0"]).vocabulary).toEqual(["0", "9", "10"]);
  expect(encodeIds(["10", "9", "a"]).vocabulary).toEqual(["10", "9", "a"]);
  expect(encodeIds(["010", "9"]).vocabulary).toEqual(["010", "9"]);
  expect(encodeIds(["é", "z", "A"]).vocabulary).toEqual(["A", "z", "é"]);
});

test("ids that only look alike stay apart", () => {
  const ids = ["1", "01", "1.0", " 1", "+1", "__proto__", "constructor", "9007199254740993", "9007199254740992"];
  expect(encodeIds(ids).vocabulary).toHaveLength(ids.length);
});

test("decoding gives the ids back, whatever they are and in whatever order they came", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat().map(String), fc.string({ unit: "grapheme" }))), (ids) => {
      const { vocabulary, index } = encodeIds(ids);
      expect(Array.from(index, (at) => vocabulary[at])).toEqual(ids);
      expect(encodeIds(ids.toReversed()).vocabulary).toEqual(vocabulary);
      expect(new Set(vocabulary).size).toBe(vocabulary.length);
    }),
  );
});
