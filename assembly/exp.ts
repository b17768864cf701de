// e^x on four float32 lanes: x = n·ln 2 + r, |r| ≤ ln 2 / 2, e^x = 2ⁿ·p(r) with Cephes' expf polynomial.
// Adding 1.5·2²³ rounds to n and leaves it in the low bits, from where it moves to the exponent.

/** Relative error ≤ 3e-7 for x in [-87.3, 88.3]; 0 below, saturated above; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.33)), f32x4.splat(88.37));
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(1.44269504)), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(127 << 23));
  return v128.andnot(f32x4.mul(y, power), f32x4.lt(x, f32x4.splat(-87.33)));
}

/** e^x for one number, the same bits as a lane of exp4. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** e^x of n numbers, for tests and for kernels that need no more. */
export function expAll(from: usize, to: usize, n: i32): void {
  const end = <usize>n << 2;
  let k: usize = 0;
  for (; k + 16 <= end; k += 16) v128.store(to + k, exp4(v128.load(from + k)));
  for (; k < end; k += 4) store<f32>(to + k, exp1(load<f32>(from + k)));
}

/** The sum of four lanes, (0+2)+(1+3). */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
