// Sparse (CSR) × dense products and the sparse Gramian. A range of output rows is one call, so rows never meet.

/** y = scale·(base + Σ_t v_t·X[idx_t]), over 16, 4 and then single columns at a time; base 0: zeros; values 0: ones. */
function spmmRow(
  indices: usize, values: usize, s: i32, e: i32, X: usize, width: i32, base: usize, y: usize, scale: f32,
): void {
  const bytes = <usize>width << 2;
  const first = indices + (<usize>s << 2);
  const last = indices + (<usize>e << 2);
  const shift = values - indices;
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(scale);
  let k: usize = 0;
  for (; k + 64 <= bytes; k += 64) {
    let a0 = base ? v128.load(base + k) : zero;
    let a1 = base ? v128.load(base + k, 16) : zero;
    let a2 = base ? v128.load(base + k, 32) : zero;
    let a3 = base ? v128.load(base + k, 48) : zero;
    if (values) {
      for (let t = first; t < last; t += 4) {
        const x = X + <usize>load<i32>(t) * bytes + k;
        const v = v128.load32_splat(t + shift);
        a0 = f32x4.add(a0, f32x4.mul(v, v128.load(x)));
        a1 = f32x4.add(a1, f32x4.mul(v, v128.load(x, 16)));
        a2 = f32x4.add(a2, f32x4.mul(v, v128.load(x, 32)));
        a3 = f32x4.add(a3, f32x4.mul(v, v128.load(x, 48)));
      }
    } else {
      for (let t = first; t < last; t += 4) {
        const x = X + <usize>load<i32>(t) * bytes + k;
        a0 = f32x4.add(a0, v128.load(x));
        a1 = f32x4.add(a1, v128.load(x, 16));
        a2 = f32x4.add(a2, v128.load(x, 32));
        a3 = f32x4.add(a3, v128.load(x, 48));
      }
    }
    v128.store(y + k, f32x4.mul(factor, a0));
    v128.store(y + k, f32x4.mul(factor, a1), 16);
    v128.store(y + k, f32x4.mul(factor, a2), 32);
    v128.store(y + k, f32x4.mul(factor, a3), 48);
  }
  for (; k + 16 <= bytes; k += 16) {
    let a = base ? v128.load(base + k) : zero;
    for (let t = first; t < last; t += 4) {
      const v = values ? v128.load32_splat(t + shift) : f32x4.splat(1);
      a = f32x4.add(a, f32x4.mul(v, v128.load(X + <usize>load<i32>(t) * bytes + k)));
    }
    v128.store(y + k, f32x4.mul(factor, a));
  }
  for (; k < bytes; k += 4) {
    let a: f32 = base ? load<f32>(base + k) : 0;
    for (let t = first; t < last; t += 4) {
      const v: f32 = values ? load<f32>(t + shift) : 1;
      a += v * load<f32>(X + <usize>load<i32>(t) * bytes + k);
    }
    store<f32>(y + k, scale * a);
  }
}

/** Row r of `table`, where `slots` is 0 or says which row stands for r; 0 where there is none. */
// @ts-ignore: decorator
@inline
function rowOf(table: usize, slots: usize, r: i32, bytes: usize): usize {
  if (!table) return 0;
  const slot = slots ? load<i32>(slots + (<usize>r << 2)) : r;
  return slot < 0 ? 0 : table + <usize>slot * bytes;
}

/**
 * out[t] = scale·(base[r] + Σ_e values[e]·X[indices[e]]) over the entries of row r, for t in [t0, t1); r = t, or picked[t]
 * where picked is not 0. base 0: zeros; with slots, base holds row r at slots[r], zeros if that is negative.
 */
export function spmmRows(
  indptr: usize, indices: usize, values: usize, X: usize, width: i32, base: usize, slots: usize, picked: usize,
  out: usize, t0: i32, t1: i32, scale: f32,
): void {
  const bytes = <usize>width << 2;
  for (let t = t0; t < t1; t++) {
    const r = picked ? load<i32>(picked + (<usize>t << 2)) : t;
    const p = indptr + (<usize>r << 2);
    const y = out + <usize>t * bytes;
    spmmRow(indices, values, load<i32>(p), load<i32>(p, 4), X, width, rowOf(base, slots, r, bytes), y, scale);
  }
}

/**
 * out[r] = scale·(X[r] + Σ_e values[e]·X[indices[e]]) for r in [r0, r1), where X has only the rows at slots[r], the others
 * (negative) being zero. scratch: 8 bytes for each entry of the longest row.
 */
export function spmmFew(
  indptr: usize, indices: usize, values: usize, X: usize, width: i32, slots: usize,
  out: usize, r0: i32, r1: i32, scale: f32, scratch: usize,
): void {
  const bytes = <usize>width << 2;
  for (let r = r0; r < r1; r++) {
    const s = load<i32>(indptr + (<usize>r << 2)), e = load<i32>(indptr + (<usize>r << 2), 4);
    const weights = scratch + (<usize>(e - s) << 2);
    let n: usize = 0;
    for (let t = <usize>s << 2; t < <usize>e << 2; t += 4) {
      const slot = load<i32>(slots + (<usize>load<i32>(indices + t) << 2));
      if (slot < 0) continue;
      store<i32>(scratch + n, slot);
      store<f32>(weights + n, load<f32>(values + t));
      n += 4;
    }
    const base = rowOf(X, slots, r, bytes);
    spmmRow(scratch, weights, 0, <i32>(n >> 2), X, width, base, out + <usize>r * bytes, scale);
  }
}

/** out[i, j] = Σ_u x_ui·x_uj for i in [i0, i1) and all j < n: X by rows (indptr …) and by columns (t…); values 0: ones. */
export function gramRows(
  indptr: usize, indices: usize, values: usize, tIndptr: usize, tIndices: usize, tValues: usize,
  n: i32, out: usize, i0: i32, i1: i32,
): void {
  for (let i = i0; i < i1; i++) {
    const row = out + ((<usize>i * <usize>n) << 2);
    memory.fill(row, 0, <usize>n << 2);
    const end = load<i32>(tIndptr + (<usize>i << 2), 4);
    for (let s = load<i32>(tIndptr + (<usize>i << 2)); s < end; s++) {
      const u = <usize>load<i32>(tIndices + (<usize>s << 2)) << 2;
      const v: f32 = tValues ? load<f32>(tValues + (<usize>s << 2)) : 1;
      const last = indices + (<usize>load<i32>(indptr + u, 4) << 2);
      let t = indices + (<usize>load<i32>(indptr + u) << 2);
      if (values) {
        const shift = values - indices;
        for (; t < last; t += 4) {
          const at = row + (<usize>load<i32>(t) << 2);
          store<f32>(at, load<f32>(at) + v * load<f32>(t + shift));
        }
      } else {
        for (; t < last; t += 4) {
          const at = row + (<usize>load<i32>(t) << 2);
          store<f32>(at, load<f32>(at) + 1);
        }
      }
    }
  }
}
