import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { checkTable, decodeRow, decodeTable } from "./decode.ts";
import { bandBytes, mixedRowsTable } from "./mixed-rows.ts";
import { f32Table, type Table, tableBytes } from "./table.ts";

/** Row r of the table holds r in all columns. */
function tableOf(band: Uint8Array, bands: number, cols: number): Table {
  const within = Array.from({ length: bands }, (_, b) => {
    const rows = [...band.keys()].filter((r) => band[r] === b);
    const numbers = rows.flatMap((r) => new Array<number>(cols).fill(r));
    return f32Table(rows.length, cols, Float32Array.from(numbers));
  });
  return mixedRowsTable(band, within);
}

test("every row is found in its band, alone and together", () => {
  const bands = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(bands, fc.integer({ min: 1, max: 4 }), (list, cols) => {
      const band = Uint8Array.from(list);
      const table = tableOf(band, 6, cols);
      checkTable(table);
      const expected = Float32Array.from({ length: list.length * cols }, (_, i) => Math.floor(i / cols));
      expect(decodeTable(table)).toEqual(expected);
      expect(decodeRow(table, list.length - 1)).toEqual(expected.subarray(-cols));
      expect(tableBytes(table)).toBe(4 * cols * list.length + bandBytes(band, 6));
    }),
  );
});

test("a single band stores no map; damage is one clear sentence", () => {
  const alone = tableOf(new Uint8Array(4), 1, 2);
  expect(tableBytes(alone)).toBe(32);
  const table = tableOf(Uint8Array.of(0, 1, 1, 0), 2, 2);
  const [first, second] = table.bands as [Table, Table];
  const damaged: Table[] = [
    { ...table, bands: [] },
    { ...table, bands: [first] },
    { ...table, bands: [first, { ...second, cols: 1 }] },
    { ...table, bands: [first, { ...second, rows: 1, tensors: { data: new Float32Array(2) } }] },
    { ...table, bands: [first, table] },
    { ...table, tensors: {} },
    { ...table, tensors: { band: new Uint8Array(1) } },
    { ...f32Table(1, 1, Float32Array.of(1)), bands: [first] },
  ];
  for (const one of damaged) expect(() => checkTable(one)).toThrow(UserError);
});
