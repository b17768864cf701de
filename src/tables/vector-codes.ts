// pq and rq: a row is `parts` vectors out of codebooks of at most 256 each; `codes` names them, a byte a vector. In pq they
// stand side by side, the last one's rest cut off (product quantisation: Jégou, Douze & Schmid, 2011); in rq they are as
// long as the row and add up (residual quantisation: Chen, Guan & Wang, 2010). `layout` is parts, vectors in a codebook, and
// codebooks: one for each part or one for all. `codebooks` are float16.

import { UserError } from "../base/errors.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { type CodedEncoding, codedRows } from "./coded.ts";
import { describeTable, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";
import type { Table } from "./table.ts";

const vectorCodes = (added: boolean): CodedEncoding =>
  codedRows({
    check(table) {
      const layout = { type: [Int32Array], length: 3 };
      expectTensors(table, { layout, codes: { type: [Uint8Array] }, codebooks: { type: [Uint16Array] } });
      const [parts, vectors, books] = layoutOf(table);
      const sound =
        parts >= 1 &&
        (added || parts <= table.cols) &&
        vectors >= 1 &&
        vectors <= 256 &&
        (books === 1 || books === parts);
      const wanted = sound ? books * vectors * vectorLength(table.cols, parts, added) : 0;
      if (
        !sound ||
        table.tensors["codebooks"]!.length !== wanted ||
        table.tensors["codes"]!.length !== table.rows * parts
      )
        throw new UserError(`${describeTable(table)}: its layout does not fit its codes; seal it again.`);
    },
    rows(table, from, to): CodedRows {
      const [parts, vectors, books] = layoutOf(table);
      const sub = vectorLength(table.cols, parts, added);
      const halves = table.tensors["codebooks"] as Uint16Array;
      const book = new Float32Array(books * 256 * sub);
      for (let b = 0; b < books; b++) {
        for (let i = 0; i < vectors * sub; i++) book[b * 256 * sub + i] = fromHalf(halves[b * vectors * sub + i]!);
      }
      const codes = (table.tensors["codes"] as Uint8Array).subarray(from * parts, to * parts);
      return { codes, parts, book, sub, step: added ? 0 : sub };
    },
  });

export const pq = vectorCodes(false);
export const rq = vectorCodes(true);

const vectorLength = (cols: number, parts: number, added: boolean) => (added ? cols : Math.ceil(cols / parts));

const layoutOf = ({ tensors }: Table) => tensors["layout"] as unknown as readonly [number, number, number];

/** The table of these codes; codebooks of `vectors` float16 vectors one after another, one for each part or one for all. */
export function vectorTable(
  encoding: "pq" | "rq",
  [rows, cols]: readonly [number, number],
  parts: number,
  codes: Uint8Array,
  codebooks: Uint16Array,
  books: number,
): Table {
  const vectors = codebooks.length / (books * vectorLength(cols, parts, encoding === "rq"));
  const layout = Int32Array.of(parts, vectors, books);
  return { encoding, rows, cols, tensors: { layout, codes, codebooks } };
}
