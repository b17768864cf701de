// turned: the rows of `values`, a table in another dense encoding, times the matrix `rotation` (cols × cols, float16, or of 8
// bits, x = scale · (q - 128)). A rotation under which few bits fit ships beside rows whose space is not ours to turn.

import { UserError } from "../base/errors.ts";
import { describeTable, type Encoding, expectTensors } from "./encoding.ts";
import { halfOrByte, type KeptNumbers, readKept } from "./kept-numbers.ts";
import type { Table } from "./table.ts";

/** The encoding, around rows in those of `within`. */
export const turned = (within: Readonly<Record<string, Encoding>>): Encoding => ({
  check(table) {
    const { rows, cols, values } = table;
    const scale = table.tensors["rotation"] instanceof Uint8Array && { scale: { type: [Float32Array], length: 1 } };
    expectTensors(table, { rotation: { type: halfOrByte, length: cols * cols }, ...scale });
    const encoding = values && Object.hasOwn(within, values.encoding) && within[values.encoding];
    if (!values || !encoding || values.rows !== rows || values.cols !== cols) {
      throw new UserError(
        `${describeTable(table)}: its values are missing, not dense or of another shape; seal the artifact again.`,
      );
    }
    encoding.check(values);
  },
  decode(table, from, to) {
    const { cols } = table;
    const values = table.values!;
    const numbers = within[values.encoding]!.decode(values, from, to);
    const rotation = readKept(rotationOf(table));
    const out = new Float32Array(numbers.length);
    const sum = new Float64Array(cols);
    for (let at = 0; at < numbers.length; at += cols) {
      sum.fill(0);
      for (let k = 0; k < cols; k++) {
        const x = numbers[at + k]!;
        for (let c = 0; c < cols; c++) sum[c]! += x * rotation[k * cols + c]!;
      }
      out.set(sum, at);
    }
    return out;
  },
});

/** The rotation of a table that has passed check, as it is kept. */
export function rotationOf({ tensors }: Table): KeptNumbers {
  const { rotation, scale } = tensors;
  return { numbers: rotation as KeptNumbers["numbers"], scale: scale?.[0] };
}

/** The table whose rows are those of `values` times `rotation`. */
export function turnedTable(values: Table, { numbers, scale }: KeptNumbers): Table {
  const { rows, cols } = values;
  const tensors = { rotation: numbers, ...(scale !== undefined && { scale: Float32Array.of(scale) }) };
  return { encoding: "turned", rows, cols, tensors, values };
}
