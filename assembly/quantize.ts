// FBGEMM's fused row formats, bit for bit, and IEEE half precision. Finite input; other input gives some bytes.
// Rounding is half to even: adding 1.5·2²³ leaves the rounded integer in the low bits of the float.

const MAGIC: f32 = 12582912;
const MAGIC_BITS: i32 = 0x4b400000;
const HALF_ONE: u32 = 0x3c00;

let rowMin: f32 = 0;
let rowMax: f32 = 0;

/** The least and largest of a row into rowMin and rowMax; among zeros of both signs the first one counts. */
function rowRange(x: usize, cols: i32): void {
  const bytes = <usize>cols << 2;
  let least: f32 = load<f32>(x), most = least;
  let k: usize = 0;
  if (bytes >= 32) {
    let a = v128.load(x), b = v128.load(x, 16), c = a, d = b;
    for (k = 32; k + 32 <= bytes; k += 32) {
      const v = v128.load(x + k), w = v128.load(x + k, 16);
      a = f32x4.pmin(a, v);
      b = f32x4.pmin(b, w);
      c = f32x4.pmax(c, v);
      d = f32x4.pmax(d, w);
    }
    a = f32x4.pmin(a, b);
    c = f32x4.pmax(c, d);
    a = f32x4.pmin(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
    c = f32x4.pmax(c, v128.shuffle<f32>(c, c, 2, 3, 0, 1));
    least = min<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1));
    most = max<f32>(f32x4.extract_lane(c, 0), f32x4.extract_lane(c, 1));
  }
  for (; k < bytes; k += 4) {
    const v = load<f32>(x + k);
    least = min<f32>(least, v);
    most = max<f32>(most, v);
  }
  if (least == 0) {
    let p = x;
    while (load<f32>(p) != 0) p += 4;
    least = load<f32>(p);
  }
  rowMin = least;
  rowMax = most == least ? least : most;
}

/** 16 bytes round((x - bias)·inverse), held in [0, 255] by the narrowing. */
// @ts-ignore: decorator
@inline
function quantize16(x: usize, bias: v128, inverse: v128): v128 {
  const a = quantize4(v128.load(x), bias, inverse), b = quantize4(v128.load(x, 16), bias, inverse);
  const c = quantize4(v128.load(x, 32), bias, inverse), d = quantize4(v128.load(x, 48), bias, inverse);
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** At least 0; above 2²² not the number itself but some number above 2²². */
// @ts-ignore: decorator
@inline
function quantize4(x: v128, bias: v128, inverse: v128): v128 {
  const level = f32x4.pmax(f32x4.splat(0), f32x4.mul(f32x4.sub(x, bias), inverse));
  return i32x4.sub(f32x4.add(level, f32x4.splat(MAGIC)), i32x4.splat(MAGIC_BITS));
}

// @ts-ignore: decorator
@inline
function quantize1(x: f32, bias: f32, inverse: f32, most: f32): u32 {
  const level: f32 = (x - bias) * inverse;
  const held: f32 = level > 0 ? (level < most ? level : most) : 0;
  return <u32>(reinterpret<i32>(held + MAGIC) - MAGIC_BITS);
}

/**
 * FloatOrHalfToFused8BitRowwiseQuantizedSBFloat: bias = min, scale = (max-min)/255,
 * q = round((x-min)·255/(max-min+1e-8)).
 */
export function quantizeInt8Rows(X: usize, rows: i32, cols: i32, out: usize): void {
  for (let r = 0; r < rows; r++) {
    const x = X + ((<usize>r * <usize>cols) << 2);
    const q = out + <usize>r * <usize>(cols + 8);
    rowRange(x, cols);
    const range: f32 = rowMax - rowMin;
    const inverse: f32 = <f32>255 / (range + <f32>1e-8);
    const bias4 = f32x4.splat(rowMin), inverse4 = f32x4.splat(inverse);
    let c = 0;
    for (; c + 16 <= cols; c += 16) v128.store(q + <usize>c, quantize16(x + (<usize>c << 2), bias4, inverse4));
    for (; c < cols; c++) store<u8>(q + <usize>c, <u8>quantize1(load<f32>(x + (<usize>c << 2)), rowMin, inverse, 255));
    store<f32>(q + <usize>cols, range / <f32>255);
    store<f32>(q + <usize>cols, rowMin, 4);
  }
}

/** x = q·scale + bias. */
export function dequantizeInt8Rows(packed: usize, rows: i32, cols: i32, out: usize): void {
  for (let r = 0; r < rows; r++) {
    const q = packed + <usize>r * <usize>(cols + 8);
    const x = out + ((<usize>r * <usize>cols) << 2);
    const scale = load<f32>(q + <usize>cols), bias = load<f32>(q + <usize>cols, 4);
    const scale4 = f32x4.splat(scale), bias4 = f32x4.splat(bias);
    let c = 0;
    for (; c + 16 <= cols; c += 16) expand16(v128.load(q + <usize>c), x + (<usize>c << 2), scale4, bias4);
    for (; c < cols; c++) store<f32>(x + (<usize>c << 2), <f32>load<u8>(q + <usize>c) * scale + bias);
  }
}

// @ts-ignore: decorator
@inline
function expand16(q: v128, x: usize, scale: v128, bias: v128): void {
  const low = i16x8.extend_low_i8x16_u(q), high = i16x8.extend_high_i8x16_u(q);
  v128.store(x, expand4(i32x4.extend_low_i16x8_u(low), scale, bias));
  v128.store(x, expand4(i32x4.extend_high_i16x8_u(low), scale, bias), 16);
  v128.store(x, expand4(i32x4.extend_low_i16x8_u(high), scale, bias), 32);
  v128.store(x, expand4(i32x4.extend_high_i16x8_u(high), scale, bias), 48);
}

// @ts-ignore: decorator
@inline
export function expand4(q: v128, scale: v128, bias: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(q), scale), bias);
}

