// Values of an encoder while it runs, the strides that its operators walk by, and what they refuse: encoders come from
// files, so no shape is believed.

import { UserError } from "../../base/errors.ts";

/** A row-major tensor; whole numbers are Int32Array. */
export interface Value {
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Most numbers in one value. */
const MOST = 2 ** 26;

/** Throws what is wrong with an encoder, after the operator's name. */
export function refuse(op: string, why: string): never {
  throw new UserError(`encoder: ${op} ${why}; export or seal it again.`);
}

export const shown = ({ dims }: Value): string => `[${dims.join(", ")}]`;
export const size = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);

/** Zeros for a value of `dims`; none of a size that cannot be. */
export function fresh(op: string, dims: readonly number[], whole = false): Float32Array | Int32Array {
  const n = size(dims);
  if (!dims.every((d) => Number.isInteger(d) && d >= 0) || n > MOST)
    refuse(op, `makes numbers of [${dims.join(", ")}]`);
  return whole ? new Int32Array(n) : new Float32Array(n);
}

export const isWhole = ({ data }: Value): boolean => data instanceof Int32Array;

/** The numbers of a float32 value. */
export function floats(op: string, value: Value | undefined): Float32Array {
  return value?.data instanceof Float32Array ? value.data : refuse(op, "wants float32 numbers");
}

/** int64 in 32 bits; what is beyond them (an end that means "the last") stays beyond every size. */
export const narrowed = (data: BigInt64Array): Int32Array =>
  Int32Array.from(data, (n) => Math.max(-0x7fffffff, Math.min(0x7fffffff, Number(n))));

/** An axis counted from the front. */
export function axisOf(op: string, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  return Number.isInteger(at) && at >= 0 && at < rank ? at : refuse(op, `has no axis ${axis} of ${rank}`);
}

/** Elements between neighbours along each axis. */
export function strides(dims: readonly number[]): number[] {
  const out = new Array<number>(dims.length);
  let step = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    out[i] = step;
    step *= dims[i]!;
  }
  return out;
}

/** Calls `visit` with the offset of each element of a view of `dims`, in row-major order. */
export function walk(dims: readonly number[], steps: readonly number[], visit: (offset: number) => void): void {
  const n = size(dims);
  if (n === 0) return;
  const rank = dims.length;
  const at = new Array<number>(rank).fill(0);
  let offset = 0;
  for (let i = 0; i < n; i++) {
    visit(offset);
    for (let axis = rank - 1; axis >= 0; axis--) {
      offset += steps[axis]!;
      if (++at[axis]! < dims[axis]!) break;
      offset -= at[axis]! * steps[axis]!;
      at[axis] = 0;
    }
  }
}

/** The elements at the offsets of a view, copied. */
export function viewed(op: string, from: Value, dims: readonly number[], steps: readonly number[], start = 0): Value {
  const data = fresh(op, dims, isWhole(from));
  let i = 0;
  walk(dims, steps, (offset) => {
    data[i++] = from.data[start + offset]!;
  });
  return { dims, data };
}
