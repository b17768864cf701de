// Small tensors while folding: made, read with strides, copied in blocks. One number an element: no packed types, no text.

import { elements, type GraphTensor, tensorBytes } from "../../tensor.ts";
import type { ValueType } from "../rule.ts";

type Data = GraphTensor["data"];

const arrayOf: ReadonlyMap<string, new (n: number) => Data> = new Map<string, new (n: number) => Data>([
  ["float32", Float32Array],
  ["float64", Float64Array],
  ["int64", BigInt64Array],
  ["int32", Int32Array],
  ["uint8", Uint8Array],
  ["int8", Int8Array],
  ["bool", Uint8Array],
]);

/** Whether values of a dtype fold at all. */
export const folds = (dtype: string): boolean => arrayOf.has(dtype);
export const isReal = (dtype: string): boolean => dtype === "float32" || dtype === "float64";

/** A tensor of zeros of a dtype that folds. */
export const zeros = ({ dtype, dims }: ValueType): GraphTensor => ({
  dtype,
  dims,
  data: new (arrayOf.get(dtype)!)(elements(dims)),
});

export function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** Stores a number as the array's type does; whole numbers wrap as in C. */
export function put(data: Data, i: number, value: number | bigint): void {
  if (data instanceof BigInt64Array) data[i] = BigInt(value);
  else data[i] = typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : value;
}

/** The same numbers under other dims. */
export const reshaped = ({ dtype, data }: GraphTensor, dims: readonly number[]): GraphTensor => ({ dtype, dims, data });

/** How far apart the elements of each axis are. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * dims[i + 1]!;
  return strides;
}

/** out[i, j, …] = source[offset + i · strides[0] + j · strides[1] + …]. */
export function strided(
  source: GraphTensor,
  dims: readonly number[],
  strides: readonly number[],
  offset = 0,
): GraphTensor {
  const out = zeros({ dtype: source.dtype, dims });
  const at = dims.map(() => 0);
  let from = offset;
  for (let i = 0; i < out.data.length; i++) {
    put(out.data, i, source.data[from]!);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      at[axis]!++;
      if (at[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

/** A tensor repeated along the axes where it is 1 or has none. */
export function broadcastTo(tensor: GraphTensor, dims: readonly number[]): GraphTensor {
  if (tensor.dims.join() === dims.join()) return tensor;
  const own = stridesOf(tensor.dims);
  const lead = dims.length - tensor.dims.length;
  const strides = dims.map((_, i) => (i < lead || tensor.dims[i - lead] === 1 ? 0 : own[i - lead]!));
  return strided(tensor, dims, strides);
}

/** Copies n elements. */
export function copy(to: GraphTensor, at: number, from: GraphTensor, start: number, n: number): void {
  const size = to.data.BYTES_PER_ELEMENT;
  tensorBytes(to).set(tensorBytes(from).subarray(start * size, (start + n) * size), at * size);
}
