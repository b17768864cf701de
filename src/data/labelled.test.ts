import fc from "fast-check";
import { expect, test } from "vitest";
import { prepareExamples } from "./labelled.ts";
import { joinTables, type RawColumn, type RawTable, takeRows, wordsOf } from "./raw-table.ts";
import { targets } from "./targets.ts";

const cell = fc.option(fc.constantFrom("a", "b", "c", "d"), { nil: null });
const table = (rows: (string | null)[]): RawTable => {
  const start = Uint32Array.from([0, ...rows]);
  for (let r = 0; r < rows.length; r++) start[r + 1] = start[r]! + (rows[r] === null ? 0 : 2);
  const pairs = rows.flatMap((word) => (word === null ? [] : [word, "z"]));
  const columns = new Map<string, RawColumn>([
    ["w", wordsOf(rows)],
    ["n", { kind: "numbers", values: Float64Array.from(rows, (word, r) => (word === null ? Number.NaN : r)) }],
    ["l", { kind: "lists", start, of: wordsOf(pairs) }],
  ]);
  return { n: rows.length, columns };
};
/** A column as plain values. */
function plain(column: RawColumn): unknown[] {
  if (column.kind === "words") return Array.from(column.code, (c) => column.words[c] ?? null);
  if (column.kind === "numbers") return [...column.values];
  const elements = plain(column.of);
  return Array.from(column.start.subarray(1), (end, r) => elements.slice(column.start[r], end));
}
const all = ({ n, columns }: RawTable) => ({ n, columns: [...columns].map(([name, c]) => [name, plain(c)]) });

test("rows taken from a table, or cut and joined again, are its rows", () => {
  fc.assert(
    fc.property(fc.array(cell), fc.nat(), (rows, cut) => {
      const whole = table(rows);
      const at = rows.length === 0 ? 0 : cut % (rows.length + 1);
      const order = Uint32Array.from(rows.keys());
      const parts = [takeRows(whole, order.subarray(0, at)), takeRows(whole, order.subarray(at))];
      expect(all(joinTables(parts))).toEqual(all(whole));
      expect(all(takeRows(whole, order))).toEqual(all(whole));
      expect(plain(takeRows(whole, order.toReversed()).columns.get("l")!)).toEqual(
        plain(whole.columns.get("l")!).toReversed(),
      );
    }),
  );
  const one = (column: RawColumn) => ({ n: 1, columns: new Map([["x", column]]) });
  const lists = table(["a"]).columns.get("l")!;
  expect(() => joinTables([one(wordsOf(["a"])), one(lists)])).toThrow(/holds lists in one file and texts in another/);
});

test("columns are fitted on train alone; a user has one number in every part", () => {
  const columns = new Map<string, RawColumn>([
    ["u", wordsOf(["x", "y", "x", "new"])],
    ["y", wordsOf(["0", "1", "1", "0"])],
    ["v", { kind: "numbers", values: Float64Array.of(1, 3, 1000, 2) }],
  ]);
  const log = { table: { n: 4, columns }, part: Uint8Array.of(0, 0, 1, 2), target: { label: "y", group: "u" } };
  const { train, validation, test } = prepareExamples(log, [
    { kind: "category", column: "u" },
    { kind: "number", column: "v" },
  ]);
  expect([train, validation, test].map((e) => [...e.ids])).toEqual([[2, 3], [2], [1]]);
  expect([train, validation, test].map((e) => [...e.group!])).toEqual([[0, 1], [0], [2]]);
  expect([...train.numeric, ...test.numeric]).toEqual([-1, 1, 0]);
  expect([...train.label, ...validation.label, ...test.label]).toEqual([0, 1, 1, 0]);
  expect(() => prepareExamples({ ...log, part: Uint8Array.of(1, 1, 1, 1) }, [])).toThrow(/train has no rows/);
});

test("labels: 0 and 1, or by a threshold; anything else is one sentence", () => {
  const of = (values: (string | null)[], threshold?: number) => {
    const columns = new Map([["y", wordsOf(values)]]);
    return [...targets({ n: values.length, columns }, { label: "y", threshold }).label];
  };
  expect(of(["0", "1"])).toEqual([0, 1]);
  expect(of(["-1", "1"], 1)).toEqual([0, 1]);
  expect(of(["3.5", "4", "5"], 4)).toEqual([0, 1, 1]);
  expect(() => of(["1", "5"])).toThrow(/label "y": row 2: must be 0 or 1, got 5; give a threshold/);
  expect(() => of(["1", null], 1)).toThrow(/label "y": row 2 has none/);
  expect(() => of(["yes"])).toThrow(/"yes" is not a finite number/);
});
