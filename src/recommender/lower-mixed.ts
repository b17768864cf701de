// A mixed-rows table in ONNX: rows are gathered from every band by their place in it, or from its first row where they are in
// another, and each takes the band that is its own.

import type { Builder } from "../graph/builder.ts";
import { type GraphTensor, int32, int64 } from "../graph/tensor.ts";
import { bandOfRows, rowsByBand } from "../tables/mixed-rows.ts";
import type { Table } from "../tables/table.ts";
import type { LoweredTable } from "./lower-table.ts";

/** `bands` are those of the table, lowered. */
export function lowerMixed(b: Builder, name: string, table: Table, bands: readonly LoweredTable[]): LoweredTable {
  const band = bandOfRows(table);
  const places = new Int32Array(table.rows);
  const all = new Int32Array(table.rows);
  let before = 0;
  for (const rows of rowsByBand(band, bands.length)) {
    rows.forEach((row, r) => {
      places[row] = r;
      all[row] = before + r;
    });
    before += rows.length;
  }
  const one = (value: number): GraphTensor => ({ dtype: "int32", dims: [], data: Int32Array.of(value) });
  const gather = (from: string, index: string) => b.node("Gather", [from, index], { axis: 0 });
  return {
    all: () =>
      gather(
        b.node(
          "Concat",
          bands.map((part) => part.all()),
          { axis: 0 },
        ),
        b.constant(`${name}.order`, int32([table.rows], all)),
      ),
    rows(index) {
      const own = gather(b.constant(`${name}.band`, int32([table.rows], Int32Array.from(band))), index);
      const place = gather(b.constant(`${name}.place`, int32([table.rows], places)), index);
      return bands.slice(1).reduce(
        (rows, part, k) => {
          const here = b.node("Equal", [own, b.constant("band", one(k + 1))]);
          const there = part.rows(b.node("Where", [here, place, b.constant("first", one(0))]));
          return b.node("Where", [b.node("Unsqueeze", [here, b.constant("axis", int64(-1))]), there, rows]);
        },
        bands[0]!.rows(
          b.node("Where", [b.node("Equal", [own, b.constant("band", one(0))]), place, b.constant("first", one(0))]),
        ),
      );
    },
  };
}
