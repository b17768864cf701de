// Experts over entities, nodes of a table of students' rows and of one of teachers' rows alike: each entity picks one of
// `count` by a linear view of its teacher's row and noise; each expert, two layers, rebuilds the teachers' rows of its
// own entities, and takes its Adam step while its weights are in cache.

import { exp4, sumLanes } from "./exp";
import { gemmPanels, gemmScratch, packPanels } from "./gemm";
import { adamRows } from "./optimizers";
import { addRow, copyRow, gather } from "./rows";

/** Entities at a time. */
const CHUNK: i32 = 64;
/** Of a list of them: one more, for lists whose distance is a power of two fall on each other in cache. */
const ROOM: i32 = CHUNK + 1;

// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return (((<usize>n << 2) + 63) >> 6) << 6;
}

/** Bytes that packed panels of a K × n matrix take. */
// @ts-ignore: decorator
@inline
export function panelBytes(K: i32, n: i32): usize {
  return floats(K * ((n + 7) & ~7));
}

/** ln x for positive normal x: x = 2ⁿ·m, √½ ≤ m < √2, Cephes' logf polynomial in m - 1. */
// @ts-ignore: decorator
@inline
function log4(x: v128): v128 {
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const n = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(m, f32x4.splat(1));
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(3.3333331174e-1));
  const square = f32x4.mul(r, r);
  const tail = f32x4.sub(f32x4.mul(f32x4.mul(p, r), square), f32x4.mul(square, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(r, tail), f32x4.mul(n, f32x4.splat(0.69314718056)));
}

/** Four numbers in (0, 1) that follow from `key` and four counters (MurmurHash3's finaliser, twice). */
// @ts-ignore: decorator
@inline
function uniform4(key: i32, counters: v128): v128 {
  let x = v128.xor(mix4(counters), i32x4.splat(key));
  x = mix4(x);
  const high = f32x4.convert_i32x4_s(i32x4.shr_u(x, 9));
  return f32x4.mul(f32x4.add(high, f32x4.splat(0.5)), f32x4.splat(1.1920929e-7));
}

// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** Bytes that chooseExperts needs at `scratch`. */
export function chooseScratch(width: i32): usize {
  return floats(CHUNK * width) + gemmScratch();
}

/**
 * For entities t in [t0, t1): groups[t] = argmax V e + b; with y = V e + b + gumbel, chosen[t] = argmax y, and slopes[t,:] =
 * d ln p_m / d (V e + b) with p = softmax(y / τ), m the chosen: (δ_m - p) / τ. `packed` are the panels of Vᵀ; slopes has
 * `stride` columns, a multiple of 8.
 */
export function chooseExperts(
  teacher: usize, width: i32, nodes: usize, t0: i32, t1: i32, packed: usize, bias: usize, count: i32, stride: i32,
  inverse: f32, key: i32, groups: usize, chosen: usize, slopes: usize, scratch: usize,
): void {
  const spare = scratch + floats(CHUNK * width);
  const bytes = <usize>stride << 2;
  const rate = f32x4.splat(inverse);
  for (let t = t0; t < t1; t += CHUNK) {
    const n = min(CHUNK, t1 - t);
    gather(teacher, nodes + (<usize>t << 2), scratch, n, width);
    const y0 = slopes + <usize>t * bytes;
    gemmPanels(scratch, width, 1, width, packed, y0, stride, 0, n, 0, stride, 0, spare);
    for (let e = 0; e < n; e++) {
      const y = y0 + <usize>e * bytes;
      const node = load<i32>(nodes + (<usize>(t + e) << 2));
      for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, f32x4.add(v128.load(y + k), v128.load(bias + k)));
      store<i32>(groups + (<usize>(t + e) << 2), largest(y, count));
      for (let k = 0; k < stride; k += 4) {
        const at = y + (<usize>k << 2);
        const counters = i32x4.add(i32x4.splat(node * stride + k), i32x4(0, 1, 2, 3));
        const gumbel = log4(f32x4.neg(log4(uniform4(key, counters))));
        v128.store(at, f32x4.sub(v128.load(at), gumbel));
      }
      const m = largest(y, count);
      const best = load<f32>(y + (<usize>m << 2));
      for (let k = count; k < stride; k++) store<f32>(y + (<usize>k << 2), -Infinity);
      let sum = f32x4.splat(0);
      for (let k: usize = 0; k < bytes; k += 16) {
        const p = exp4(f32x4.mul(f32x4.sub(v128.load(y + k), f32x4.splat(best)), rate));
        v128.store(y + k, p);
        sum = f32x4.add(sum, p);
      }
      const share = f32x4.splat(<f32>1 / sumLanes(sum));
      for (let k: usize = 0; k < bytes; k += 16) {
        v128.store(y + k, f32x4.neg(f32x4.mul(f32x4.mul(v128.load(y + k), share), rate)));
      }
      const own = y + (<usize>m << 2);
      store<f32>(own, inverse + load<f32>(own));
      store<i32>(chosen + (<usize>(t + e) << 2), m);
    }
  }
}

