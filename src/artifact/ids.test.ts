import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { decodeHistories, encodeHistories } from "./histories.ts";
import { decodeIds, encodeIds } from "./ids.ts";

const damagedOrSound = (decode: () => unknown) => {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
  }
};

describe("ids", () => {
  const number = fc.oneof(fc.nat({ max: 300 }), fc.nat()).map(String);
  const padded = fc.nat({ max: 9_999_999 }).map((n) => String(n).padStart(7, "0"));
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("", "00", "1e3", " 1", "-1", "+1", "é", "e\u0301", "\ufeffx"),
  );

  test.each([
    ["plain numbers", number],
    ["numbers of one width", padded],
    ["text", text],
    ["all of it", fc.oneof(number, padded, text)],
  ])("round trip in any order: %s", (_, ids) => {
    fc.assert(
      fc.property(fc.uniqueArray(ids), (list) => {
        expect(decodeIds(encodeIds(list), "x")).toEqual(list);
        const sorted = list.toSorted();
        expect(decodeIds(encodeIds(sorted), "x")).toEqual(sorted);
      }),
    );
  });

  test("numbers beyond 2^31, and text that is cut between surrogates, still are text", () => {
    const ids = ["9007199254740993", "4294967296", "2147483648"];
    expect(decodeIds(encodeIds(ids), "x")).toEqual(ids);
  });

  test("3,500 ascending seven-digit ids take less than 1.6 bytes each, against 7 as text", () => {
    const rng = createRng(3);
    const chosen = new Set<number>();
    while (chosen.size < 3500) chosen.add(rng.below(2_500_000));
    const ids = [...chosen].sort((a, b) => a - b).map((n) => String(n).padStart(7, "0"));
    expect(encodeIds(ids).length).toBeLessThan(3500 * 1.6);
  });

  test("damaged files are a UserError or a list of ids", () => {
    const files = [
      ["0012", "0044", "0100"],
      ["5", "3", "70000"],
      ["ab", "abc", "é"],
    ].map(encodeIds);
    const hostile = fc.oneof(
      fc
        .constantFrom(...files)
        .chain((file) =>
          fc.tuple(fc.nat(file.length - 1), fc.nat(255)).map(([at, b]) => file.map((x, i) => (i === at ? b : x))),
        ),
      fc.constantFrom(...files).chain((file) => fc.nat(file.length - 1).map((n) => file.slice(0, n))),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => damagedOrSound(() => decodeIds(bytes, "items.ids"))),
      { numRuns: 500 },
    );
    expect(() => decodeIds(files[2]!.slice(0, 5), "items.ids")).toThrow(/^items.ids: .*\.$/);
  });
});

describe("histories", () => {
  const rows = fc.array(
    fc.uniqueArray(fc.nat({ max: 99 })).map((row) => row.sort((a, b) => a - b)),
    { maxLength: 30 },
  );
  const csr = (lists: number[][]) => ({
    indptr: Int32Array.from([0, ...lists.map((_, u) => lists.slice(0, u + 1).flat().length)]),
    indices: Int32Array.from(lists.flat()),
  });

  test("round trip", () => {
    fc.assert(
      fc.property(rows, (lists) => {
        expect(decodeHistories(encodeHistories(csr(lists)), 100, "x")).toEqual(csr(lists));
      }),
    );
  });

  test("items out of range and damaged files are a UserError", () => {
    const file = encodeHistories(csr([[0, 5, 99], [], [3]]));
    expect(() => decodeHistories(file, 99, "histories.bin")).toThrow(/^histories.bin: user 0 has item 99 of 99/);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (at, b) =>
        damagedOrSound(() =>
          decodeHistories(
            file.map((x, i) => (i === at ? b : x)),
            100,
            "x",
          ),
        ),
      ),
      { numRuns: 500 },
    );
  });
});
