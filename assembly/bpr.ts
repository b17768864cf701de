// Bayesian personalised ranking (arXiv 1205.2618): draws triples and takes one SGD step for each.
// Triples are drawn a block ahead and their rows touched, so that cache misses overlap; steps stay in order.
import { exp1, sumLanes } from "./exp";
import { below, loadRandom, storeRandom } from "./random";

const BLOCK = 64;
const HASH: u32 = 0x9e3779b1;

/** One byte of filter per positive: for user u, bit hash(j)·8·degree / 2³² of bytes indptr[u]… is set for every positive j. */
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

/**
 * `samples` steps. A positive (u,i) is drawn uniformly, or read from `order` in turn; j is uniform over the items that
 * are no positives of u; a user that has every item is skipped.
 * x = u·(i-j) + b_i - b_j, g = σ(-x), θ += learningRate·(g·∂x/∂θ - decay·θ).
 * result: f64 Σ -log σ(x), i32 steps taken, i32 steps with x > 0. scratch: 12·64 bytes.
 */
export function bprEpoch(
  users: usize, items: usize, bias: usize, userOf: usize, itemOf: usize, indptr: usize, indices: usize, filter: usize,
  nnz: i32, itemCount: i32, d: i32, learningRate: f32, decay: f32, samples: i32,
  state: usize, order: usize, orderLength: i32, orderStart: i32, scratch: usize, result: usize,
): void {
  loadRandom(state);
  const bytes = <usize>d << 2;
  const keep = <f32>1 - learningRate * decay;
  let loss: f64 = 0;
  let taken = 0, correct = 0, next = orderStart;
  let touched: f32 = 0;
  for (let done = 0; done < samples; done += BLOCK) {
    const count = min(BLOCK, samples - done);
    for (let t = 0; t < count; t++) {
      let p: i32;
      if (order) {
        p = load<i32>(order + (<usize>next << 2));
        if (++next == orderLength) next = 0;
      } else p = <i32>below(nnz);
      store<i32>(scratch + <usize>t * 12, p);
    }
    let size = 0;
    for (let t = 0; t < count; t++) {
      const p = <usize>load<i32>(scratch + <usize>t * 12) << 2;
      const u = load<i32>(userOf + p), i = load<i32>(itemOf + p);
      const start = load<i32>(indptr + (<usize>u << 2));
      const degree = load<i32>(indptr + (<usize>u << 2), 4) - start;
      if (degree >= itemCount) continue;
      let j = below(itemCount);
      if (degree > 0) {
        while (isPositive(j, indices + (<usize>start << 2), filter + <usize>start, degree)) j = below(itemCount);
      }
      const entry = scratch + <usize>size * 12;
      size++;
      store<i32>(entry, u);
      store<i32>(entry, i, 4);
      store<u32>(entry, j, 8);
      touched += touch(users + <usize>u * bytes, bytes);
      touched += touch(items + <usize>i * bytes, bytes);
      touched += touch(items + <usize>j * bytes, bytes);
    }
    let product: f64 = 1;
    for (let t = 0; t < size; t++) {
      const entry = scratch + <usize>t * 12;
      const i = load<i32>(entry, 4), j = load<i32>(entry, 8);
      const u = users + <usize>load<i32>(entry) * bytes;
      const a = items + <usize>i * bytes, b = items + <usize>j * bytes;
      let x = difference(u, a, b, bytes);
      if (bias) x += load<f32>(bias + (<usize>i << 2)) - load<f32>(bias + (<usize>j << 2));
      const small = exp1(-Mathf.abs(x));
      const whole: f32 = <f32>1 + small;
      product *= <f64>whole;
      loss += <f64>max<f32>(-x, 0);
      correct += i32(x > 0);
      const g = (learningRate * (x > 0 ? small : <f32>1)) / whole;
      step(u, a, b, bytes, g, keep);
      if (bias) {
        store<f32>(bias + (<usize>i << 2), load<f32>(bias + (<usize>i << 2)) * keep + g);
        store<f32>(bias + (<usize>j << 2), load<f32>(bias + (<usize>j << 2)) * keep - g);
      }
    }
    loss += Math.log(product);
    taken += size;
  }
  storeRandom(state);
  store<f32>(scratch, touched);
  store<f64>(result, loss);
  store<i32>(result, taken, 8);
  store<i32>(result, correct, 12);
}

/** Reads one number of every cache line of a row. */
// @ts-ignore: decorator
@inline
function touch(row: usize, bytes: usize): f32 {
  let sum: f32 = 0;
  for (let k: usize = 0; k < bytes; k += 64) sum += load<f32>(row + k);
  return sum;
}

/** u·(a-b). */
// @ts-ignore: decorator
@inline
function difference(u: usize, a: usize, b: usize, bytes: usize): f32 {
  let s = f32x4.splat(0), t = s;
  let k: usize = 0;
  for (; k + 32 <= bytes; k += 32) {
    s = f32x4.add(s, f32x4.mul(v128.load(u + k), f32x4.sub(v128.load(a + k), v128.load(b + k))));
    t = f32x4.add(t, f32x4.mul(v128.load(u + k, 16), f32x4.sub(v128.load(a + k, 16), v128.load(b + k, 16))));
  }
  for (; k + 16 <= bytes; k += 16) {
    s = f32x4.add(s, f32x4.mul(v128.load(u + k), f32x4.sub(v128.load(a + k), v128.load(b + k))));
  }
  let x = sumLanes(f32x4.add(s, t));
  for (; k < bytes; k += 4) x += load<f32>(u + k) * (load<f32>(a + k) - load<f32>(b + k));
  return x;
}

/** u = keep·u + g·(a-b); a = keep·a + g·u; b = keep·b - g·u, all from the old values. */
// @ts-ignore: decorator
@inline
function step(u: usize, a: usize, b: usize, bytes: usize, g: f32, keep: f32): void {
  const g4 = f32x4.splat(g), keep4 = f32x4.splat(keep);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    const p = v128.load(u + k), q = v128.load(a + k), r = v128.load(b + k);
    const gp = f32x4.mul(g4, p);
    v128.store(u + k, f32x4.add(f32x4.mul(p, keep4), f32x4.mul(g4, f32x4.sub(q, r))));
    v128.store(a + k, f32x4.add(f32x4.mul(q, keep4), gp));
    v128.store(b + k, f32x4.sub(f32x4.mul(r, keep4), gp));
  }
  for (; k < bytes; k += 4) {
    const p = load<f32>(u + k), q = load<f32>(a + k), r = load<f32>(b + k);
    store<f32>(u + k, p * keep + g * (q - r));
    store<f32>(a + k, q * keep + g * p);
    store<f32>(b + k, r * keep - g * p);
  }
}