/**
 * FloatOrHalfToFusedNBitRowwiseQuantizedSBHalf, bits 4 or 2: bias = half(min), scale = half((max-bias)/(2^bits-1)) (1 when
 * that is 0 or its inverse infinite), q = clamp(round((x-bias)·(1/scale))), low bits first.
 */
export function quantizeIntNRows(X: usize, rows: i32, cols: i32, bits: i32, out: usize): void {
  const levels = (1 << bits) - 1;
  const most = <f32>levels;
  const perByte = 8 / bits;
  const packedBytes = <usize>((cols + perByte - 1) / perByte);
  const most4 = i8x16.splat(<i8>levels);
  for (let r = 0; r < rows; r++) {
    const x = X + ((<usize>r * <usize>cols) << 2);
    const q = out + <usize>r * (packedBytes + 4);
    rowRange(x, cols);
    const biasHalf = halfOf(rowMin);
    const bias = floatOfHalf(biasHalf);
    const range: f32 = rowMax - bias;
    let scaleHalf = halfOf(range == 0 ? 1 : range / most);
    let scale = floatOfHalf(scaleHalf);
    let inverse: f32 = <f32>1 / scale;
    if (scale == 0 || inverse == Infinity || inverse == -Infinity) {
      scaleHalf = HALF_ONE;
      inverse = 1;
    }
    const bias4 = f32x4.splat(bias), inverse4 = f32x4.splat(inverse);
    let c = 0;
    if (bits == 4) {
      for (; c + 32 <= cols; c += 32) {
        const at = x + (<usize>c << 2);
        const low = i8x16.min_u(quantize16(at, bias4, inverse4), most4);
        const high = i8x16.min_u(quantize16(at + 64, bias4, inverse4), most4);
        v128.store(q + <usize>(c >> 1), i8x16.narrow_i16x8_u(joined(low, 4), joined(high, 4)));
      }
    }
    for (; c + 16 <= cols; c += 16) {
      const nibbles = pairs(i8x16.min_u(quantize16(x + (<usize>c << 2), bias4, inverse4), most4), bits);
      if (bits == 4) store<i64>(q + <usize>(c >> 1), i64x2.extract_lane(nibbles, 0));
      else store<i32>(q + <usize>(c >> 2), i32x4.extract_lane(pairs(nibbles, 4), 0));
    }
    while (c < cols) {
      let byte: u32 = 0;
      const at = q + <usize>(c / perByte);
      for (let b = 0; b < perByte && c < cols; b++, c++) {
        byte |= quantize1(load<f32>(x + (<usize>c << 2)), bias, inverse, most) << (b * bits);
      }
      store<u8>(at, <u8>byte);
    }
    store<u16>(q + packedBytes, <u16>scaleHalf);
    store<u16>(q + packedBytes, <u16>biasHalf, 2);
  }
}

/** Joins bytes 2i and 2i+1 into byte i as low | high << bits; the result is in the low 8 bytes. */
// @ts-ignore: decorator
@inline
function pairs(bytes: v128, bits: i32): v128 {
  const both = joined(bytes, bits);
  return i8x16.narrow_i16x8_u(both, both);
}

/** Bytes 2i and 2i+1, below 2^bits, as number i of 16 bits: low | high << bits. */
// @ts-ignore: decorator
@inline
function joined(bytes: v128, bits: i32): v128 {
  return v128.and(v128.or(bytes, i16x8.shr_u(bytes, 8 - bits)), i16x8.splat(0xff));
}

