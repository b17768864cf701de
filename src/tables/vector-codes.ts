// pq and rq: a row is `parts` vectors out of codebooks of at most 256 each; `codes` names them, a byte a vector. In pq they
// stand side by side, the last one's rest cut off (product quantisation: Jégou, Douze & Schmid, 2011); in rq they are as
// long as the row and add up (residual quantisation: Chen, Guan & Wang, 2010). `layout` is parts, vectors in a codebook, and
// codebooks: one for each part or one for all. `codebooks` are float16, or of 8 bits, x = scale · (q - 128), with one of
// `scales` for each.

import { UserError } from "../base/errors.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { type CodedEncoding, codedRows } from "./coded.ts";
import { describeTable, expectTensors } from "./encoding.ts";
import { halfOrByte, joined, type KeptNumbers, readKept } from "./kept-numbers.ts";
import type { Table } from "./table.ts";

const vectorCodes = (added: boolean): CodedEncoding =>
  codedRows({
    check(table) {
      const layout = { type: [Int32Array], length: 3 };
      const eight = table.tensors["codebooks"] instanceof Uint8Array;
      expectTensors(table, {
        ...{ layout, codes: { type: [Uint8Array] }, codebooks: { type: halfOrByte } },
        ...(eight && { scales: { type: [Float32Array] } }),
      });
      const [parts, vectors, books] = layoutOf(table);
      const sound =
        parts >= 1 &&
        (added || parts <= table.cols) &&
        vectors >= 1 &&
        vectors <= 256 &&
        (books === 1 || books === parts) &&
        (!eight || table.tensors["scales"]!.length === books);
      const wanted = sound ? books * vectors * vectorLength(table.cols, parts, added) : 0;
      if (
        !sound ||
        table.tensors["codebooks"]!.length !== wanted ||
        table.tensors["codes"]!.length !== table.rows * parts
      )
        throw new UserError(`${describeTable(table)}: its layout does not fit its codes; seal it again.`);
    },
    rows(table, from, to): CodedRows {
      const [parts] = layoutOf(table);
      const sub = vectorLength(table.cols, parts, added);
      const books = booksOf(table);
      const book = new Float32Array(books.length * 256 * sub);
      books.forEach((one, b) => {
        book.set(readKept(one), b * 256 * sub);
      });
      const codes = (table.tensors["codes"] as Uint8Array).subarray(from * parts, to * parts);
      return { codes, parts, book, sub, step: added ? 0 : sub };
    },
  });

export const pq = vectorCodes(false);
export const rq = vectorCodes(true);

const vectorLength = (cols: number, parts: number, added: boolean) => (added ? cols : Math.ceil(cols / parts));

const layoutOf = ({ tensors }: Table) => tensors["layout"] as unknown as readonly [number, number, number];

/** The codebooks of a table that has passed check, as they are kept. */
export function booksOf(table: Table): KeptNumbers[] {
  const numbers = table.tensors["codebooks"] as KeptNumbers["numbers"];
  const scales = table.tensors["scales"] as Float32Array | undefined;
  const [, , books] = layoutOf(table);
  const length = numbers.length / books;
  return Array.from({ length: books }, (_, b) => ({
    numbers: numbers.subarray(b * length, (b + 1) * length),
    scale: scales?.[b],
  }));
}

/** The table of these codes and codebooks of as many vectors, kept alike: one for each part or one for all. */
export function vectorTable(
  encoding: "pq" | "rq",
  [rows, cols]: readonly [number, number],
  parts: number,
  codes: Uint8Array,
  books: readonly KeptNumbers[],
): Table {
  const { numbers, scale } = books[0]!;
  const layout = Int32Array.of(parts, numbers.length / vectorLength(cols, parts, encoding === "rq"), books.length);
  const codebooks = joined(books);
  const scales = scale === undefined ? {} : { scales: Float32Array.from(books, (book) => book.scale!) };
  return { encoding, rows, cols, tensors: { layout, codes, codebooks, ...scales } };
}
