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
 * out[r] = q · row r for r in [start, end). `query` holds 64 bytes for every 16 columns: hi of the 8 even columns, hi of
 * the odd ones, lo of the even ones, lo of the odd ones, as int16, zero beyond the width. Reads run up to 15 bytes past
 * a row's numbers, so the rows at the end are first copied to `spare`, which has room for one row and 16 bytes.
 */
export function scanInt8(
  query: usize, unit: f64, querySum: f64, table: usize, start: i32, end: i32, width: i32, out: usize, spare: usize,
): void {
  const stride = <usize>width + 8;
  const chunks = (width + 15) >> 4;
  const reach = <usize>chunks << 4, limit = table + <usize>end * stride;
  const even = i16x8.splat(0xff);
  let r = start;
  if (chunks <= 32) {
    for (; r + 4 <= end && table + <usize>(r + 3) * stride + reach <= limit; r += 4) {
      const x = table + <usize>r * stride, y = x + stride, z = y + stride, w = z + stride;
      let xh = i32x4.splat(0), xl = xh, yh = xh, yl = xh, zh = xh, zl = xh, wh = xh, wl = xh;
      let q = query;
      for (let k: usize = 0; k < reach; k += 16) {
        const q0 = v128.load(q), q1 = v128.load(q, 16), q2 = v128.load(q, 32), q3 = v128.load(q, 48);
        let v = v128.load(x + k), a = v128.and(v, even), b = i16x8.shr_u(v, 8);
        xh = i32x4.add(xh, i32x4.add(i32x4.dot_i16x8_s(a, q0), i32x4.dot_i16x8_s(b, q1)));
        xl = i32x4.add(xl, i32x4.add(i32x4.dot_i16x8_s(a, q2), i32x4.dot_i16x8_s(b, q3)));
        v = v128.load(y + k);
        a = v128.and(v, even);
        b = i16x8.shr_u(v, 8);
        yh = i32x4.add(yh, i32x4.add(i32x4.dot_i16x8_s(a, q0), i32x4.dot_i16x8_s(b, q1)));
        yl = i32x4.add(yl, i32x4.add(i32x4.dot_i16x8_s(a, q2), i32x4.dot_i16x8_s(b, q3)));
        v = v128.load(z + k);
        a = v128.and(v, even);
        b = i16x8.shr_u(v, 8);
        zh = i32x4.add(zh, i32x4.add(i32x4.dot_i16x8_s(a, q0), i32x4.dot_i16x8_s(b, q1)));
        zl = i32x4.add(zl, i32x4.add(i32x4.dot_i16x8_s(a, q2), i32x4.dot_i16x8_s(b, q3)));
        v = v128.load(w + k);
        a = v128.and(v, even);
        b = i16x8.shr_u(v, 8);
        wh = i32x4.add(wh, i32x4.add(i32x4.dot_i16x8_s(a, q0), i32x4.dot_i16x8_s(b, q1)));
        wl = i32x4.add(wl, i32x4.add(i32x4.dot_i16x8_s(a, q2), i32x4.dot_i16x8_s(b, q3)));
        q += 64;
      }
      const tail = x + <usize>width;
      const xy = v128.load64_lane(tail + stride, v128.load64_zero(tail), 1);
      const zw = v128.load64_lane(tail + 3 * stride, v128.load64_zero(tail + 2 * stride), 1);
      const scale = v128.shuffle<f32>(xy, zw, 0, 2, 4, 6), bias = v128.shuffle<f32>(xy, zw, 1, 3, 5, 7);
      const hi = sums(xh, yh, zh, wh), lo = sums(xl, yl, zl, wl);
      v128.store(out + (<usize>r << 2), finish(hi, lo, scale, bias, unit, querySum));
    }
  }
  for (; r < end; r++) {
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
        const a = v128.and(v, even), b = i16x8.shr_u(v, 8);
        hi = i32x4.add(hi, i32x4.add(i32x4.dot_i16x8_s(a, v128.load(q)), i32x4.dot_i16x8_s(b, v128.load(q, 16))));
        lo = i32x4.add(lo, i32x4.add(i32x4.dot_i16x8_s(a, v128.load(q, 32)), i32x4.dot_i16x8_s(b, v128.load(q, 48))));
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
 * The same for int4 rows. `query` holds 128 bytes for every 32 columns: hi of the columns 4i, of 4i+1, 4i+2 and 4i+3,
 * then lo of the same.
 */
export function scanInt4(
  query: usize, unit: f64, querySum: f64, table: usize, start: i32, end: i32, width: i32, out: usize, spare: usize,
): void {
  const packed = <usize>((width + 1) >> 1);
  const stride = packed + 4;
  const chunks = (width + 31) >> 5;
  const reach = <usize>chunks << 4, limit = table + <usize>end * stride;
  let r = start;
  if (chunks <= 32) {
    for (; r + 4 <= end && table + <usize>(r + 3) * stride + reach <= limit; r += 4) {
      const x = table + <usize>r * stride, y = x + stride, z = y + stride, w = z + stride;
      let xh = i32x4.splat(0), xl = xh, yh = xh, yl = xh, zh = xh, zl = xh, wh = xh, wl = xh;
      let q = query;
      for (let k: usize = 0; k < reach; k += 16) {
        let v = v128.load(x + k);
        xh = i32x4.add(xh, nibbles(v, q));
        xl = i32x4.add(xl, nibbles(v, q + 64));
        v = v128.load(y + k);
        yh = i32x4.add(yh, nibbles(v, q));
        yl = i32x4.add(yl, nibbles(v, q + 64));
        v = v128.load(z + k);
        zh = i32x4.add(zh, nibbles(v, q));
        zl = i32x4.add(zl, nibbles(v, q + 64));
        v = v128.load(w + k);
        wh = i32x4.add(wh, nibbles(v, q));
        wl = i32x4.add(wl, nibbles(v, q + 64));
        q += 128;
      }
      let tail = v128.load32_lane(y + packed, v128.load32_zero(x + packed), 1);
      tail = v128.load32_lane(w + packed, v128.load32_lane(z + packed, tail, 2), 3);
      const scale = floats(v128.and(tail, i32x4.splat(0xffff))), bias = floats(i32x4.shr_u(tail, 16));
      const hi = sums(xh, yh, zh, wh), lo = sums(xl, yl, zl, wl);
      v128.store(out + (<usize>r << 2), finish(hi, lo, scale, bias, unit, querySum));
    }
  }
  for (; r < end; r++) {
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
        hi = i32x4.add(hi, nibbles(v, q));
        lo = i32x4.add(lo, nibbles(v, q + 64));
        p += 16;
        q += 128;
      }
      total += <f64>sumInts(hi) * 32768 + <f64>sumInts(lo);
    }
    const tail = v128.load32_zero(x + packed);
    const scale = <f64>f32x4.extract_lane(floats(v128.and(tail, i32x4.splat(0xffff))), 0);
    const bias = <f64>f32x4.extract_lane(floats(i32x4.shr_u(tail, 16)), 0);
    store<f32>(out + (<usize>r << 2), <f32>(scale * (unit * total) + bias * querySum));
  }
}