/** The place of the largest of n numbers, the first of equals. */
function largest(y: usize, n: i32): i32 {
  let at = 0;
  let best = load<f32>(y);
  for (let k = 1; k < n; k++) {
    const value = load<f32>(y + (<usize>k << 2));
    if (value <= best) continue;
    best = value;
    at = k;
  }
  return at;
}

/** Bytes that selectorGradient needs at `scratch`. */
export function selectorScratch(width: i32, stride: i32): usize {
  return floats(CHUNK * width) + floats(CHUNK * stride) + panelBytes(CHUNK, width) + gemmScratch();
}

/**
 * Columns [c0, c1) of the gradient of V: grad[k, c] += Σ_t gates[t]·slopes[t, k]·e_t[c], for t in [t0, t1); and, with
 * c0 = 0, that of b, at `bias`. Entities whose slopes are 0 cost nothing.
 */
export function selectorGradient(
  teacher: usize, width: i32, nodes: usize, t0: i32, t1: i32, gates: usize, slopes: usize, count: i32, stride: i32,
  c0: i32, c1: i32, grad: usize, bias: usize, scratch: usize,
): void {
  const columns = c1 - c0;
  const D = scratch + floats(CHUNK * width);
  const panels = D + floats(CHUNK * stride);
  const spare = panels + panelBytes(CHUNK, width);
  const bytes = <usize>stride << 2;
  let n = 0;
  for (let t = t0; t < t1; t++) {
    const from = slopes + <usize>t * bytes, to = D + <usize>n * bytes;
    const gate = f32x4.splat(load<f32>(gates + (<usize>t << 2)));
    let any = i32x4.splat(0);
    for (let k: usize = 0; k < bytes; k += 16) {
      const slope = f32x4.mul(gate, v128.load(from + k));
      any = v128.or(any, f32x4.ne(slope, f32x4.splat(0)));
      v128.store(to + k, slope);
    }
    if (v128.any_true(any)) {
      const row = <usize>load<i32>(nodes + (<usize>t << 2)) * <usize>width + <usize>c0;
      copyRow(scratch + (<usize>(n * columns) << 2), teacher + (row << 2), <usize>columns << 2);
      if (c0 == 0) addRow(bias, to, bytes);
      n++;
    }
    if (n == CHUNK || (t == t1 - 1 && n > 0)) {
      packPanels(scratch, columns, 1, n, columns, 0, (columns + 7) >> 3, panels);
      gemmPanels(D, 1, stride, n, panels, grad + (<usize>c0 << 2), width, 0, count, 0, columns, 1, spare);
      n = 0;
    }
  }
}

/** Numbers of one expert: hidden × wide, wide shifts, d × hidden, hidden shifts, and what fills up a cache line. */
// @ts-ignore: decorator
@inline
function expertSize(d: i32, hidden: i32, wide: i32): i32 {
  return ((hidden + 1) * wide + (d + 1) * hidden + 15) & ~15;
}

/** Bytes that stepExperts needs at `scratch`. */
export function expertScratch(d: i32, hidden: i32, wide: i32): usize {
  return floats(expertSize(d, hidden, wide)) + panelBytes(d, hidden) + panelBytes(hidden, d) + 2 * floats(CHUNK * d)
    + 2 * floats(CHUNK * wide) + 2 * floats(CHUNK * hidden) + panelBytes(CHUNK, hidden)
    + floats(2 * CHUNK * hidden) + floats(2 * ROOM * hidden) + floats(CHUNK) + floats(hidden) + gemmScratch();
}

