// Embedding rows: gather, scatter-add, pooled sum. Rows are float32 of any width; ids are int32 and already checked.

/** out[t,:] = table[ids[t],:]. */
export function gather(table: usize, ids: usize, out: usize, n: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let t = 0; t < n; t++) {
    copyRow(out + <usize>t * bytes, table + <usize>load<i32>(ids + (<usize>t << 2)) * bytes, bytes);
  }
}

/** table[ids[t],:] += gradients[t,:], in the order of t. */
export function scatterAdd(gradients: usize, ids: usize, table: usize, n: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let t = 0; t < n; t++) {
    addRow(table + <usize>load<i32>(ids + (<usize>t << 2)) * bytes, gradients + <usize>t * bytes, bytes);
  }
}

/** out[:] = Σ_t table[ids[t],:], summed in the order of t; 64 bytes of the sum are held in registers at a time. */
export function gatherSum(table: usize, ids: usize, out: usize, n: i32, width: i32): void {
  const bytes = <usize>width << 2;
  const end = ids + (<usize>n << 2);
  let k: usize = 0;
  for (; k + 64 <= bytes; k += 64) {
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (let p = ids; p < end; p += 4) {
      const x = table + <usize>load<i32>(p) * bytes + k;
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    v128.store(out + k, a);
    v128.store(out + k, b, 16);
    v128.store(out + k, c, 32);
    v128.store(out + k, d, 48);
  }
  for (; k < bytes; k += 4) {
    let a: f32 = 0;
    for (let p = ids; p < end; p += 4) a += load<f32>(table + <usize>load<i32>(p) * bytes + k);
    store<f32>(out + k, a);
  }
}

/** The largest of n ids read as unsigned numbers, so that a negative id is larger than every row count. */
export function largestId(ids: usize, n: i32): u32 {
  const end = ids + (<usize>n << 2);
  let best = i32x4.splat(0);
  let p = ids;
  for (; p + 16 <= end; p += 16) best = i32x4.max_u(best, v128.load(p));
  let result: u32 = 0;
  result = max<u32>(<u32>i32x4.extract_lane(best, 0), <u32>i32x4.extract_lane(best, 1));
  result = max<u32>(result, max<u32>(<u32>i32x4.extract_lane(best, 2), <u32>i32x4.extract_lane(best, 3)));
  for (; p < end; p += 4) result = max<u32>(result, load<u32>(p));
  return result;
}

/** ids[t] = the low word of the n int64 at `wide`; returns the largest as `largestId` does, all ones for a wider one. */
export function narrowIds(wide: usize, ids: usize, n: i32): u32 {
  let best: u32 = 0;
  for (let t = 0; t < n; t++) {
    const id = load<u64>(wide + (<usize>t << 3));
    store<i32>(ids + (<usize>t << 2), <i32>id);
    best = max<u32>(best, id > 0x7fffffff ? 0xffffffff : <u32>id);
  }
  return best;
}

/** Σ x² in float64, in four lanes. */
export function sumSquares(x: usize, n: i32): f64 {
  const end = x + (<usize>n << 2);
  let a = f64x2.splat(0), b = a;
  let p = x;
  for (; p + 16 <= end; p += 16) {
    const low = f64x2.promote_low_f32x4(v128.load(p));
    const high = f64x2.promote_low_f32x4(v128.load64_zero(p, 8));
    a = f64x2.add(a, f64x2.mul(low, low));
    b = f64x2.add(b, f64x2.mul(high, high));
  }
  const both = f64x2.add(a, b);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; p < end; p += 4) sum += <f64>load<f32>(p) * <f64>load<f32>(p);
  return sum;
}

// @ts-ignore: decorator
@inline
export function copyRow(to: usize, from: usize, bytes: usize): void {
  let k: usize = 0;
  for (; k + 64 <= bytes; k += 64) {
    v128.store(to + k, v128.load(from + k));
    v128.store(to + k, v128.load(from + k, 16), 16);
    v128.store(to + k, v128.load(from + k, 32), 32);
    v128.store(to + k, v128.load(from + k, 48), 48);
  }
  for (; k + 16 <= bytes; k += 16) v128.store(to + k, v128.load(from + k));
  for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(from + k));
}

// @ts-ignore: decorator
@inline
export function addRow(to: usize, from: usize, bytes: usize): void {
  let k: usize = 0;
  for (; k + 32 <= bytes; k += 32) {
    v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(from + k)));
    v128.store(to + k, f32x4.add(v128.load(to + k, 16), v128.load(from + k, 16)), 16);
  }
  for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k));
}
