// k-means: assignment, k-means++ distances, sums; and for single numbers a radix sort and an assignment by thresholds.
import { sumLanes } from "./exp";

/**
 * assignment[i] = argmin_c ‖x_i - c‖² (lowest c on ties), distance[i] = that ‖x_i - c‖², for i in [start, end).
 * `packed` holds the centroids as blocks [k/16][d][16], `halves` ½‖c‖², both padded to a multiple of 16 (+∞ in halves).
 * Minimises ½‖c‖² - x·c, two points and 16 centroids at a time.
 */
export function kmeansAssign(
  points: usize, start: i32, end: i32, d: i32, packed: usize, halves: usize, padded: i32, centroids: usize,
  assignment: usize, distance: usize,
): void {
  const bytes = <usize>d << 2;
  const sixteen = i32x4.splat(16);
  for (let i = start; i < end; i += 2) {
    const x = points + <usize>i * bytes;
    const y = i + 1 < end ? x + bytes : x;
    let bestX = f32x4.splat(Infinity), bestY = bestX;
    let atX = i32x4.splat(0), atY = atX;
    let here = i32x4.splat(0);
    let block = packed;
    for (let c = 0; c < padded; c += 16) {
      const h = halves + (<usize>c << 2);
      let x0 = v128.load(h), x1 = v128.load(h, 16), x2 = v128.load(h, 32), x3 = v128.load(h, 48);
      let y0 = x0, y1 = x1, y2 = x2, y3 = x3;
      for (let k: usize = 0; k < bytes; k += 4) {
        const a = v128.load32_splat(x + k), b = v128.load32_splat(y + k);
        let v = v128.load(block);
        x0 = f32x4.sub(x0, f32x4.mul(a, v));
        y0 = f32x4.sub(y0, f32x4.mul(b, v));
        v = v128.load(block, 16);
        x1 = f32x4.sub(x1, f32x4.mul(a, v));
        y1 = f32x4.sub(y1, f32x4.mul(b, v));
        v = v128.load(block, 32);
        x2 = f32x4.sub(x2, f32x4.mul(a, v));
        y2 = f32x4.sub(y2, f32x4.mul(b, v));
        v = v128.load(block, 48);
        x3 = f32x4.sub(x3, f32x4.mul(a, v));
        y3 = f32x4.sub(y3, f32x4.mul(b, v));
        block += 64;
      }
      const leastX = f32x4.pmin(f32x4.pmin(x0, x1), f32x4.pmin(x2, x3));
      atX = v128.bitselect(here, atX, f32x4.lt(leastX, bestX));
      bestX = f32x4.pmin(bestX, leastX);
      const leastY = f32x4.pmin(f32x4.pmin(y0, y1), f32x4.pmin(y2, y3));
      atY = v128.bitselect(here, atY, f32x4.lt(leastY, bestY));
      bestY = f32x4.pmin(bestY, leastY);
      here = i32x4.add(here, sixteen);
    }
    const c = found(x, bytes, packed, halves, bestX, atX);
    store<i32>(assignment + (<usize>i << 2), c);
    store<f32>(distance + (<usize>i << 2), squared(x, centroids + <usize>c * bytes, bytes));
    if (y == x) continue;
    const e = found(y, bytes, packed, halves, bestY, atY);
    store<i32>(assignment + (<usize>i << 2), e, 4);
    store<f32>(distance + (<usize>i << 2), squared(y, centroids + <usize>e * bytes, bytes), 4);
  }
}

/**
 * The lowest centroid of the least value in `best`; `at` holds, for each lane, the first of the block where it was met. Values
 * are made again as they were made there, to the same bits.
 */
function found(x: usize, bytes: usize, packed: usize, halves: usize, best: v128, at: v128): i32 {
  let least = f32x4.pmin(best, v128.shuffle<i32>(best, best, 2, 3, 0, 1));
  least = f32x4.pmin(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
  let lanes = i32x4.bitmask(f32x4.eq(best, least));
  let lowest = i32.MAX_VALUE;
  while (lanes != 0) {
    const lane = ctz(lanes);
    lanes &= lanes - 1;
    const first = lane == 0
      ? i32x4.extract_lane(at, 0)
      : lane == 1 ? i32x4.extract_lane(at, 1) : lane == 2 ? i32x4.extract_lane(at, 2) : i32x4.extract_lane(at, 3);
    if (first >= lowest) continue;
    const block = packed + <usize>first * bytes, h = halves + (<usize>first << 2);
    let y0 = v128.load(h), y1 = v128.load(h, 16), y2 = v128.load(h, 32), y3 = v128.load(h, 48);
    let row = block;
    for (let k: usize = 0; k < bytes; k += 4) {
      const a = v128.load32_splat(x + k);
      y0 = f32x4.sub(y0, f32x4.mul(a, v128.load(row)));
      y1 = f32x4.sub(y1, f32x4.mul(a, v128.load(row, 16)));
      y2 = f32x4.sub(y2, f32x4.mul(a, v128.load(row, 32)));
      y3 = f32x4.sub(y3, f32x4.mul(a, v128.load(row, 48)));
      row += 64;
    }
    const bit = 1 << lane;
    const t = i32x4.bitmask(f32x4.eq(y0, least)) & bit ? 0
      : i32x4.bitmask(f32x4.eq(y1, least)) & bit ? 4
      : i32x4.bitmask(f32x4.eq(y2, least)) & bit ? 8 : 12;
    lowest = min(lowest, first + t + lane);
  }
  return lowest;
}

/** distance[i] = min(distance[i], ‖x_i - centroid‖²) for i in [start, end). */
export function kmeansNearer(points: usize, start: i32, end: i32, d: i32, centroid: usize, distance: usize): void {
  const bytes = <usize>d << 2;
  for (let i = start; i < end; i++) {
    const at = distance + (<usize>i << 2);
    store<f32>(at, min<f32>(load<f32>(at), squared(points + <usize>i * bytes, centroid, bytes)));
  }
}

// @ts-ignore: decorator
@inline
function squared(x: usize, c: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    const e = f32x4.sub(v128.load(x + k), v128.load(c + k));
    sum = f32x4.add(sum, f32x4.mul(e, e));
  }
  let s = sumLanes(sum);
  for (; k < bytes; k += 4) {
    const e = load<f32>(x + k) - load<f32>(c + k);
    s += e * e;
  }
  return s;
}

