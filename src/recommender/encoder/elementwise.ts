// Element-wise operators of encoders, with numpy's broadcasting.

import { fresh, isWhole, refuse, shown, size, strides, type Value, walk } from "./value.ts";

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;

const ROOT_HALF = Math.SQRT1_2;

/** erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - poly * Math.exp(-x * x));
}

export const unary: Readonly<Record<string, Unary>> = {
  Abs: Math.abs,
  Erf: erf,
  Exp: Math.exp,
  Gelu: (x) => 0.5 * x * (1 + erf(x * ROOT_HALF)),
  Identity: (x) => x,
  Log: Math.log,
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
};

export const binary: Readonly<Record<string, Binary>> = {
  Add: (x, y) => x + y,
  Div: (x, y) => x / y,
  Max: Math.max,
  Min: Math.min,
  Mul: (x, y) => x * y,
  Pow: (x, y) => x ** y,
  Sub: (x, y) => x - y,
};

export function mapEach({ dims, data }: Value, f: Unary): Value {
  return { dims, data: data instanceof Int32Array ? data.map(f) : data.map(f) };
}

export function combine(op: string, a: Value, b: Value, f: Binary): Value {
  const rank = Math.max(a.dims.length, b.dims.length);
  const pad = ({ dims }: Value) => [...new Array<number>(rank - dims.length).fill(1), ...dims];
  const [left, right] = [pad(a), pad(b)];
  if (!left.every((d, i) => d === right[i] || d === 1 || right[i] === 1)) {
    refuse(op, `of ${shown(a)} and ${shown(b)}, which do not broadcast`);
  }
  const dims = left.map((d, i) => (d === 1 ? right[i]! : d));
  const n = size(dims);
  const data = fresh(op, dims, isWhole(a) && isWhole(b));
  const [x, y] = [a.data, b.data];
  // b repeats as a whole along a's leading axes: the common case (a bias, a scalar, equal shapes).
  const own = right.findIndex((d) => d !== 1);
  if (x.length === n && (own < 0 || right.every((d, i) => i < own || d === dims[i]))) {
    for (let i = 0, j = 0; i < n; i++) {
      data[i] = f(x[i]!, y[j]!);
      if (++j === y.length) j = 0;
    }
    return { dims, data };
  }
  const steps = (of: readonly number[]) => strides(of).map((step, i) => (of[i] === 1 ? 0 : step));
  const offsets = new Int32Array(n);
  let i = 0;
  walk(dims, steps(right), (offset) => {
    offsets[i++] = offset;
  });
  i = 0;
  walk(dims, steps(left), (offset) => {
    data[i] = f(x[offset]!, y[offsets[i]!]!);
    i++;
  });
  return { dims, data };
}
