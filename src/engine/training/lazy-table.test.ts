import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { lazyTable, rowsOf } from "./lazy-table.ts";

const [ROWS, WIDTH] = [9001, 3];

function counted() {
  let drawn = 0;
  const table = lazyTable([ROWS, WIDTH], () => {
    const rng = createRng("rows");
    return (rows) => {
      drawn += rows;
      return Float32Array.from({ length: rows * WIDTH }, () => rng.normal());
    };
  });
  return { table, drawn: () => drawn };
}

test("it is drawn when it is read, once, and to the same numbers as it is filled with, however that is cut", () => {
  const { table, drawn } = counted();
  const filled = new Float32Array(ROWS * WIDTH);
  const fill = rowsOf(table);
  expect([table.dims, drawn()]).toEqual([[ROWS, WIDTH], 0]);
  fill(filled.subarray(0, 4999 * WIDTH));
  fill(filled.subarray(4999 * WIDTH));
  expect(drawn()).toBe(ROWS);
  expect(table.data).toEqual(filled);
  expect(table.data).toBe(table.data);
  expect(drawn()).toBe(2 * ROWS);
});

test("what a reader has written counts from then on", () => {
  const { table, drawn } = counted();
  (table.data as Float32Array)[5] = 42;
  const filled = new Float32Array(ROWS * WIDTH);
  rowsOf(table)(filled);
  expect([filled[5], drawn()]).toEqual([42, ROWS]);
});
