// Folding of operators that work element by element. Whole numbers are exact and wrap as in C. float32 is computed in
// double precision and rounded once, which for + - × ÷ √ gives the nearest float32. What the runtime alone defines
// (whole numbers over 0, casts out of range) is left to it.

import type { GraphTensor } from "../../tensor.ts";
import { type FoldRule, type InferContext, intAttribute } from "../rule.ts";
import { broadcastTo, isReal, larger, put, smaller, zeros } from "./tensors.ts";

const inputs = (c: InferContext, dims: readonly number[]): GraphTensor[] =>
  c.inputs.map((_, i) => broadcastTo(c.constant(i)!, dims));

const elementwise =
  (real?: (...x: number[]) => number, whole?: (...x: bigint[]) => bigint | undefined): FoldRule =>
  (c, [type]) => {
    const xs = inputs(c, type!.dims);
    const out = zeros(type!);
    const inReals = isReal(xs[0]!.dtype);
    for (let i = 0; i < out.data.length; i++) {
      const value = inReals
        ? real?.(...xs.map((x) => Number(x.data[i])))
        : whole?.(...xs.map((x) => BigInt(x.data[i]!)));
      if (value === undefined) return undefined;
      put(out.data, i, value);
    }
    return [out];
  };

const compare = (test: (a: number | bigint, b: number | bigint) => boolean): FoldRule =>
  elementwise(
    (a, b) => Number(test(a!, b!)),
    (a, b) => BigInt(test(a!, b!)),
  );

const whole = (of: (...x: bigint[]) => bigint | undefined): FoldRule => elementwise(undefined, of);

export const Add: FoldRule = elementwise(
  (a, b) => a! + b!,
  (a, b) => a! + b!,
);
export const Sub: FoldRule = elementwise(
  (a, b) => a! - b!,
  (a, b) => a! - b!,
);
export const Mul: FoldRule = elementwise(
  (a, b) => a! * b!,
  (a, b) => a! * b!,
);
export const Div: FoldRule = elementwise(
  (a, b) => a! / b!,
  (a, b) => (b ? a! / b : undefined),
);
export const Neg: FoldRule = elementwise(
  (x) => -x!,
  (x) => -x!,
);
export const Abs: FoldRule = elementwise(Math.abs, (x) => (x! < 0n ? -x! : x!));
export const Min: FoldRule = elementwise(Math.min, (...xs) => xs.reduce(smaller));
export const Max: FoldRule = elementwise(Math.max, (...xs) => xs.reduce(larger));
export const Floor: FoldRule = elementwise(Math.floor);
export const Ceil: FoldRule = elementwise(Math.ceil);
export const Sqrt: FoldRule = elementwise(Math.sqrt);
export const Reciprocal: FoldRule = elementwise((x) => 1 / x!);

const remainder: FoldRule = elementwise(
  (a, b) => a! % b!,
  (a, b) => (b ? a! % b : undefined),
);
// Of the divisor's sign.
const modulo = whole((a, b) => (b ? ((a! % b) + b) % b : undefined));
export const Mod: FoldRule = (c, types) => (intAttribute(c.node, "fmod", 0) ? remainder : modulo)(c, types);

export const Equal: FoldRule = compare((a, b) => a === b);
export const Greater: FoldRule = compare((a, b) => a > b);
export const GreaterOrEqual: FoldRule = compare((a, b) => a >= b);
export const Less: FoldRule = compare((a, b) => a < b);
export const LessOrEqual: FoldRule = compare((a, b) => a <= b);
export const And: FoldRule = whole((a, b) => a! & b!);
export const Or: FoldRule = whole((a, b) => a! | b!);
export const Xor: FoldRule = whole((a, b) => a! ^ b!);
export const Not: FoldRule = whole((x) => 1n - x!);

export const Where: FoldRule = (c, [type]) => {
  const [condition, a, b] = inputs(c, type!.dims);
  const out = zeros(type!);
  for (let i = 0; i < out.data.length; i++) put(out.data, i, (condition!.data[i] ? a! : b!).data[i]!);
  return [out];
};

/** What a cast to whole numbers keeps; beyond it runtimes differ. */
const range: Readonly<Record<string, readonly [number, number]>> = {
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
};

function converted(value: number | bigint, from: string, to: string): number | bigint | undefined {
  if (to === "bool") return Number(value) === 0 ? 0 : 1;
  if (from === to) return value;
  const real = Number(value);
  if (isReal(to)) return real;
  const [low, high] = range[to]!;
  return real >= low && real <= high ? Math.trunc(real) : undefined;
}

const cast: FoldRule = (c, [type]) => {
  const x = c.constant(0)!;
  const out = zeros(type!);
  for (let i = 0; i < out.data.length; i++) {
    const value = converted(x.data[i]!, x.dtype, type!.dtype);
    if (value === undefined) return undefined;
    put(out.data, i, value);
  }
  return [out];
};

export { cast as Cast, cast as CastLike };
