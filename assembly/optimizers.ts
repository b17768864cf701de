// SGD, Adagrad and Adam on the n rows ids[t] of a table, which do not repeat; ids = 0 means the rows 0, 1, … in order.
// Their gradients are grads[t,:], or the sums of the lookups in rings (row-gradients.ts) where last ≠ 0.
// decay is L2 and scale clips: G = scale·g + decay·w. A row gets the same bits wherever it lies, since lanes and tails
// use the same operations.

import { AHEAD, touchRows } from "./ahead";
import { sumSlots } from "./row-gradients";

/** w -= learningRate·G. */
export function sgdRows(
  table: usize, ids: usize, last: usize, next: usize, grads: usize, n: i32, width: i32,
  scale: f32, decay: f32, learningRate: f32,
): void {
  const dense = ids == 0;
  const bytes = <usize>(dense ? n * width : width) << 2;
  const rows = dense ? 1 : n;
  const rate = f32x4.splat(learningRate), shrink = f32x4.splat(decay), clip = f32x4.splat(scale);
  for (let t = 0; t < rows; t++) {
    if (!dense && t % AHEAD == 0) {
      touchRows(table, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      sumAhead(last, next, grads, t, n, width);
    }
    const w = table + (dense ? 0 : <usize>load<i32>(ids + (<usize>t << 2)) * bytes);
    const g = grads + (last == 0 ? <usize>t : <usize>load<i32>(last + (<usize>t << 2))) * bytes;
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      const x = v128.load(w + k);
      const G = f32x4.add(f32x4.mul(clip, v128.load(g + k)), f32x4.mul(shrink, x));
      v128.store(w + k, f32x4.sub(x, f32x4.mul(rate, G)));
    }
    for (; k < bytes; k += 4) {
      const x = load<f32>(w + k);
      store<f32>(w + k, x - learningRate * (scale * load<f32>(g + k) + decay * x));
    }
  }
}

/** Adagrad (Duchi et al., JMLR 2011): a += G²; w -= learningRate·G / (√a + epsilon). */
export function adagradRows(
  table: usize, accumulator: usize, ids: usize, last: usize, next: usize, grads: usize, n: i32, width: i32,
  scale: f32, decay: f32, learningRate: f32, epsilon: f32,
): void {
  const dense = ids == 0;
  const bytes = <usize>(dense ? n * width : width) << 2;
  const rows = dense ? 1 : n;
  const rate = f32x4.splat(learningRate), eps = f32x4.splat(epsilon);
  const shrink = f32x4.splat(decay), clip = f32x4.splat(scale);
  for (let t = 0; t < rows; t++) {
    if (!dense && t % AHEAD == 0) {
      touchRows(table, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      touchRows(accumulator, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      sumAhead(last, next, grads, t, n, width);
    }
    const at = dense ? 0 : <usize>load<i32>(ids + (<usize>t << 2)) * bytes;
    const w = table + at, a = accumulator + at;
    const g = grads + (last == 0 ? <usize>t : <usize>load<i32>(last + (<usize>t << 2))) * bytes;
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      const x = v128.load(w + k);
      const G = f32x4.add(f32x4.mul(clip, v128.load(g + k)), f32x4.mul(shrink, x));
      const sum = f32x4.add(v128.load(a + k), f32x4.mul(G, G));
      v128.store(a + k, sum);
      v128.store(w + k, f32x4.sub(x, f32x4.div(f32x4.mul(rate, G), f32x4.add(f32x4.sqrt(sum), eps))));
    }
    for (; k < bytes; k += 4) {
      const x = load<f32>(w + k);
      const G = scale * load<f32>(g + k) + decay * x;
      const sum = load<f32>(a + k) + G * G;
      store<f32>(a + k, sum);
      store<f32>(w + k, x - (learningRate * G) / (Mathf.sqrt(sum) + epsilon));
    }
  }
}

/**
 * Row-wise Adagrad (FBGEMM, DLRM: arXiv 1906.00091), one accumulator a row:
 * a[row] += mean(G²); w -= learningRate·G / (√a[row] + epsilon). The mean is summed in four lanes.
 */
export function rowwiseAdagradRows(
  table: usize, accumulator: usize, ids: usize, last: usize, next: usize, grads: usize, n: i32, width: i32,
  scale: f32, decay: f32, learningRate: f32, epsilon: f32,
): void {
  const bytes = <usize>width << 2;
  const shrink = f32x4.splat(decay), clip = f32x4.splat(scale);
  for (let t = 0; t < n; t++) {
    if (ids != 0 && t % AHEAD == 0) {
      touchRows(table, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      touchRows(accumulator, ids + (<usize>t << 2), min(AHEAD, n - t), 4);
      sumAhead(last, next, grads, t, n, width);
    }
    const row = ids == 0 ? <usize>t : <usize>load<i32>(ids + (<usize>t << 2));
    const w = table + row * bytes, a = accumulator + (row << 2);
    const g = grads + (last == 0 ? <usize>t : <usize>load<i32>(last + (<usize>t << 2))) * bytes;
    let lanes = f32x4.splat(0);
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      const G = f32x4.add(f32x4.mul(clip, v128.load(g + k)), f32x4.mul(shrink, v128.load(w + k)));
      lanes = f32x4.add(lanes, f32x4.mul(G, G));
    }
    let squares = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1)
      + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
    for (; k < bytes; k += 4) {
      const G = scale * load<f32>(g + k) + decay * load<f32>(w + k);
      squares += G * G;
    }
    const sum = load<f32>(a) + squares / <f32>width;
    store<f32>(a, sum);
    const rate = learningRate / (Mathf.sqrt(sum) + epsilon);
    const rate4 = f32x4.splat(rate);
    for (k = 0; k + 16 <= bytes; k += 16) {
      const x = v128.load(w + k);
      const G = f32x4.add(f32x4.mul(clip, v128.load(g + k)), f32x4.mul(shrink, x));
      v128.store(w + k, f32x4.sub(x, f32x4.mul(rate4, G)));
    }
    for (; k < bytes; k += 4) {
      const x = load<f32>(w + k);
      store<f32>(w + k, x - rate * (scale * load<f32>(g + k) + decay * x));
    }
  }
}

