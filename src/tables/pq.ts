// pq: product quantisation (Jégou, Douze & Schmid, 2011). A row is cut into `parts` pieces of equal length, the last one
// filled up with zeros, and each piece is one of at most 256 vectors: `codes` names them, a byte a piece. `layout` is parts,
// vectors in a codebook, and codebooks: one for each piece or one for all. `codebooks` are float16.

import { UserError } from "../base/errors.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { codedRows } from "./coded.ts";
import { describeTable, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";
import type { Table } from "./table.ts";

export const pq = codedRows({
  check(table) {
    const layout = { type: [Int32Array], length: 3 };
    expectTensors(table, { layout, codes: { type: [Uint8Array] }, codebooks: { type: [Uint16Array] } });
    const [parts, vectors, books] = layoutOf(table);
    const sound =
      parts >= 1 && parts <= table.cols && vectors >= 1 && vectors <= 256 && (books === 1 || books === parts);
    const wanted = sound ? books * vectors * Math.ceil(table.cols / parts) : 0;
    if (
      !sound ||
      table.tensors["codebooks"]!.length !== wanted ||
      table.tensors["codes"]!.length !== table.rows * parts
    )
      throw new UserError(`${describeTable(table)}: its layout does not fit its codes; seal it again.`);
  },
  rows(table, from, to): CodedRows {
    const [parts, vectors, books] = layoutOf(table);
    const sub = Math.ceil(table.cols / parts);
    const halves = table.tensors["codebooks"] as Uint16Array;
    const book = new Float32Array(books * 256 * sub);
    for (let b = 0; b < books; b++) {
      for (let i = 0; i < vectors * sub; i++) book[b * 256 * sub + i] = fromHalf(halves[b * vectors * sub + i]!);
    }
    const codes = (table.tensors["codes"] as Uint8Array).subarray(from * parts, to * parts);
    return { codes, parts, book, sub, step: sub };
  },
});

const layoutOf = ({ tensors }: Table) => tensors["layout"] as unknown as readonly [number, number, number];

/** The table of these codes; codebooks of `vectors` float16 vectors one after another, one for each part or one for all. */
export function pqTable(
  [rows, cols]: readonly [number, number],
  parts: number,
  codes: Uint8Array,
  codebooks: Uint16Array,
  books: number,
): Table {
  const vectors = codebooks.length / (books * Math.ceil(cols / parts));
  const layout = Int32Array.of(parts, vectors, books);
  return { encoding: "pq", rows, cols, tensors: { layout, codes, codebooks } };
}
