// A sparse weight of a dense layer as constants that ONNX Runtime unpacks once, when it opens the model: a bit for each
// place, and the kept numbers in their order by their own encoding.
//
//     W = mask · kept[cumsum(mask) - 1]

import type { Builder } from "../../graph/builder.ts";
import { dtypeCode } from "../../graph/infer/dtypes.ts";
import { int32, int64, uint8 } from "../../graph/tensor.ts";
import { lowerTable } from "../../recommender/lower-table.ts";
import { decodeSparse } from "../../tables/sparse.ts";
import type { Table } from "../../tables/table.ts";

/** Appends the nodes that unpack a sparse table, and returns [rows, cols]. */
export function lowerSparse(b: Builder, table: Table): string {
  const { rows, cols, values } = table;
  const places = rows * cols;
  const bits = new Uint8Array(Math.ceil(places / 8));
  const { indptr, indices } = decodeSparse(table);
  for (let row = 0; row < rows; row++) {
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
      const place = row * cols + indices[at]!;
      bits[place >>> 3]! |= 1 << (place & 7);
    }
  }
  const by = Uint8Array.from({ length: 8 }, (_, bit) => 7 - bit);
  const packed = b.constant("table.places", uint8([bits.length, 1], bits));
  const high = b.node("BitShift", [packed, b.constant("lanes", uint8([8], by))], { direction: "LEFT" });
  const lowest = b.constant("seven", uint8([], Uint8Array.of(7)));
  const lanes = b.node("Reshape", [b.node("BitShift", [high, lowest], { direction: "RIGHT" }), flat(b)]);
  const slice = [0, places, 0].map((n) => b.constant("slice", int64(n)));
  const mask = b.node("Slice", [lanes, ...slice]);
  const counted = b.node("CumSum", [
    b.node("Cast", [mask], { to: dtypeCode.int32 }),
    b.constant("axis", int32([], Int32Array.of(0))),
  ]);
  const at = b.node("Sub", [counted, b.constant("one", int32([], Int32Array.of(1)))]);
  const kept = b.node("Reshape", [lowerTable(b, "table.values", values!).all(), flat(b)]);
  // Before the first kept number the index is -1: some number, times 0.
  const found = b.node("Mul", [
    b.node("Gather", [kept, at], { axis: 0 }),
    b.node("Cast", [mask], { to: dtypeCode.float32 }),
  ]);
  return b.node("Reshape", [found, b.constant("shape", int64(rows, cols))]);
}

const flat = (b: Builder): string => b.constant("flat", int64(-1));
