// column-codes: every column has its own levels, and which one a number is, is entropy-coded with the column's own
// frequencies (rans.ts). `levels` holds the float16 levels of all columns one after another, `counts` how many each column
// has (1 to 255), `streams` the coded columns and `lengths` their bytes; a column of one level has none. With `scales`
// (row-scales.ts) a number is its level times its row's scale.

import { UserError } from "../base/errors.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { codedRows } from "./coded.ts";
import { describeTable, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";
import { decodeRans, encodeRans } from "./rans.ts";
import { type RowScales, readScales, scalesExpected } from "./row-scales.ts";
import type { Table } from "./table.ts";

export const columnCodes = codedRows({
  whole: true,
  check(table) {
    expectTensors(table, {
      levels: { type: [Uint16Array] },
      counts: { type: [Uint8Array], length: table.cols },
      streams: { type: [Uint8Array] },
      lengths: { type: [Int32Array], length: table.cols },
      ...("scales" in table.tensors && scalesExpected(table)),
    });
    const { levels, counts, streams, lengths } = table.tensors;
    const sum = (numbers: Iterable<number>) => {
      let total = 0;
      for (const x of numbers) total += x;
      return total;
    };
    const damaged =
      sum(counts!) !== levels!.length ||
      sum(lengths!) !== streams!.length ||
      counts!.includes(0) ||
      lengths!.some((length: number) => length < 0);
    if (damaged) throw new UserError(`${describeTable(table)}: its columns do not fit together; seal it again.`);
  },
  rows(table, from, to): CodedRows {
    const { cols } = table;
    const { levels, counts, streams, lengths } = table.tensors;
    const codes = new Uint8Array((to - from) * cols);
    const book = new Float32Array(256 * cols);
    for (let c = 0, level = 0, at = 0; c < cols; c++) {
      const count = counts![c]!;
      for (let k = 0; k < count; k++) book[c * 256 + k] = fromHalf(levels![level++]!);
      const stream = (streams as Uint8Array).subarray(at, at + lengths![c]!);
      at += stream.length;
      if (count === 1) continue;
      const column = decodeRans(stream, table.rows, count, describeTable(table));
      for (let r = from; r < to; r++) codes[(r - from) * cols + c] = column[r]!;
    }
    const scales = "scales" in table.tensors && { scales: readScales(table, from, to) };
    return { codes, parts: cols, book, sub: 1, step: 1, ...scales };
  },
});

/** A column's levels, as float16 bits, and which of them each row has. */
export interface CodedColumn {
  readonly levels: Uint16Array;
  readonly indices: Uint8Array;
}

/** The table of these columns; the entropy coding happens here. */
export function columnCodesTable(rows: number, columns: readonly CodedColumn[], scales?: RowScales): Table {
  const coded = columns.map(({ levels, indices }) =>
    levels.length === 1 ? new Uint8Array(0) : encodeRans(indices, levels.length),
  );
  const lengths = Int32Array.from(coded, (stream) => stream.length);
  const streams = new Uint8Array(lengths.reduce((sum, n) => sum + n, 0));
  const levels = new Uint16Array(columns.reduce((sum, column) => sum + column.levels.length, 0));
  let [at, level] = [0, 0];
  columns.forEach((column, c) => {
    streams.set(coded[c]!, at);
    levels.set(column.levels, level);
    at += coded[c]!.length;
    level += column.levels.length;
  });
  const counts = Uint8Array.from(columns, (column) => column.levels.length);
  const tensors = { levels, counts, streams, lengths, ...scales };
  return { encoding: "column-codes", rows, cols: columns.length, tensors };
}
