// Dot products of one float query with every row of a table: float32 rows, or FBGEMM int8 / int4 rows.
// For packed rows the query is a 30-bit fixed-point number, unit·(hi·2¹⁵ + lo) with 15-bit signed hi and lo, so that
// Σ q_i·n_i is an exact integer sum: out = scale·unit·Σ(hi·2¹⁵ + lo)·n + bias·Σq.
import { sumLanes } from "./exp";

/** out[r] = q · table[r,:] for r in [start, end). */
export function scanF32(query: usize, table: usize, start: i32, end: i32, width: i32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let r = start; r < end; r++) {
    const x = table + <usize>r * bytes;
    let a = f32x4.splat(0), b = a, c = a, d = a;
    let k: usize = 0;
    for (; k + 64 <= bytes; k += 64) {
      a = f32x4.add(a, f32x4.mul(v128.load(query + k), v128.load(x + k)));
      b = f32x4.add(b, f32x4.mul(v128.load(query + k, 16), v128.load(x + k, 16)));
      c = f32x4.add(c, f32x4.mul(v128.load(query + k, 32), v128.load(x + k, 32)));
      d = f32x4.add(d, f32x4.mul(v128.load(query + k, 48), v128.load(x + k, 48)));
    }
    for (; k + 16 <= bytes; k += 16) a = f32x4.add(a, f32x4.mul(v128.load(query + k), v128.load(x + k)));
    let sum = sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
    for (; k < bytes; k += 4) sum += load<f32>(query + k) * load<f32>(x + k);
    store<f32>(out + (<usize>r << 2), sum);
  }
}

/**
 * out[r] = q · row r for r in [start, end). `query` holds 64 bytes for every 16 columns: hi of columns 0-7, hi of 8-15,
 * lo of 0-7, lo of 8-15, as int16, zero beyond the width. Reads run up to 15 bytes past
 * a row's numbers, so the rows at the end are first copied to `spare`, which has room for one row and 16 bytes.
 */
export function scanInt8(
  query: usize, unit: f64, querySum: f64, table: usize, start: i32, end: i32, width: i32, out: usize, spare: usize,
): void {
  const stride = <usize>width + 8;
  const chunks = (width + 15) >> 4;
  const reach = <usize>chunks << 4, limit = table + <usize>end * stride;
  for (let r = start; r < end; r++) {
    let x = table + <usize>r * stride;
    if (x + reach > limit) {
      memory.copy(spare, x, stride);
      x = spare;
    }
    let total: f64 = 0;
    for (let first = 0; first < chunks; first += 32) {
      let p = x + (<usize>first << 4), q = query + (<usize>first << 6);
      let hi = i32x4.splat(0), lo = hi;
      for (let left = min(32, chunks - first); left > 0; left--) {
        const v = v128.load(p);
        const low = i16x8.extend_low_i8x16_u(v), high = i16x8.extend_high_i8x16_u(v);
        hi = i32x4.add(hi, i32x4.dot_i16x8_s(low, v128.load(q)));
        hi = i32x4.add(hi, i32x4.dot_i16x8_s(high, v128.load(q, 16)));
        lo = i32x4.add(lo, i32x4.dot_i16x8_s(low, v128.load(q, 32)));
        lo = i32x4.add(lo, i32x4.dot_i16x8_s(high, v128.load(q, 48)));
        p += 16;
        q += 64;
      }
      total += <f64>sumInts(hi) * 32768 + <f64>sumInts(lo);
    }
    const scale = <f64>load<f32>(x + <usize>width), bias = <f64>load<f32>(x + <usize>width, 4);
    store<f32>(out + (<usize>r << 2), <f32>(scale * (unit * total) + bias * querySum));
  }
}

/**
 * The same for int4 rows. `query` holds 128 bytes for every 32 columns: hi of the even columns (two vectors), hi of the
 * odd ones, lo of the even ones, lo of the odd ones.
 */
export function scanInt4(
  query: usize, unit: f64, querySum: f64, table: usize, start: i32, end: i32, width: i32, out: usize, spare: usize,
): void {
  const packed = <usize>((width + 1) >> 1);
  const stride = packed + 4;
  const chunks = (width + 31) >> 5;
  const reach = <usize>chunks << 4, limit = table + <usize>end * stride;
  const mask = i8x16.splat(15);
  for (let r = start; r < end; r++) {
    let x = table + <usize>r * stride;
    if (x + reach > limit) {
      memory.copy(spare, x, stride);
      x = spare;
    }
    let total: f64 = 0;
    for (let first = 0; first < chunks; first += 32) {
      let p = x + (<usize>first << 4), q = query + (<usize>first << 7);
      let hi = i32x4.splat(0), lo = hi;
      for (let left = min(32, chunks - first); left > 0; left--) {
        const v = v128.load(p);
        const even = v128.and(v, mask), odd = v128.and(i16x8.shr_u(v, 4), mask);
        const a = i16x8.extend_low_i8x16_u(even), b = i16x8.extend_high_i8x16_u(even);
        const c = i16x8.extend_low_i8x16_u(odd), d = i16x8.extend_high_i8x16_u(odd);
        hi = i32x4.add(hi, i32x4.dot_i16x8_s(a, v128.load(q)));
        hi = i32x4.add(hi, i32x4.dot_i16x8_s(b, v128.load(q, 16)));
        hi = i32x4.add(hi, i32x4.dot_i16x8_s(c, v128.load(q, 32)));
        hi = i32x4.add(hi, i32x4.dot_i16x8_s(d, v128.load(q, 48)));
        lo = i32x4.add(lo, i32x4.dot_i16x8_s(a, v128.load(q, 64)));
        lo = i32x4.add(lo, i32x4.dot_i16x8_s(b, v128.load(q, 80)));
        lo = i32x4.add(lo, i32x4.dot_i16x8_s(c, v128.load(q, 96)));
        lo = i32x4.add(lo, i32x4.dot_i16x8_s(d, v128.load(q, 112)));
        p += 16;
        q += 128;
      }
      total += <f64>sumInts(hi) * 32768 + <f64>sumInts(lo);
    }
    const scale = <f64>halfAt(x + packed), bias = <f64>halfAt(x + packed + 2);
    store<f32>(out + (<usize>r << 2), <f32>(scale * (unit * total) + bias * querySum));
  }
}

// @ts-ignore: decorator
@inline
function sumInts(x: v128): i32 {
  const pairs = i32x4.add(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** The half at `at` as float32: exponent and fraction moved up and multiplied by 2¹¹², exact for subnormals too. */
// @ts-ignore: decorator
@inline
function halfAt(at: usize): f32 {
  const h = <u32>load<u16>(at);
  const size = reinterpret<f32>((h & 0x7fff) << 13) * <f32>5.192296858534828e33;
  return reinterpret<f32>(reinterpret<u32>(size) | ((h & 0x8000) << 16));
}