/** Σ q·n over 32 nibbles: int16 lane i of v holds the columns 4i (low bits) to 4i+3. */
// @ts-ignore: decorator
@inline
function nibbles(v: v128, q: usize): v128 {
  const mask = i16x8.splat(15);
  const a = i32x4.dot_i16x8_s(v128.and(v, mask), v128.load(q));
  const b = i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(v, 4), mask), v128.load(q, 16));
  const c = i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(v, 8), mask), v128.load(q, 32));
  return i32x4.add(i32x4.add(a, b), i32x4.add(c, i32x4.dot_i16x8_s(i16x8.shr_u(v, 12), v128.load(q, 48))));
}

/** The lane sums of four vectors. */
// @ts-ignore: decorator
@inline
function sums(x: v128, y: v128, z: v128, w: v128): v128 {
  const xy = i32x4.add(v128.shuffle<i32>(x, y, 0, 1, 4, 5), v128.shuffle<i32>(x, y, 2, 3, 6, 7));
  const zw = i32x4.add(v128.shuffle<i32>(z, w, 0, 1, 4, 5), v128.shuffle<i32>(z, w, 2, 3, 6, 7));
  return i32x4.add(v128.shuffle<i32>(xy, zw, 0, 2, 4, 6), v128.shuffle<i32>(xy, zw, 1, 3, 5, 7));
}

/** scale·(unit·(hi·2¹⁵ + lo)) + bias·Σq in float64 for four rows, rounded to float32. */
// @ts-ignore: decorator
@inline
function finish(hi: v128, lo: v128, scale: v128, bias: v128, unit: f64, querySum: f64): v128 {
  const low = f32x4.demote_f64x2_zero(finishTwo(hi, lo, scale, bias, unit, querySum));
  const high = f32x4.demote_f64x2_zero(
    finishTwo(upper(hi), upper(lo), upper(scale), upper(bias), unit, querySum),
  );
  return v128.shuffle<i64>(low, high, 0, 2);
}

// @ts-ignore: decorator
@inline
function finishTwo(hi: v128, lo: v128, scale: v128, bias: v128, unit: f64, querySum: f64): v128 {
  const total = f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_s(hi), f64x2.splat(32768)),
    f64x2.convert_low_i32x4_s(lo),
  );
  return f64x2.add(
    f64x2.mul(f64x2.promote_low_f32x4(scale), f64x2.mul(f64x2.splat(unit), total)),
    f64x2.mul(f64x2.promote_low_f32x4(bias), f64x2.splat(querySum)),
  );
}

// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return v128.shuffle<i64>(x, x, 1, 1);
}

// @ts-ignore: decorator
@inline
function sumInts(x: v128): i32 {
  const pairs = i32x4.add(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** Finite halves as float32: exponent and fraction moved up and multiplied by 2¹¹², exact for subnormals too. */
// @ts-ignore: decorator
@inline
function floats(h: v128): v128 {
  const size = f32x4.mul(i32x4.shl(v128.and(h, i32x4.splat(0x7fff)), 13), f32x4.splat(5.192296858534828e33));
  return v128.or(size, i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16));
}
