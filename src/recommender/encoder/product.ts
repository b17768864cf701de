// Matrix products of encoders, row by row with the kernel that also scans item tables: no kernel of their own to ship.

import type { Kernels } from "../../kernels/kernels.ts";
import { scanF32 } from "../../kernels/scan.ts";
import { floats, refuse, shown, size, type Value } from "./value.ts";

/** Numbers in kernel memory until the run ends; of constants until the encoder is freed. */
export interface Desk {
  /** `data` as it is. */
  copied(data: Float32Array): Float32Array;
  /** A matrix of depth × columns as columns × depth; `constant` ones are turned once. */
  turned(data: Float32Array, depth: number, columns: number, constant: boolean): Float32Array;
  fresh(n: number): Float32Array;
  /** out (rows × columns) = a (rows × depth) · b (columns × depth)ᵀ, all in kernel memory. */
  product(a: Float32Array, b: Float32Array, rows: number, columns: number, depth: number, out: Float32Array): void;
}

export const rowProducts =
  (kernels: Kernels): Desk["product"] =>
  (a, b, rows, columns, depth, out) => {
    for (let r = 0; r < rows; r++) {
      const row = a.subarray(r * depth, (r + 1) * depth);
      scanF32(kernels, row, b, columns, depth, out.subarray(r * columns, (r + 1) * columns));
    }
  };

/** a · b of the last two axes; leading axes of b are those of a, or none. */
export function matmul(desk: Desk, op: string, a: Value, b: Value, constant: boolean): Value {
  const [depth, columns] = b.dims.slice(-2) as [number, number];
  const [outer, lead] = [a.dims.slice(0, -2), b.dims.slice(0, -2)];
  const products = size(lead);
  const matrices = a.dims.length >= b.dims.length && b.dims.length >= 2 && a.dims.at(-1) === depth;
  if (!matrices || (products !== 1 && lead.join() !== outer.join())) refuse(op, `of ${shown(a)} and ${shown(b)}`);
  const rows = size(a.dims.slice(0, -1));
  const each = rows / products;
  const left = desk.copied(floats(op, a));
  const all = floats(op, b);
  const out = desk.fresh(rows * columns);
  for (let p = 0; p < products; p++) {
    const matrix = products === 1 ? all : all.subarray(p * depth * columns, (p + 1) * depth * columns);
    const right = desk.turned(matrix, depth, columns, constant && products === 1);
    const part = (x: Float32Array, width: number) => x.subarray(p * each * width, (p + 1) * each * width);
    desk.product(part(left, depth), right, each, columns, depth, part(out, columns));
  }
  return { dims: [...a.dims.slice(0, -1), columns], data: out };
}
