// Bayesian personalised ranking (arXiv 1205.2618): draws triples and takes one SGD step for each.
// Triples are drawn a block ahead. Four that share no row are computed side by side, so that one exponential serves four
// and their latencies overlap; the bits are those of one step after the other. Tables that outgrow the caches make a step
// wait for memory, so positives are drawn many thousands ahead and visited in four ascending streams: what belongs to
// users is then read nearly in the order of memory.
import { AHEAD, touchRows } from "./ahead";
import { exp4, sumLanes } from "./exp";
import { below, loadRandom, storeRandom } from "./random";

const BLOCK = 64;
const MOST_DRAWN = 131072;
const BUCKETS = 2048;
const HASH: u32 = 0x9e3779b1;

/** One byte of filter per positive: of user u's bytes, from indptr[u], bit hash(j)·8·degree / 2³² is set for each j. */
export function bprFilter(indptr: usize, indices: usize, users: i32, filter: usize): void {
  for (let u = 0; u < users; u++) {
    const start = load<i32>(indptr + (<usize>u << 2)), end = load<i32>(indptr + (<usize>u << 2), 4);
    for (let p = start; p < end; p++) {
      const bit = bitOf(load<u32>(indices + (<usize>p << 2)), end - start);
      const at = filter + <usize>start + <usize>(bit >> 3);
      store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (bit & 7))));
    }
  }
}

// @ts-ignore: decorator
@inline
function bitOf(j: u32, degree: i32): u32 {
  return <u32>((<u64>(j * HASH) * (<u64>degree << 3)) >> 32);
}

/** Is j among the `degree` ascending numbers at `row`? The filter answers seven times in eight. */
// @ts-ignore: decorator
@inline
function isPositive(j: u32, row: usize, filter: usize, degree: i32): bool {
  const bit = bitOf(j, degree);
  if (!((<u32>load<u8>(filter + <usize>(bit >> 3)) >> (bit & 7)) & 1)) return false;
  let at = row;
  for (let length = degree; length > 1; ) {
    const half = length >> 1;
    const next = at + (<usize>half << 2);
    at = load<u32>(next) <= j ? next : at;
    length -= half;
  }
  return load<u32>(at) == j;
}

/** Bytes that bprEpoch needs at `scratch`. */
export function bprScratch(): i32 {
  return 4 * (3 * BLOCK + 2 * MOST_DRAWN + BUCKETS);
}

