// What the encodings of byte codes share (kernels/coded.ts): how rows of them are read.

import { type CodedRows, codedWidth } from "../kernels/coded.ts";
import type { Encoding } from "./encoding.ts";
import type { Table } from "./table.ts";

/** An encoding whose rows are byte codes. */
export interface CodedEncoding extends Encoding {
  /** Rows [from, to) as codes. The table has passed check. */
  rows(table: Table, from: number, to: number): CodedRows;
}

export const codedRows = (own: Omit<CodedEncoding, "decode">): CodedEncoding => ({
  ...own,
  decode(table, from, to) {
    const { cols } = table;
    const coded = own.rows(table, from, to);
    const { codes, parts, book, sub, step, scales } = coded;
    const stride = book.length === 256 * sub ? 0 : 256 * sub;
    const row = new Float32Array(codedWidth(coded));
    const out = new Float32Array((to - from) * cols);
    for (let r = 0; r < to - from; r++) {
      row.fill(0);
      const scale = scales ? scales[r]! : 1;
      for (let p = 0; p < parts; p++) {
        const at = p * stride + codes[r * parts + p]! * sub;
        for (let j = 0; j < sub; j++) row[p * step + j]! += scale * book[at + j]!;
      }
      out.set(row.subarray(0, cols), r * cols);
    }
    return out;
  },
});