/**
 * For the experts experts[0…listed), those of expert k the entities first[k] … first[k+1]-1 of `nodes`:
 * L = Σ_e s ‖t_e - E(x_e)‖², E(x) = W₂ relu(W₁ x + b₁) + b₂, s = scales[k]. losses[k] = L; the gradient by x_e is added to
 * `gradient`, that by a factor on E(x_e), at 1, stored in gates[places[e]]; and the expert takes one Adam step. Products
 * with relu's output, half of it zero, run over lists of what is not.
 */
export function stepExperts(
  experts: usize, listed: i32, first: usize, nodes: usize, places: usize, table: usize, gradient: usize, d: i32,
  teacher: usize, width: i32, hidden: i32, weights: usize, m: usize, v: usize, scales: usize, gates: usize,
  losses: usize, decay: f32, rate: f32, root: f32, scratch: usize,
): void {
  const wide = (width + 7) & ~7;
  const size = expertSize(d, hidden, wide);
  const grads = scratch;
  const into = grads + floats(size);
  const out = into + panelBytes(d, hidden);
  const X = out + panelBytes(hidden, d);
  const dX = X + floats(CHUNK * d);
  const T = dX + floats(CHUNK * d);
  const Y = T + floats(CHUNK * wide);
  const Z = Y + floats(CHUNK * wide);
  const dZ = Z + floats(CHUNK * hidden);
  const slopesZ = dZ + floats(CHUNK * hidden);
  const units = slopesZ + panelBytes(CHUNK, hidden);
  const rows = units + floats(2 * CHUNK * hidden);
  const unitsOf = rows + floats(2 * ROOM * hidden);
  const rowsOf = unitsOf + floats(CHUNK);
  const spare = rowsOf + floats(hidden);
  const inner = (hidden + 7) >> 3;
  const hiddenBytes = <usize>hidden << 2, wideBytes = <usize>wide << 2;
  memory.fill(T, 0, <usize>(CHUNK * wide) << 2);
  for (let l = 0; l < listed; l++) {
    const k = load<i32>(experts + (<usize>l << 2));
    const at = <usize>(k * size) << 2;
    const W2 = weights + at;
    const b2 = W2 + <usize>hidden * wideBytes;
    const W1 = b2 + wideBytes;
    const b1 = W1 + <usize>d * hiddenBytes;
    const gW1 = grads + <usize>(hidden + 1) * wideBytes;
    const gb2 = grads + <usize>hidden * wideBytes;
    const gb1 = gW1 + <usize>d * hiddenBytes;
    const scale = load<f32>(scales + (<usize>k << 2));
    const start = load<i32>(first + (<usize>k << 2)), end = load<i32>(first + (<usize>k << 2), 4);
    memory.fill(grads, 0, <usize>size << 2);
    if (end > start) {
      packPanels(W1, hidden, 1, d, hidden, 0, inner, into);
      packPanels(W1, 1, hidden, hidden, d, 0, (d + 7) >> 3, out);
    }
    let loss: f64 = 0;
    for (let e0 = start; e0 < end; e0 += CHUNK) {
      const n = min(CHUNK, end - e0);
      const ids = nodes + (<usize>e0 << 2);
      gather(table, ids, X, n, d);
      for (let e = 0; e < n; e++) {
        copyRow(Z + <usize>e * hiddenBytes, b1, hiddenBytes);
        copyRow(Y + <usize>e * wideBytes, b2, wideBytes);
        const node = <usize>load<i32>(ids + (<usize>e << 2));
        copyRow(T + <usize>e * wideBytes, teacher + ((node * <usize>width) << 2), <usize>width << 2);
      }
      gemmPanels(X, d, 1, d, into, Z, hidden, 0, n, 0, hidden, 1, spare);
      listPositive(Z, n, hidden, units, unitsOf, rows, rowsOf);
      combine(units, unitsOf, n, hidden, W2, Y, wide);
      for (let e = 0; e < n; e++) {
        const y = Y + <usize>e * wideBytes;
        const gate = residual(y, T + <usize>e * wideBytes, wide, scale);
        loss += <f64>scale * <f64>squares;
        store<f32>(gates + (<usize>load<i32>(places + (<usize>(e0 + e) << 2)) << 2), gate);
        addRow(gb2, y, wideBytes);
      }
      combine(rows, rowsOf, hidden, ROOM, Y, grads, wide);
      memory.fill(dZ, 0, <usize>n * hiddenBytes);
      for (let e = 0; e < n; e++) {
        const z = dZ + <usize>e * hiddenBytes;
        const count = load<i32>(unitsOf + (<usize>e << 2));
        products(units + (<usize>(e * hidden) << 3), count, W2, Y + <usize>e * wideBytes, wide, z);
        addRow(gb1, z, hiddenBytes);
      }
      packPanels(dZ, hidden, 1, n, hidden, 0, inner, slopesZ);
      gemmPanels(X, 1, d, n, slopesZ, gW1, hidden, 0, d, 0, hidden, 1, spare);
      gemmPanels(dZ, hidden, 1, hidden, out, dX, d, 0, n, 0, d, 0, spare);
      for (let e = 0; e < n; e++) {
        const node = <usize>load<i32>(ids + (<usize>e << 2));
        addRow(gradient + ((node * <usize>d) << 2), dX + (<usize>(e * d) << 2), <usize>d << 2);
      }
    }
    store<f64>(losses + (<usize>k << 3), loss);
    adamRows(W2, m + at, v + at, 0, 0, 0, grads, 1, size, 1, decay, rate, root, 0.9, 0.1, 0.999, 0.001, 1e-8, 1);
  }
}