/** Sorts the n numbers below `limit` at `from` by 11 bits at a time, with room for n at `to`; returns where they are. */
function sort(from: usize, to: usize, n: i32, limit: i32, counts: usize): usize {
  for (let shift = 0; shift == 0 || (shift < 32 && (<u32>limit - 1) >> shift); shift += 11) {
    const end = from + (<usize>n << 2);
    memory.fill(counts, 0, 4 * BUCKETS);
    for (let t = from; t < end; t += 4) {
      const at = counts + <usize>(((load<u32>(t) >> shift) & (BUCKETS - 1)) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
    let sum = 0;
    for (let at = counts; at < counts + 4 * BUCKETS; at += 4) {
      const count = load<i32>(at);
      store<i32>(at, sum);
      sum += count;
    }
    for (let t = from; t < end; t += 4) {
      const value = load<u32>(t);
      const at = counts + <usize>(((value >> shift) & (BUCKETS - 1)) << 2);
      const place = load<i32>(at);
      store<i32>(at, place + 1);
      store<u32>(to + (<usize>place << 2), value);
    }
    const other = from;
    from = to;
    to = other;
  }
  return from;
}

let users: usize = 0;
let items: usize = 0;
let bias: usize = 0;
let bytes: usize = 0;
let rate: f32 = 0;
let keep: f32 = 0;
let product: f64 = 1;
let linear: f64 = 0;

/**
 * `samples` steps. A positive (u,i) is drawn uniformly, or read from `order` in turn; j is uniform over the items that
 * are no positives of u; a user that has every item is skipped. The n positives of a draw (an eighth of all, 64 to 131,072)
 * are sorted and visited as the numbers 0, q, 2q, 3q, 1, q+1, …, q = n/4 rounded down; the rest of n/4 come last.
 * x = u·(i-j) + b_i - b_j, g = σ(-x), θ += learningRate·(g·∂x/∂θ - decay·θ).
 * result: f64 Σ -log σ(x), i32 steps taken.
 */
export function bprEpoch(
  userTable: usize, itemTable: usize, itemBias: usize, userOf: usize, itemOf: usize, indptr: usize, indices: usize,
  filter: usize, nnz: i32, itemCount: i32, d: i32, learningRate: f32, decay: f32, samples: i32,
  state: usize, order: usize, orderLength: i32, orderStart: i32, scratch: usize, result: usize,
): void {
  loadRandom(state);
  users = userTable;
  items = itemTable;
  bias = itemBias;
  bytes = <usize>d << 2;
  rate = learningRate;
  keep = <f32>1 - learningRate * decay;
  let loss: f64 = 0;
  linear = 0;
  const is = scratch + 4 * BLOCK, js = is + 4 * BLOCK;
  const drawn = js + 4 * BLOCK, spare = drawn + 4 * MOST_DRAWN, counts = spare + 4 * MOST_DRAWN;
  const ahead = min(MOST_DRAWN, max(BLOCK, (nnz >> 3) & ~(BLOCK - 1)));
  let sorted = drawn, at = 0, length = 0;
  let taken = 0, next = orderStart;
  for (let done = 0; done < samples; done += BLOCK) {
    const count = min(BLOCK, samples - done);
    if (!order && at == length) {
      at = 0;
      length = min(ahead, samples - done);
      for (let t = drawn; t < drawn + (<usize>length << 2); t += 4) store<u32>(t, below(nnz));
      sorted = sort(drawn, spare, length, nnz, counts);
    }
    for (let t: usize = 0; t < <usize>count << 2; t += 4) {
      let p: usize;
      if (order) {
        p = <usize>load<i32>(order + (<usize>next << 2)) << 2;
        if (++next == orderLength) next = 0;
      } else {
        const quarter = length >> 2;
        p = <usize>load<u32>(sorted + (<usize>(at < 4 * quarter ? (at & 3) * quarter + (at >> 2) : at) << 2)) << 2;
        at++;
      }
      store<i32>(scratch + t, load<i32>(userOf + p));
      store<i32>(is + t, load<i32>(itemOf + p));
    }
    let size: usize = 0;
    for (let t: usize = 0; t < <usize>count << 2; t += 4) {
      const u = load<i32>(scratch + t), i = load<i32>(is + t);
      const start = load<i32>(indptr + (<usize>u << 2));
      const degree = load<i32>(indptr + (<usize>u << 2), 4) - start;
      if (degree >= itemCount) continue;
      let j = below(itemCount);
      if (degree > 0) {
        while (isPositive(j, indices + (<usize>start << 2), filter + <usize>start, degree)) j = below(itemCount);
      }
      store<i32>(scratch + size, u);
      store<i32>(is + size, i);
      store<u32>(js + size, j);
      size += 4;
    }
    taken += <i32>(size >> 2);
    product = 1;
    let t: usize = 0;
    for (; t + 16 <= size; t += 16) {
      if (!(t & (4 * AHEAD - 1))) {
        const some = <i32>min(<usize>AHEAD, (size - t) >> 2);
        touchRows(items, is + t, some, bytes);
        touchRows(items, js + t, some, bytes);
      }
      if (sharesRows(v128.load(scratch + t), v128.load(is + t), v128.load(js + t))) {
        for (let one = t; one < t + 16; one += 4) {
          single(load<i32>(scratch + one), load<i32>(is + one), load<i32>(js + one));
        }
      } else four(scratch + t, is + t, js + t);
    }
    for (; t < size; t += 4) single(load<i32>(scratch + t), load<i32>(is + t), load<i32>(js + t));
    loss += Math.log(product);
  }
  storeRandom(state);
  store<f64>(result, loss + linear);
  store<i32>(result, taken, 8);
}

// @ts-ignore: decorator
@inline
function sharesRows(u: v128, i: v128, j: v128): bool {
  const j1 = v128.shuffle<i32>(j, j, 1, 2, 3, 0), j2 = v128.shuffle<i32>(j, j, 2, 3, 0, 1);
  let same = i32x4.eq(u, v128.shuffle<i32>(u, u, 1, 2, 3, 0));
  same = v128.or(same, i32x4.eq(u, v128.shuffle<i32>(u, u, 2, 3, 0, 1)));
  same = v128.or(same, i32x4.eq(i, v128.shuffle<i32>(i, i, 1, 2, 3, 0)));
  same = v128.or(same, i32x4.eq(i, v128.shuffle<i32>(i, i, 2, 3, 0, 1)));
  same = v128.or(same, v128.or(i32x4.eq(j, j1), i32x4.eq(j, j2)));
  same = v128.or(same, v128.or(i32x4.eq(i, j1), i32x4.eq(i, j2)));
  same = v128.or(same, i32x4.eq(i, v128.shuffle<i32>(j, j, 3, 0, 1, 2)));
  return v128.any_true(same);
}

/** One step for each of the four triples at us, is and js, which share no row. */
function four(us: usize, is: usize, js: usize): void {
  const u0 = row(users, us), u1 = row(users, us + 4), u2 = row(users, us + 8), u3 = row(users, us + 12);
  const a0 = row(items, is), a1 = row(items, is + 4), a2 = row(items, is + 8), a3 = row(items, is + 12);
  const b0 = row(items, js), b1 = row(items, js + 4), b2 = row(items, js + 8), b3 = row(items, js + 12);
  const p0 = difference(u0, a0, b0), p1 = difference(u1, a1, b1);
  const p2 = difference(u2, a2, b2), p3 = difference(u3, a3, b3);
  const p01 = f32x4.add(v128.shuffle<f32>(p0, p1, 0, 1, 4, 5), v128.shuffle<f32>(p0, p1, 2, 3, 6, 7));
  const p23 = f32x4.add(v128.shuffle<f32>(p2, p3, 0, 1, 4, 5), v128.shuffle<f32>(p2, p3, 2, 3, 6, 7));
  let x = f32x4.add(v128.shuffle<f32>(p01, p23, 0, 2, 4, 6), v128.shuffle<f32>(p01, p23, 1, 3, 5, 7));
  if (bytes & 15) {
    let rest = f32x4.splat(tail(u0, a0, b0));
    rest = f32x4.replace_lane(rest, 1, tail(u1, a1, b1));
    rest = f32x4.replace_lane(rest, 2, tail(u2, a2, b2));
    x = f32x4.add(x, f32x4.replace_lane(rest, 3, tail(u3, a3, b3)));
  }
  if (bias) x = f32x4.add(x, f32x4.sub(biases(is), biases(js)));
  const g = gain(x, 4);
  const g0 = f32x4.extract_lane(g, 0), g1 = f32x4.extract_lane(g, 1);
  const g2 = f32x4.extract_lane(g, 2), g3 = f32x4.extract_lane(g, 3);
  step(u0, a0, b0, g0);
  step(u1, a1, b1, g1);
  step(u2, a2, b2, g2);
  step(u3, a3, b3, g3);
  if (bias) {
    for (let t: usize = 0; t < 16; t += 4) {
      moveBias(load<i32>(is + t), load<i32>(js + t), t == 0 ? g0 : t == 4 ? g1 : t == 8 ? g2 : g3);
    }
  }
}

/** The same step for one triple. */
function single(i0: i32, i: i32, j: i32): void {
  const u = users + <usize>i0 * bytes, a = items + <usize>i * bytes, b = items + <usize>j * bytes;
  let x = sumLanes(difference(u, a, b));
  if (bytes & 15) x += tail(u, a, b);
  if (bias) x += load<f32>(bias + (<usize>i << 2)) - load<f32>(bias + (<usize>j << 2));
  const g = f32x4.extract_lane(gain(f32x4.splat(x), 1), 0);
  step(u, a, b, g);
  if (bias) moveBias(i, j, g);
}

// @ts-ignore: decorator
@inline
function row(table: usize, at: usize): usize {
  return table + <usize>load<i32>(at) * bytes;
}

/**
 * learningRate·σ(-x) with e = exp(-|x|): σ(-x) = (x > 0 ? e : 1) / (1 + e). For the first `lanes` of x, -log σ(x) =
 * max(-x, 0) + log(1 + e) goes to `linear` and, as a product of at most 64 numbers below 2, to `product`.
 */
// @ts-ignore: decorator
@inline
function gain(x: v128, lanes: i32): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  const whole = f32x4.add(one, e);
  const low = f32x4.pmax(f32x4.neg(x), f32x4.splat(0));
  if (lanes == 4) {
    const upper = v128.shuffle<f32>(whole, whole, 2, 3, 0, 1);
    const pairs = f64x2.mul(f64x2.promote_low_f32x4(whole), f64x2.promote_low_f32x4(upper));
    product *= f64x2.extract_lane(pairs, 0) * f64x2.extract_lane(pairs, 1);
    linear += <f64>sumLanes(low);
  } else {
    product *= <f64>f32x4.extract_lane(whole, 0);
    linear += <f64>f32x4.extract_lane(low, 0);
  }
  return f32x4.div(f32x4.mul(f32x4.splat(rate), v128.bitselect(e, one, f32x4.gt(x, f32x4.splat(0)))), whole);
}

/** Four numbers of a vector by the item numbers at `at`. */
// @ts-ignore: decorator
@inline
function biases(at: usize): v128 {
  let v = v128.load32_splat(bias + (<usize>load<i32>(at) << 2));
  v = v128.load32_lane(bias + (<usize>load<i32>(at, 4) << 2), v, 1);
  v = v128.load32_lane(bias + (<usize>load<i32>(at, 8) << 2), v, 2);
  return v128.load32_lane(bias + (<usize>load<i32>(at, 12) << 2), v, 3);
}

function moveBias(i: i32, j: i32, g: f32): void {
  const bi = bias + (<usize>i << 2), bj = bias + (<usize>j << 2);
  store<f32>(bi, load<f32>(bi) * keep + g);
  store<f32>(bj, load<f32>(bj) * keep - g);
}

/** u·(a-b) over the whole vectors of a row, as four partial sums. */
// @ts-ignore: decorator
@inline
function difference(u: usize, a: usize, b: usize): v128 {
  const n = bytes;
  let s = f32x4.splat(0), t = s;
  let k: usize = 0;
  for (; k + 32 <= n; k += 32) {
    s = f32x4.add(s, f32x4.mul(v128.load(u + k), f32x4.sub(v128.load(a + k), v128.load(b + k))));
    t = f32x4.add(t, f32x4.mul(v128.load(u + k, 16), f32x4.sub(v128.load(a + k, 16), v128.load(b + k, 16))));
  }
  if (k + 16 <= n) s = f32x4.add(s, f32x4.mul(v128.load(u + k), f32x4.sub(v128.load(a + k), v128.load(b + k))));
  return f32x4.add(s, t);
}

/** u·(a-b) over the up to three numbers that fill no vector. */
// @ts-ignore: decorator
@inline
function tail(u: usize, a: usize, b: usize): f32 {
  let x: f32 = 0;
  for (let k = bytes & ~15; k < bytes; k += 4) x += load<f32>(u + k) * (load<f32>(a + k) - load<f32>(b + k));
  return x;
}

/** u = keep·u + g·(a-b); a = keep·a + g·u; b = keep·b - g·u, all from the old values. */
// @ts-ignore: decorator
@inline
function step(u: usize, a: usize, b: usize, g: f32): void {
  const g4 = f32x4.splat(g), keep4 = f32x4.splat(keep);
  const n = bytes;
  let k: usize = 0;
  for (; k + 32 <= n; k += 32) {
    step4(u + k, a + k, b + k, g4, keep4);
    step4(u + k + 16, a + k + 16, b + k + 16, g4, keep4);
  }
  if (k + 16 <= n) {
    step4(u + k, a + k, b + k, g4, keep4);
    k += 16;
  }
  for (; k < n; k += 4) {
    const p = load<f32>(u + k), q = load<f32>(a + k), r = load<f32>(b + k);
    store<f32>(u + k, p * keep + g * (q - r));
    store<f32>(a + k, q * keep + g * p);
    store<f32>(b + k, r * keep - g * p);
  }
}

// @ts-ignore: decorator
@inline
function step4(u: usize, a: usize, b: usize, g: v128, keep4: v128): void {
  const p = v128.load(u), q = v128.load(a), r = v128.load(b);
  const gp = f32x4.mul(g, p);
  v128.store(u, f32x4.add(f32x4.mul(p, keep4), f32x4.mul(g, f32x4.sub(q, r))));
  v128.store(a, f32x4.add(f32x4.mul(q, keep4), gp));
  v128.store(b, f32x4.sub(f32x4.mul(r, keep4), gp));
}
