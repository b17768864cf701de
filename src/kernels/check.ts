// Length checks shared by the views: a mismatch is a caller's bug, not a user's mistake.

import type { Kernels } from "./kernels.ts";

/** Throws RangeError unless `array` has n elements and lies in kernel memory. */
export function checkLength(what: string, array: ArrayBufferView & { readonly length: number }, n: number): void {
  if (array.length !== n) throw new RangeError(`${what} must have ${n} elements, got ${array.length}`);
  if (n > 0 && array.byteOffset === 0) throw new RangeError(`${what} must be an array in kernel memory`);
}

/** A sparse matrix by rows in kernel memory; without values every entry is 1. */
export interface Csr {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values?: Float32Array;
}

/** Throws RangeError unless `csr` has `rows` rows and as many entries as they say. */
export function checkCsr(what: string, csr: Csr, rows: number): void {
  checkLength(`${what}.indptr`, csr.indptr, rows + 1);
  checkLength(`${what}.indices`, csr.indices, csr.indptr[rows]!);
  if (csr.values) checkLength(`${what}.values`, csr.values, csr.indices.length);
}

/** Ranges of rows with nearly equal numbers of entries (a row itself counts as 4). */
export function balancedRanges(indptr: ArrayLike<number>, rows: number, parts: number): [start: number, end: number][] {
  const cost = (row: number) => indptr[row]! + 4 * row;
  const total = cost(rows);
  const found: [number, number][] = [];
  let start = 0;
  for (let p = 1; p <= parts && start < rows; p++) {
    let [low, high] = [start + 1, rows];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cost(middle) < (total * p) / parts) low = middle + 1;
      else high = middle;
    }
    const end = p === parts ? rows : low;
    found.push([start, end]);
    start = end;
  }
  return found;
}

/** How many calls to cut work into: one where there is one thread, else enough to even out slow threads. */
export const parts = (k: Kernels): number => (k.threads === 1 ? 1 : 4 * k.threads);