/** Σ values in float64, in order. */
export function sumF32(values: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += <f64>load<f32>(values + (<usize>i << 2));
  return sum;
}

/** The first i whose running sum passes `target`, else the last i with a positive value. */
export function pickF32(values: usize, n: i32, target: f64): i32 {
  let sum: f64 = 0;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const value = load<f32>(values + (<usize>i << 2));
    sum += <f64>value;
    if (value > 0) last = i;
    if (sum > target) return i;
  }
  return last;
}

/** sums[c,:] += x_i in float64 and counts[c]++ for c = assignment[i], in the order of i. */
export function kmeansSums(points: usize, n: i32, d: i32, assignment: usize, sums: usize, counts: usize): void {
  for (let i = 0; i < n; i++) {
    const c = <usize>load<i32>(assignment + (<usize>i << 2));
    const x = points + ((<usize>i * <usize>d) << 2), s = sums + ((c * <usize>d) << 3);
    for (let k: usize = 0; k < <usize>d; k++) {
      store<f64>(s + (k << 3), load<f64>(s + (k << 3)) + <f64>load<f32>(x + (k << 2)));
    }
    store<i32>(counts + (c << 2), load<i32>(counts + (c << 2)) + 1);
  }
}

/** Sorts `values` ascending into `out` (three radix passes; both are overwritten). counts: 3·2048 int32, zeroed. */
export function sortF32(values: usize, out: usize, n: i32, counts: usize): void {
  const bytes = <usize>n << 2;
  for (let p: usize = 0; p < bytes; p += 4) {
    const raw = load<u32>(values + p);
    const key = raw ^ (<u32>(<i32>raw >> 31) | 0x80000000);
    store<u32>(values + p, key);
    bump(counts + (<usize>(key & 2047) << 2));
    bump(counts + 8192 + (<usize>((key >> 11) & 2047) << 2));
    bump(counts + 16384 + (<usize>(key >> 22) << 2));
  }
  for (let pass: usize = 0; pass < 3; pass++) {
    let at: u32 = 0;
    for (let p = counts + pass * 8192, stop = p + 8192; p < stop; p += 4) {
      const size = load<u32>(p);
      store<u32>(p, at);
      at += size;
    }
  }
  pass(values, out, bytes, counts, 0);
  pass(out, values, bytes, counts + 8192, 11);
  pass(values, out, bytes, counts + 16384, 22);
  for (let p: usize = 0; p < bytes; p += 4) {
    const key = load<u32>(out + p);
    store<u32>(out + p, key ^ (<u32>(<i32>~key >> 31) | 0x80000000));
  }
}

// @ts-ignore: decorator
@inline
function bump(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

function pass(from: usize, to: usize, bytes: usize, places: usize, shift: u32): void {
  for (let p: usize = 0; p < bytes; p += 4) {
    const key = load<u32>(from + p);
    const place = places + (<usize>((key >> shift) & 2047) << 2);
    const at = load<u32>(place);
    store<u32>(place, at + 1);
    store<u32>(to + (<usize>at << 2), key);
  }
}

/** sums[i] = Σ_{j<i} (values[j] - centre), squares[i] = Σ_{j<i} (values[j] - centre)², both n+1 float64. */
export function prefixSums(values: usize, n: i32, centre: f64, sums: usize, squares: usize): void {
  let sum: f64 = 0, square: f64 = 0;
  store<f64>(sums, 0);
  store<f64>(squares, 0);
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = <f64>load<f32>(values + (i << 2)) - centre;
    sum += x;
    square += x * x;
    store<f64>(sums + (i << 3), sum, 8);
    store<f64>(squares + (i << 3), square, 8);
  }
}

/** assignment[i] = how many of the ascending `thresholds` lie below values[i], for i in [start, end). */
export function assignByThresholds(
  values: usize, start: i32, end: i32, thresholds: usize, count: i32, assignment: usize,
): void {
  for (let i = start; i < end; i++) {
    const x = load<f32>(values + (<usize>i << 2));
    let at = thresholds;
    let length = count;
    while (length > 1) {
      const half = length >> 1;
      const next = at + (<usize>half << 2);
      at = load<f32>(next - 4) < x ? next : at;
      length -= half;
    }
    let c = <i32>((at - thresholds) >> 2);
    if (count > 0) c += i32(load<f32>(at) < x);
    store<i32>(assignment + (<usize>i << 2), c);
  }
}
