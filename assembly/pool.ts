// Pooled rows of a packed table (FBGEMM's int8 or int4): what a history's query vector is made of.
import { expand4, floatOfHalf, split } from "./quantize";

/** out[:] = Σ_t (q·scale + bias of row ids[t]), summed in the order of t; bits 8 or 4. */
export function gatherSumPacked(packed: usize, ids: usize, out: usize, n: i32, cols: i32, bits: i32): void {
  const numbers = bits == 8 ? <usize>cols : <usize>((cols + 1) >> 1);
  const stride = numbers + <usize>(bits == 8 ? 8 : 4);
  memory.fill(out, 0, <usize>cols << 2);
  for (let t = 0; t < n; t++) {
    const q = packed + <usize>load<i32>(ids + (<usize>t << 2)) * stride;
    if (bits == 8) addInt8(q, cols, load<f32>(q + numbers), load<f32>(q + numbers, 4), out);
    else addInt4(q, cols, floatOfHalf(load<u16>(q + numbers)), floatOfHalf(load<u16>(q + numbers, 2)), out);
  }
}

// @ts-ignore: decorator
@inline
function addInt8(q: usize, cols: i32, scale: f32, bias: f32, out: usize): void {
  const scale4 = f32x4.splat(scale), bias4 = f32x4.splat(bias);
  let c = 0;
  for (; c + 16 <= cols; c += 16) add16(v128.load(q + <usize>c), scale4, bias4, out + (<usize>c << 2));
  for (; c < cols; c++) add1(<f32>load<u8>(q + <usize>c) * scale + bias, out + (<usize>c << 2));
}

// @ts-ignore: decorator
@inline
function addInt4(q: usize, cols: i32, scale: f32, bias: f32, out: usize): void {
  const scale4 = f32x4.splat(scale), bias4 = f32x4.splat(bias);
  let c = 0;
  for (; c + 16 <= cols; c += 16) {
    add16(split(v128.load64_zero(q + <usize>(c >> 1)), 4, 15), scale4, bias4, out + (<usize>c << 2));
  }
  for (; c < cols; c++) {
    const level = (<u32>load<u8>(q + <usize>(c >> 1)) >> ((c & 1) << 2)) & 15;
    add1(<f32>level * scale + bias, out + (<usize>c << 2));
  }
}

// @ts-ignore: decorator
@inline
function add1(x: f32, out: usize): void {
  store<f32>(out, load<f32>(out) + x);
}

// @ts-ignore: decorator
@inline
function add16(q: v128, scale: v128, bias: v128, out: usize): void {
  const low = i16x8.extend_low_i8x16_u(q), high = i16x8.extend_high_i8x16_u(q);
  add4(i32x4.extend_low_i16x8_u(low), scale, bias, out);
  add4(i32x4.extend_high_i16x8_u(low), scale, bias, out + 16);
  add4(i32x4.extend_low_i16x8_u(high), scale, bias, out + 32);
  add4(i32x4.extend_high_i16x8_u(high), scale, bias, out + 48);
}

// @ts-ignore: decorator
@inline
function add4(q: v128, scale: v128, bias: v128, out: usize): void {
  v128.store(out, f32x4.add(v128.load(out), expand4(q, scale, bias)));
}