/**
 * What is positive in Z (n × width), as pairs of an index and the value: units[e] holds unitsOf[e] columns of row e,
 * rows[k] rowsOf[k] rows of column k; units has room for `width` in each, rows for ROOM. Every pair is
 * written, and the next over it where it does not count: half of them do, in no order that a branch could foresee.
 */
function listPositive(Z: usize, n: i32, width: i32, units: usize, unitsOf: usize, rows: usize, rowsOf: usize): void {
  memory.fill(rowsOf, 0, <usize>width << 2);
  for (let e = 0; e < n; e++) {
    const start = units + (<usize>(e * width) << 3);
    let to = start;
    for (let k = 0; k < width; k++) {
      const z = load<f32>(Z + (<usize>(e * width + k) << 2));
      const more = i32(z > 0);
      store<i32>(to, k);
      store<f32>(to, z, 4);
      to += <usize>more << 3;
      const counter = rowsOf + (<usize>k << 2);
      const count = load<i32>(counter);
      const at = rows + (<usize>(k * ROOM + count) << 3);
      store<i32>(at, e);
      store<f32>(at, z, 4);
      store<i32>(counter, count + more);
    }
    store<i32>(unitsOf + (<usize>e << 2), <i32>((to - start) >> 3));
  }
}

/** out[i,:] += Σ over pairs (r, z) of list i, z·from[r,:]; lists lie `room` pairs apart, rows have `wide` columns. */
function combine(lists: usize, counts: usize, n: i32, room: i32, from: usize, out: usize, wide: i32): void {
  const bytes = <usize>wide << 2;
  let c: usize = 0;
  // 40 columns at a time stay in registers, and their part of `from` in the first cache.
  for (; c + 160 <= bytes; c += 160) {
    for (let i = 0; i < n; i++) {
      const to = out + <usize>i * bytes + c;
      let a0 = v128.load(to), a1 = v128.load(to, 16), a2 = v128.load(to, 32), a3 = v128.load(to, 48);
      let a4 = v128.load(to, 64), a5 = v128.load(to, 80), a6 = v128.load(to, 96), a7 = v128.load(to, 112);
      let a8 = v128.load(to, 128), a9 = v128.load(to, 144);
      let p = lists + (<usize>(i * room) << 3);
      const end = p + (<usize>load<i32>(counts + (<usize>i << 2)) << 3);
      for (; p < end; p += 8) {
        const x = from + <usize>load<i32>(p) * bytes + c;
        const z = v128.load32_splat(p, 4);
        a0 = f32x4.add(a0, f32x4.mul(z, v128.load(x)));
        a1 = f32x4.add(a1, f32x4.mul(z, v128.load(x, 16)));
        a2 = f32x4.add(a2, f32x4.mul(z, v128.load(x, 32)));
        a3 = f32x4.add(a3, f32x4.mul(z, v128.load(x, 48)));
        a4 = f32x4.add(a4, f32x4.mul(z, v128.load(x, 64)));
        a5 = f32x4.add(a5, f32x4.mul(z, v128.load(x, 80)));
        a6 = f32x4.add(a6, f32x4.mul(z, v128.load(x, 96)));
        a7 = f32x4.add(a7, f32x4.mul(z, v128.load(x, 112)));
        a8 = f32x4.add(a8, f32x4.mul(z, v128.load(x, 128)));
        a9 = f32x4.add(a9, f32x4.mul(z, v128.load(x, 144)));
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
      v128.store(to, a2, 32);
      v128.store(to, a3, 48);
      v128.store(to, a4, 64);
      v128.store(to, a5, 80);
      v128.store(to, a6, 96);
      v128.store(to, a7, 112);
      v128.store(to, a8, 128);
      v128.store(to, a9, 144);
    }
  }
  for (; c < bytes; c += 32) {
    for (let i = 0; i < n; i++) {
      const to = out + <usize>i * bytes + c;
      let a0 = v128.load(to), a1 = v128.load(to, 16);
      let p = lists + (<usize>(i * room) << 3);
      const end = p + (<usize>load<i32>(counts + (<usize>i << 2)) << 3);
      for (; p < end; p += 8) {
        const x = from + <usize>load<i32>(p) * bytes + c;
        const z = v128.load32_splat(p, 4);
        a0 = f32x4.add(a0, f32x4.mul(z, v128.load(x)));
        a1 = f32x4.add(a1, f32x4.mul(z, v128.load(x, 16)));
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
    }
  }
}

/** out[k] = W[k,:]·y for the `count` pairs (k, …) of `list`, four at a time; rows have `wide` columns. */
function products(list: usize, count: i32, W: usize, y: usize, wide: i32, out: usize): void {
  const bytes = <usize>wide << 2;
  for (let i = 0; i < count; i += 4) {
    const p = list + (<usize>i << 3);
    const last = count - 1 - i;
    const k0 = <usize>load<i32>(p), k1 = <usize>load<i32>(p + (<usize>min(1, last) << 3));
    const k2 = <usize>load<i32>(p + (<usize>min(2, last) << 3)), k3 = <usize>load<i32>(p + (<usize>min(3, last) << 3));
    const w0 = W + k0 * bytes, w1 = W + k1 * bytes, w2 = W + k2 * bytes, w3 = W + k3 * bytes;
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let c: usize = 0; c < bytes; c += 32) {
      const y0 = v128.load(y + c), y1 = v128.load(y + c, 16);
      a0 = f32x4.add(a0, f32x4.mul(y0, v128.load(w0 + c)));
      a1 = f32x4.add(a1, f32x4.mul(y0, v128.load(w1 + c)));
      a2 = f32x4.add(a2, f32x4.mul(y0, v128.load(w2 + c)));
      a3 = f32x4.add(a3, f32x4.mul(y0, v128.load(w3 + c)));
      b0 = f32x4.add(b0, f32x4.mul(y1, v128.load(w0 + c, 16)));
      b1 = f32x4.add(b1, f32x4.mul(y1, v128.load(w1 + c, 16)));
      b2 = f32x4.add(b2, f32x4.mul(y1, v128.load(w2 + c, 16)));
      b3 = f32x4.add(b3, f32x4.mul(y1, v128.load(w3 + c, 16)));
    }
    store<f32>(out + (k0 << 2), sumLanes(f32x4.add(a0, b0)));
    store<f32>(out + (k1 << 2), sumLanes(f32x4.add(a1, b1)));
    store<f32>(out + (k2 << 2), sumLanes(f32x4.add(a2, b2)));
    store<f32>(out + (k3 << 2), sumLanes(f32x4.add(a3, b3)));
  }
}

let squares: f32 = 0;

/** y = 2·scale·(y - t), leaving Σ (y - t)² in `squares`; returns what was y · this. */
function residual(y: usize, t: usize, wide: i32, scale: f32): f32 {
  const bytes = <usize>wide << 2;
  const twice: f32 = 2 * scale;
  let all = f32x4.splat(0), along = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const own = v128.load(y + k);
    const gap = f32x4.sub(own, v128.load(t + k));
    all = f32x4.add(all, f32x4.mul(gap, gap));
    const slope = f32x4.mul(f32x4.splat(twice), gap);
    along = f32x4.add(along, f32x4.mul(slope, own));
    v128.store(y + k, slope);
  }
  squares = sumLanes(all);
  return sumLanes(along);
}
