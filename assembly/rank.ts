// The best k of many scores. A candidate list is a binary heap with its worst at the root, in the row's own output;
// a score is compared four at a time with the worst kept. NaN and −∞ are never kept.

import { gemmPanels, gemmScratch } from "./gemm";

const USERS: i32 = 32;
const CHUNK: i32 = 1024;

/** (score a, item i) ranks after (score b, item j). */
// @ts-ignore: decorator
@inline
function after(a: f32, i: i32, b: f32, j: i32): bool {
  return a < b || (a == b && i > j);
}

/** Puts (score, item) at the root of a heap of n and lets it sink. */
function sink(items: usize, scores: usize, n: i32, item: i32, score: f32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= n) break;
    let s = load<f32>(scores + (<usize>child << 2));
    let i = load<i32>(items + (<usize>child << 2));
    if (child + 1 < n) {
      const s2 = load<f32>(scores + (<usize>child << 2), 4);
      const i2 = load<i32>(items + (<usize>child << 2), 4);
      if (after(s2, i2, s, i)) {
        child++;
        s = s2;
        i = i2;
      }
    }
    if (!after(s, i, score, item)) break;
    store<f32>(scores + (<usize>at << 2), s);
    store<i32>(items + (<usize>at << 2), i);
    at = child;
  }
  store<f32>(scores + (<usize>at << 2), score);
  store<i32>(items + (<usize>at << 2), item);
}

/** Adds (score, item) to a heap of n. */
function rise(items: usize, scores: usize, n: i32, item: i32, score: f32): void {
  let at = n;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const s = load<f32>(scores + (<usize>parent << 2));
    const i = load<i32>(items + (<usize>parent << 2));
    if (!after(score, item, s, i)) break;
    store<f32>(scores + (<usize>at << 2), s);
    store<i32>(items + (<usize>at << 2), i);
    at = parent;
  }
  store<f32>(scores + (<usize>at << 2), score);
  store<i32>(items + (<usize>at << 2), item);
}

/**
 * Offers scores[0, n) of items first … first+n−1, ascending over calls, to a heap that holds `kept` of `top`, skipping
 * items whose bit is set in `mask` (0: none); returns how many it then holds.
 */
function offer(scores: usize, n: i32, first: i32, mask: usize, top: i32, kept: i32, outItems: usize, outScores: usize): i32 {
  if (top == 0) return 0;
  let worst: f32 = kept < top ? -Infinity : load<f32>(outScores);
  let limit = f32x4.splat(worst);
  for (let j = 0; j < n; ) {
    const at = scores + (<usize>j << 2);
    let hits: i32;
    if (j + 16 <= n) {
      const g0 = f32x4.gt(v128.load(at), limit);
      const g1 = f32x4.gt(v128.load(at, 16), limit);
      const g2 = f32x4.gt(v128.load(at, 32), limit);
      const g3 = f32x4.gt(v128.load(at, 48), limit);
      if (!v128.any_true(v128.or(v128.or(g0, g1), v128.or(g2, g3)))) {
        j += 16;
        continue;
      }
      hits = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(g0, g1), i16x8.narrow_i32x4_s(g2, g3)));
    } else hits = (1 << min(16, n - j)) - 1;
    for (; hits; hits &= hits - 1) {
      const l = j + ctz(hits);
      const s = load<f32>(scores + (<usize>l << 2));
      if (!(s > worst)) continue;
      const item = first + l;
      if (mask && (load<u8>(mask + (<usize>item >> 3)) >> <u8>(item & 7)) & 1) continue;
      if (kept < top) rise(outItems, outScores, kept++, item, s);
      else sink(outItems, outScores, top, item, s);
      if (kept == top) worst = load<f32>(outScores);
    }
    limit = f32x4.splat(worst);
    j += 16;
  }
  return kept;
}

/** Sorts a heap of `kept` best first and pads to `top` with item −1, score −∞. */
function settle(outItems: usize, outScores: usize, kept: i32, top: i32): void {
  for (let n = kept - 1; n > 0; n--) {
    const at = <usize>n << 2;
    const item = load<i32>(outItems + at);
    const score = load<f32>(outScores + at);
    store<i32>(outItems + at, load<i32>(outItems));
    store<f32>(outScores + at, load<f32>(outScores));
    sink(outItems, outScores, n, item, score);
  }
  for (let n = kept; n < top; n++) {
    store<i32>(outItems + (<usize>n << 2), -1);
    store<f32>(outScores + (<usize>n << 2), -Infinity);
  }
}

