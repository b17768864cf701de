import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import type { Numbers, RawTable } from "./raw-table.ts";
import { recombine } from "./recombine.ts";

/** Column c of row r holds 100 c + r: a cell says where it comes from. */
const table = (n: number, columns: readonly string[]): RawTable => ({
  n,
  columns: new Map(
    columns.map((name, c) => [
      name,
      { kind: "numbers", values: Float64Array.from({ length: n }, (_, r) => 100 * c + r) },
    ]),
  ),
});
const rowsOf = (made: RawTable, name: string) => Array.from((made.columns.get(name) as Numbers).values, (x) => x % 100);

test("every made-up row is one row of the table, some columns of which come from one other row", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.01, max: 1 }), fc.nat(), (n, swap, seed) => {
      const names = ["a", "b", "c", "d"];
      const made = recombine(table(n, names), { times: 3, swap }, createRng(seed));
      expect(made.n).toBe(3 * n);
      const columns = names.map((name) => rowsOf(made, name));
      for (let r = 0; r < made.n; r++) {
        const others = new Set(columns.map((rows) => rows[r]!).filter((from) => from !== r % n));
        expect(others.size).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("as many cells move as swap says, of the columns that may", () => {
  const made = recombine(table(100, ["a", "b"]), { times: 100, swap: 0.3, columns: ["b"] }, createRng(1));
  const moved = (name: string) => rowsOf(made, name).filter((from, r) => from !== r % 100).length / made.n;
  expect(moved("a")).toBe(0);
  // 3/10 of the cells, one in a hundred of which comes from its own row again; 10,000 draws.
  expect(moved("b")).toBeCloseTo(0.297, 1.5);
});

test("a column holds the same numbers whatever columns are beside it", () => {
  const how = { times: 2, swap: 0.5 };
  const all = recombine(table(50, ["a", "b"]), how, createRng(7));
  const some = recombine({ n: 50, columns: new Map([...table(50, ["a", "b"]).columns].slice(1)) }, how, createRng(7));
  expect(rowsOf(some, "b")).toEqual(rowsOf(all, "b"));
});