/** x = q·scale + bias. */
export function dequantizeIntNRows(packed: usize, rows: i32, cols: i32, bits: i32, out: usize): void {
  const perByte = 8 / bits;
  const mask: u32 = (1 << bits) - 1;
  const packedBytes = <usize>((cols + perByte - 1) / perByte);
  for (let r = 0; r < rows; r++) {
    const q = packed + <usize>r * (packedBytes + 4);
    const x = out + ((<usize>r * <usize>cols) << 2);
    const scale = floatOfHalf(load<u16>(q + packedBytes)), bias = floatOfHalf(load<u16>(q + packedBytes, 2));
    const scale4 = f32x4.splat(scale), bias4 = f32x4.splat(bias);
    let c = 0;
    for (; c + 16 <= cols; c += 16) {
      const numbers = bits == 4
        ? split(v128.load64_zero(q + <usize>(c >> 1)), 4, 15)
        : split(split(v128.load32_zero(q + <usize>(c >> 2)), 4, 15), 2, 3);
      expand16(numbers, x + (<usize>c << 2), scale4, bias4);
    }
    for (; c < cols; c++) {
      const level = (<u32>load<u8>(q + <usize>(c / perByte)) >> ((c % perByte) * bits)) & mask;
      store<f32>(x + (<usize>c << 2), <f32>level * scale + bias);
    }
  }
}

/** Byte i of the low 8 becomes bytes 2i (its low bits) and 2i+1 (its high bits). */
// @ts-ignore: decorator
@inline
export function split(bytes: v128, bits: i32, mask: i8): v128 {
  const mask16 = i8x16.splat(mask);
  const low = v128.and(bytes, mask16), high = v128.and(i8x16.shr_u(bytes, bits), mask16);
  return v128.shuffle<i8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** The half nearest to x, ties to even; overflow gives infinity, NaN a quiet NaN. */
// @ts-ignore: decorator
@inline
function halfOf(x: f32): u32 {
  return <u32>i32x4.extract_lane(half4(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function floatOfHalf(h: u32): f32 {
  return f32x4.extract_lane(float4(i32x4.splat(h)), 0);
}

/** Subnormal halves come from adding 0.5, whose last bit is 2⁻²⁴; normal ones from re-biasing with rounding to even. */
// @ts-ignore: decorator
@inline
function half4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const size = v128.xor(x, sign);
  const small = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(size, i32x4.splat(0xc8000fff)), odd), 13);
  let h = v128.bitselect(small, normal, i32x4.lt_s(size, i32x4.splat(0x38800000)));
  h = v128.bitselect(i32x4.splat(0x7c00), h, i32x4.ge_s(size, i32x4.splat(0x47800000)));
  h = v128.bitselect(i32x4.splat(0x7e00), h, i32x4.gt_s(size, i32x4.splat(0x7f800000)));
  return v128.or(h, i32x4.shr_u(sign, 16));
}

// @ts-ignore: decorator
@inline
function float4(h: v128): v128 {
  const size = v128.and(h, i32x4.splat(0x7fff));
  const normal = i32x4.add(i32x4.shl(size, 13), i32x4.splat(0x38000000));
  const small = f32x4.mul(f32x4.convert_i32x4_s(size), f32x4.splat(5.960464477539063e-8));
  let x = v128.bitselect(small, normal, i32x4.lt_s(size, i32x4.splat(0x400)));
  x = v128.bitselect(i32x4.add(normal, i32x4.splat(0x38000000)), x, i32x4.ge_s(size, i32x4.splat(0x7c00)));
  return v128.or(x, i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16));
}

/** n float32 to n IEEE halves. */
export function toHalf(X: usize, n: i32, out: usize): void {
  let i: usize = 0;
  for (; i + 8 <= <usize>n; i += 8) {
    const x = X + (i << 2);
    v128.store(out + (i << 1), i16x8.narrow_i32x4_u(half4(v128.load(x)), half4(v128.load(x, 16))));
  }
  for (; i < <usize>n; i++) store<u16>(out + (i << 1), <u16>halfOf(load<f32>(X + (i << 2))));
}

/** n IEEE halves to n float32, exactly. */
export function fromHalf(halves: usize, n: i32, out: usize): void {
  let i: usize = 0;
  for (; i + 8 <= <usize>n; i += 8) {
    const h = v128.load(halves + (i << 1));
    v128.store(out + (i << 2), float4(i32x4.extend_low_i16x8_u(h)));
    v128.store(out + (i << 2), float4(i32x4.extend_high_i16x8_u(h)), 16);
  }
  for (; i < <usize>n; i++) store<f32>(out + (i << 2), floatOfHalf(load<u16>(halves + (i << 1))));
}