/** The `top` best of scores[0, n), best first, equal scores by lower index; −1 and −∞ where fewer are above −∞. */
export function topkRow(scores: usize, n: i32, top: i32, outItems: usize, outScores: usize): void {
  settle(outItems, outScores, offer(scores, n, 0, 0, top, 0, outItems, outScores), top);
}

/** topkRow for rows [b0, b1) of scores b×n after −∞ is written over the items that exclude lists (CSR). */
export function recommendScoreRows(
  scores: usize, n: i32, b0: i32, b1: i32, indptr: usize, indices: usize, top: i32, outItems: usize, outScores: usize,
): void {
  for (let r = b0; r < b1; r++) {
    const row = scores + ((<usize>r * <usize>n) << 2);
    const end = load<i32>(indptr + (<usize>r << 2), 4);
    for (let t = load<i32>(indptr + (<usize>r << 2)); t < end; t++) {
      const item = load<i32>(indices + (<usize>t << 2));
      if (<u32>item < <u32>n) store<f32>(row + (<usize>item << 2), -Infinity);
    }
    const at = (<usize>r * <usize>top) << 2;
    topkRow(row, n, top, outItems + at, outScores + at);
  }
}

/** scores *= by or scores += by, element by element. */
function rescale(scores: usize, n: i32, by: usize, multiply: bool): void {
  const end = scores + (<usize>n << 2);
  for (; scores + 16 <= end; scores += 16, by += 16) {
    const s = v128.load(scores);
    const b = v128.load(by);
    v128.store(scores, multiply ? f32x4.mul(s, b) : f32x4.add(s, b));
  }
  for (; scores < end; scores += 4, by += 4) {
    const s = load<f32>(scores);
    const b = load<f32>(by);
    store<f32>(scores, multiply ? s * b : s + b);
  }
}

/** Bytes that recommendFactorRows needs at `scratch` for n items, zeroed. */
export function recommendScratch(n: i32): i32 {
  return gemmScratch() + ((USERS * CHUNK + USERS) << 2) + USERS * ((n + 7) >> 3);
}

/**
 * Rows [b0, b1): scores (users·itemsᵀ)·gain + bias (address 0: none) a block of users and a chunk of items at a time,
 * items packed by packPanels, excluded ones skipped, the best `top` kept as in topkRow.
 */
export function recommendFactorRows(
  users: usize, items: usize, n: i32, d: i32, gain: usize, bias: usize, indptr: usize, indices: usize, top: i32,
  outItems: usize, outScores: usize, b0: i32, b1: i32, scratch: usize,
): void {
  const block = scratch + <usize>gemmScratch();
  const counts = block + (<usize>(USERS * CHUNK) << 2);
  const masks = counts + (<usize>USERS << 2);
  const maskBytes = <usize>((n + 7) >> 3);
  for (let u0 = b0; u0 < b1; u0 += USERS) {
    const u1 = min(u0 + USERS, b1);
    memory.fill(masks, 0, maskBytes * <usize>USERS);
    for (let u = u0; u < u1; u++) {
      store<i32>(counts + (<usize>(u - u0) << 2), 0);
      const mask = masks + <usize>(u - u0) * maskBytes;
      const end = load<i32>(indptr + (<usize>u << 2), 4);
      for (let t = load<i32>(indptr + (<usize>u << 2)); t < end; t++) {
        const item = load<i32>(indices + (<usize>t << 2));
        if (<u32>item >= <u32>n) continue;
        const at = mask + (<usize>item >> 3);
        store<u8>(at, load<u8>(at) | (1 << <u8>(item & 7)));
      }
    }
    for (let c0 = 0; c0 < n; c0 += CHUNK) {
      const c1 = min(c0 + CHUNK, n);
      const origin = block - ((<usize>u0 * <usize>CHUNK + <usize>c0) << 2);
      gemmPanels(users, d, 1, d, items, origin, CHUNK, u0, u1, c0, c1, 0, scratch);
      for (let u = u0; u < u1; u++) {
        const row = block + (<usize>((u - u0) * CHUNK) << 2);
        if (gain) rescale(row, c1 - c0, gain + (<usize>c0 << 2), true);
        if (bias) rescale(row, c1 - c0, bias + (<usize>c0 << 2), false);
        const count = counts + (<usize>(u - u0) << 2);
        const to = (<usize>u * <usize>top) << 2;
        const mask = masks + <usize>(u - u0) * maskBytes;
        store<i32>(count, offer(row, c1 - c0, c0, mask, top, load<i32>(count), outItems + to, outScores + to));
      }
    }
    for (let u = u0; u < u1; u++) {
      const to = (<usize>u * <usize>top) << 2;
      settle(outItems + to, outScores + to, load<i32>(counts + (<usize>(u - u0) << 2)), top);
    }
  }
}
