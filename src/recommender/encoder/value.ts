// Values of an encoder while it runs, and the strides that its operators walk by.

/** A row-major tensor; whole numbers are Int32Array. */
export interface Value {
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export const size = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);

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
export function viewed(from: Value, dims: readonly number[], steps: readonly number[], start = 0): Value {
  const data = from.data instanceof Int32Array ? new Int32Array(size(dims)) : new Float32Array(size(dims));
  let i = 0;
  walk(dims, steps, (offset) => {
    data[i++] = from.data[start + offset]!;
  });
  return { dims, data };
}

/** An axis counted from the front. */
export const front = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