/**
 * Adam (arXiv 1412.6980), lazy: rows that were not touched keep m and v.
 * m = beta1·m + rest1·G; v = beta2·v + rest2·G²; w = keep·w - rate·m / (√v·root + epsilon)
 * with rest = 1-beta, rate = learningRate/(1-beta1^step), root = 1/√(1-beta2^step), all computed by the caller.
 */
export function adamRows(
  table: usize, m: usize, v: usize, ids: usize, last: usize, next: usize, grads: usize, n: i32, width: i32,
  scale: f32, decay: f32, rate: f32, root: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32,
  keep: f32,
): void {
  const dense = ids == 0;
  const bytes = <usize>(dense ? n * width : width) << 2;
  const rows = dense ? 1 : n;
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const rate4 = f32x4.splat(rate), root4 = f32x4.splat(root), eps = f32x4.splat(epsilon);
  const shrink = f32x4.splat(decay), clip = f32x4.splat(scale), stay = f32x4.splat(keep);
  for (let t = 0; t < rows; t++) {
    if (!dense && t % AHEAD == 0) {
      touchRows(table, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      touchRows(m, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      touchRows(v, ids + (<usize>t << 2), min(AHEAD, n - t), bytes);
      sumAhead(last, next, grads, t, n, width);
    }
    const at = dense ? 0 : <usize>load<i32>(ids + (<usize>t << 2)) * bytes;
    const w = table + at, mt = m + at, vt = v + at;
    const g = grads + (last == 0 ? <usize>t : <usize>load<i32>(last + (<usize>t << 2))) * bytes;
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      const x = v128.load(w + k);
      const G = f32x4.add(f32x4.mul(clip, v128.load(g + k)), f32x4.mul(shrink, x));
      const one = f32x4.add(f32x4.mul(b1, v128.load(mt + k)), f32x4.mul(r1, G));
      const two = f32x4.add(f32x4.mul(b2, v128.load(vt + k)), f32x4.mul(r2, f32x4.mul(G, G)));
      v128.store(mt + k, one);
      v128.store(vt + k, two);
      const below = f32x4.add(f32x4.mul(f32x4.sqrt(two), root4), eps);
      v128.store(w + k, f32x4.sub(f32x4.mul(stay, x), f32x4.div(f32x4.mul(rate4, one), below)));
    }
    for (; k < bytes; k += 4) {
      const x = load<f32>(w + k);
      const G = scale * load<f32>(g + k) + decay * x;
      const one = beta1 * load<f32>(mt + k) + rest1 * G;
      const two = beta2 * load<f32>(vt + k) + rest2 * (G * G);
      store<f32>(mt + k, one);
      store<f32>(vt + k, two);
      store<f32>(w + k, keep * x - (rate * one) / (Mathf.sqrt(two) * root + epsilon));
    }
  }
}

/** The sums of the rings of rows t … t+AHEAD-1, just before they are read. */
// @ts-ignore: decorator
@inline
function sumAhead(last: usize, next: usize, grads: usize, t: i32, n: i32, width: i32): void {
  if (last != 0) sumSlots(last + (<usize>t << 2), next, grads, min(AHEAD, n - t), width);
}
